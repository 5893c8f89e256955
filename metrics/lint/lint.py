"""The checks of `cxb check`: can a registry file be read, and does it say what its author probably means?

Errors make figures wrong; warnings are about what a company may intend, but should know. The checks are neutral
between policies: one owner, shared ownership and a team are all fine.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from metrics.catalogue import METRICS
from metrics.durations import DAY_S
from metrics.lint.policies import numbered, policy_problems
from metrics.lint.rules import rule_problems
from metrics.lint.touchpoints import touchpoint_problems
from metrics.registry import COMPANY, Code, Lines, Problem, Registry, RegistryError, Target, lines_of, parse
from metrics.registry.attribution import Attribution
from metrics.registry.told_apart import MANY_TOLD_APART, TooManyToldApartError


def lint(text: str) -> tuple[Problem, ...]:
    """Returns all problems of a registry file, in order of lines; empty if it has none.

    The meaning of the rules is checked only if the file has no structural problem.
    """
    try:
        return lint_registry(parse(text), text)
    except RegistryError as error:
        return error.problems


def lint_registry(registry: Registry, text: str) -> tuple[Problem, ...]:
    """Returns the problems of a registry that could be read from a text, in order of its lines."""
    lines = lines_of(text, registry)
    problems = [
        *_top_problems(registry, lines),
        *touchpoint_problems(registry, lines),
        *rule_problems(registry),
        *_told_apart_problems(registry),
        *_department_problems(registry, lines),
        *_receiver_problems(registry, lines),
        *_target_problems(registry, lines),
        *policy_problems(registry, lines),
    ]
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))


def _top_problems(registry: Registry, lines: Lines) -> Iterator[Problem]:
    by_rule = bool(registry.ownerships) and all(rule.sponsor for rule in registry.ownerships)
    if registry.sponsor is None and not by_rule:
        message = "the company names no executive sponsor for the customers' experience"
        yield Problem("warning", Code.NO_SPONSOR, "sponsor", None, message, 'add sponsor = "..." at the top')
    short_s, long_s = registry.horizons.short_s, registry.horizons.long_s
    if short_s >= long_s:
        message = f"the short half-life ({short_s / DAY_S:g} d) is not below the long one ({long_s / DAY_S:g} d)"
        line = lines.find("horizons", 1, "short")
        yield Problem("warning", Code.HORIZON_ORDER, "horizons.short", line, message, "swap or correct them")


def _told_apart_problems(registry: Registry) -> Iterator[Problem]:
    remedy = "name segments, regions and kinds only in rules of the touchpoints where they decide"
    try:
        size = Attribution(registry).told_apart.size
    except TooManyToldApartError as error:
        yield Problem("error", Code.MANY_TOLD_APART, "ownership", None, str(error), remedy)
        return
    if size > MANY_TOLD_APART:
        message = (
            f"the rules tell {size:,} combinations of touchpoint, segment, region and kind, and dates of these, apart: "
            f"above {MANY_TOLD_APART:,} each reading of figures costs more"
        )
        yield Problem("warning", Code.MANY_TOLD_APART, "ownership", None, message, remedy)


def _department_problems(registry: Registry, lines: Lines) -> Iterator[Problem]:
    busy = {name for rule in registry.ownerships for name in (rule.owner, *rule.contributors)}
    for team in registry.departments:
        if team.id in busy:
            busy |= team.members.keys()
    for name, section, number in numbered(registry):
        if name not in busy:
            path, line = f"{section}[{number}].id", lines.find(section, number, "id")
            message = f"{name!r} owns nothing and contributes to nothing"
            remedy = "add an [[ownership]] that names it, or remove the department"
            yield Problem("warning", Code.IDLE_DEPARTMENT, path, line, message, remedy)


def _receiver_problems(registry: Registry, lines: Lines) -> Iterator[Problem]:
    """One problem, however many departments: a company that wants no alerts wants one line about it."""
    owners = {rule.owner for rule in registry.ownerships}
    notified = {department.id for department in registry.departments if department.receiver}
    silent = [entry for entry in numbered(registry) if entry[0] in owners - notified]
    if silent:
        _, section, number = silent[0]
        message = f"no receiver of alerts for {', '.join(name for name, _, _ in silent)}: the fallback gets them"
        remedy = 'add receiver = "..." to each, then run cxb alertmanager again'
        path, line = f"{section}[{number}].receiver", lines.find(section, number, "id")
        yield Problem("warning", Code.NO_RECEIVER, path, line, message, remedy)


def _target_problems(registry: Registry, lines: Lines) -> Iterator[Problem]:
    yield from _one_sided(registry)
    owned = _owned_kinds(registry)
    for number, target in enumerate(registry.targets, start=1):
        if target.department is None and METRICS[target.metric].unit == "a day":
            yield _volume_for_all(target, number, lines)
        if target.department not in (None, COMPANY) and not _is_measured(target, owned[target.department]):
            kinds = " or ".join(METRICS[target.metric].kinds)
            path, line = f"target[{number}].metric", lines.find("target", number, "metric")
            message = (
                f"no rule gives {target.department!r} events of kind {kinds}, so its {target.metric} has no figure"
            )
            remedy = "give it a touchpoint with such events, or remove the target"
            yield Problem("warning", Code.TARGET_NOT_MEASURED, path, line, message, remedy)


def _volume_for_all(target: Target, number: int, lines: Lines) -> Problem:
    message = (
        f"{target.metric} has a target of {target.internal:,.10g} a day without a department: each department has to "
        "reach as much alone, and the whole company no more"
    )
    remedy = 'give it a department, and the company one of its own: department = "company"'
    path, line = f"target[{number}].metric", lines.find("target", number, "metric")
    return Problem("warning", Code.VOLUME_FOR_ALL, path, line, message, remedy)


def _owned_kinds(registry: Registry) -> Mapping[str, set[str | None]]:
    """Which kinds of events rules give to each department; None: all."""
    owned: defaultdict[str, set[str | None]] = defaultdict(set)
    for rule in registry.ownerships:
        owned[rule.owner].add(rule.kind)
    return owned


def _is_measured(target: Target, owned: set[str | None]) -> bool:
    return not owned.isdisjoint((None, *METRICS[target.metric].kinds))


def _one_sided(registry: Registry) -> Iterator[Problem]:
    for term in ("short", "long"):
        served = {target.department for target in registry.targets if METRICS[target.metric].term == term}
        lacking = [] if None in served else [d.id for d in registry.departments if d.id not in served]
        if lacking:
            message = f"no {term}-term metric has a target for {', '.join(lacking)}, so their {term}_index is empty"
            names = ", ".join(name for name, metric in METRICS.items() if metric.term == term)
            remedy = f"add a [[target]] for one of: {names}"
            yield Problem("warning", Code.ONE_SIDED_TARGETS, "target", None, message, remedy)
