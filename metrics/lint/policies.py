"""Checks of a registry against its own statements on governance: limits, silos, programmes, target groups."""

from collections.abc import Iterator
from itertools import combinations

from metrics.governance.declared import touchpoints_reached
from metrics.governance.dispersion import effective_owners
from metrics.governance.lines import TOLERANCE, new_silo, owned_touchpoints
from metrics.governance.responsibility import Division, experience_departments, lines_at, service_departments
from metrics.registry import Code, Lines, Problem, Programme, Registry
from metrics.registry.attribution import Attribution
from metrics.registry.claims import patterns_of


def policy_problems(registry: Registry, lines: Lines) -> Iterator[Problem]:
    """Yields what contradicts the company's own policy, or has no effect."""
    yield from _crowded(registry)
    yield from _silo(registry, lines)
    yield from _duplicate_programs(registry, lines)
    yield from _unreached(registry, lines)
    yield from _unknown_segments(registry)


def numbered(registry: Registry) -> Iterator[tuple[str, str, int]]:
    """Yields each department's id with the section and number, from 1, of its table in the file."""
    departments = [department.id for department in registry.departments if not department.members]
    teams = [department.id for department in registry.departments if department.members]
    for section, ids in (("department", departments), ("team", teams)):
        for number, name in enumerate(ids, start=1):
            yield name, section, number


def _crowded(registry: Registry) -> Iterator[Problem]:
    division = Division(registry)
    for rule in registry.ownerships:
        policy = division.policy(rule.touchpoint)
        cooks = effective_owners(division.shares(rule, policy.name))
        if policy.limit is not None and cooks > policy.limit + TOLERANCE:
            message = f"the work is shared by {cooks:.2f} effective owners, the policy allows {policy.limit:g}"
            remedy = "give more of it to one department, or raise max_effective_owners"
            path = f"ownership[{rule.position + 1}]"
            yield Problem("warning", Code.TOO_MANY_OWNERS, path, rule.line, message, remedy)


def _silo(registry: Registry, lines: Lines) -> Iterator[Problem]:
    # The final state: after the last change in the file.
    at_s = max(Attribution(registry).boundaries, default=0)
    owned = owned_touchpoints(lines_at(registry, at_s))
    experience, service = (find(registry.departments) for find in (experience_departments, service_departments))
    silo = new_silo(owned, experience, service)
    for name, section, number in numbered(registry):
        if name == silo:
            message = f"{name!r} owns most touchpoints while customer service owns none: a new silo"
            remedy = "leave touchpoints with the departments that meet the customers, and let it coordinate"
            path, line = f"{section}[{number}].id", lines.find(section, number, "id")
            yield Problem("warning", Code.NEW_SILO, path, line, message, remedy)


def _duplicate_programs(registry: Registry, lines: Lines) -> Iterator[Problem]:
    reached = touchpoints_reached(registry.programmes, (touchpoint.id for touchpoint in registry.touchpoints))
    covered = [of | _exact(programme) for of, programme in zip(reached, registry.programmes, strict=True)]
    for (i, one), (j, other) in combinations(enumerate(registry.programmes, start=1), 2):
        competing = one.metric == other.metric and (one.owner, one.target) != (other.owner, other.target)
        if competing and _meet(one, other) and (common := covered[i - 1] & covered[j - 1]):
            message = (
                f"program[{i}] ({one.name}) is to bring {one.metric} of {', '.join(sorted(common))} to "
                f"{one.target:,.10g} for {one.owner!r}, this one to {other.target:,.10g} for {other.owner!r}"
            )
            path, line = f"program[{j}]", lines.find("program", j)
            yield Problem(
                "warning", Code.PROGRAM_DUPLICATE, path, line, message, "merge the two, or separate their touchpoints"
            )


def _meet(one: Programme, other: Programme) -> bool:
    """Whether there is a time at which both programmes run."""
    starts = [start for start in (one.valid_from, other.valid_from) if start is not None]
    ends = [end for end in (one.valid_to, other.valid_to) if end is not None]
    return not starts or not ends or max(starts) < min(ends)


def _exact(programme: Programme) -> frozenset[str]:
    return frozenset(pattern for pattern in programme.touchpoints if not pattern.endswith("*"))


def _unreached(registry: Registry, lines: Lines) -> Iterator[Problem]:
    reached = {pattern for touchpoint in registry.touchpoints for pattern in patterns_of(touchpoint.id)} | {"*"}
    named: list[tuple[str, int, str, tuple[str, ...]]]
    named = [("touchpoint_policy", i, "touchpoint", (item.touchpoint,)) for i, item in enumerate(registry.policies, 1)]
    named += [("program", i, "touchpoints", item.touchpoints) for i, item in enumerate(registry.programmes, 1)]
    for section, number, key, patterns in named:
        for pattern in patterns:
            if pattern not in reached:
                message = f"no declared touchpoint matches {pattern!r}"
                path, line = f"{section}[{number}].{key}", lines.find(section, number, key)
                remedy = "add a [[touchpoint]] or correct the pattern"
                yield Problem("warning", Code.UNDECLARED_TOUCHPOINT, path, line, message, remedy)


def _unknown_segments(registry: Registry) -> Iterator[Problem]:
    declared = {segment.id for segment in registry.segments}
    for rule in registry.ownerships:
        if declared and rule.segment is not None and rule.segment not in declared:
            message = f"segment {rule.segment!r} is not declared"
            remedy = "add a [[segment]] for it, or correct it"
            path = f"ownership[{rule.position + 1}].segment"
            yield Problem("warning", Code.UNDECLARED_SEGMENT, path, rule.line, message, remedy)
