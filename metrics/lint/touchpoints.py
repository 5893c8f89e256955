"""Checks of the declared touchpoints against the rules: each should always have an owner, and one spelling."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from metrics.catalogue import KINDS
from metrics.events.nearest import TouchpointsNear
from metrics.registry import UNOWNED, Code, Lines, Ownership, Problem, Registry
from metrics.registry.attribution import Attribution
from metrics.registry.claims import patterns_of, rules_by_pattern, rules_of

Gap = tuple[int | None, int | None]
"""A stretch without an owner, epoch seconds; None is unbounded."""


def touchpoint_problems(registry: Registry, lines: Lines) -> Iterator[Problem]:
    """Yields the touchpoints that rules name but nobody declared, and those without an owner."""
    declared = [touchpoint.id for touchpoint in registry.touchpoints]
    reached = {pattern for name in declared for pattern in patterns_of(name)} | {"*"}
    undeclared = [rule for rule in registry.ownerships if rule.touchpoint not in reached]
    if undeclared:
        names = TouchpointsNear(declared)
        prefixes = TouchpointsNear(pattern.removesuffix(".*") for pattern in reached if pattern.endswith(".*"))
        yield from (_undeclared(rule, prefixes if rule.touchpoint.endswith(".*") else names) for rule in undeclared)
    attribution = Attribution(registry)
    by_pattern = rules_by_pattern(rule for rule in registry.ownerships if rule.facet is None)
    for number, name in enumerate(declared, start=1):
        path, line = f"touchpoint[{number}].id", lines.find("touchpoint", number, "id")
        for code, message, remedy in _lacks(name, rules_of(name, by_pattern), attribution):
            yield Problem("warning", code, path, line, message, remedy)


def _undeclared(rule: Ownership, known: TouchpointsNear) -> Problem:
    pattern, path = rule.touchpoint, f"ownership[{rule.position + 1}].touchpoint"
    meant = known.meant(pattern.removesuffix(".*"))
    message, end = f"touchpoint {pattern!r} is not declared", ""
    if pattern.endswith(".*"):
        message, end = f"no declared touchpoint begins with {pattern[:-1]!r}", ".*"
    remedy = f"did you mean '{meant}{end}'?" if meant else "add a [[touchpoint]] or correct the id"
    return Problem("warning", Code.UNDECLARED_TOUCHPOINT, path, rule.line, message, remedy)


def _lacks(name: str, rules: list[Ownership], attribution: Attribution) -> Iterator[tuple[Code, str, str]]:
    if not rules:
        yield Code.TOUCHPOINT_UNOWNED, f"no rule gives {name!r} an owner", "add an [[ownership]] for it, without facet"
        return
    kinds_by_gap: defaultdict[Gap, list[str]] = defaultdict(list)
    # The owner of events without segment and region also owns all others that no rule gives to somebody else.
    # Kinds that no rule names have one history: a large registry has it looked up once, not for each of them.
    named = {rule.kind for rule in rules if rule.kind}
    gaps = {kind: [*_gaps(*attribution.spans(name, "", "", kind))] for kind in ("", *named)}
    for kind in KINDS:
        for gap in gaps[kind if kind in named else ""]:
            kinds_by_gap[gap].append(kind)
    filtered = any(rule.segment or rule.region for rule in rules)
    where = " outside the segments and regions of its rules" if filtered else ""
    for gap, kinds in kinds_by_gap.items():
        what = "" if len(kinds) == len(KINDS) else f" of kind {', '.join(kinds)}"
        message = f"nobody owns events{what} at {name!r}{where}{_dates(*gap)}"
        yield Code.OWNERSHIP_GAP, message, "add an [[ownership]] for them, or change the dates of the rules around it"


def _gaps(boundaries: tuple[int, ...], owners: tuple[str, ...]) -> Iterator[Gap]:
    for n, owner in enumerate(owners):
        # Before the first rule the company did not record owners: that is no gap, unless no rule ever follows.
        if owner == UNOWNED and (n > 0 or len(owners) == 1):
            yield boundaries[n - 1] if n else None, boundaries[n] if n < len(boundaries) else None


def _dates(start_s: int | None, end_s: int | None) -> str:
    start = "" if start_s is None else f" from {_date(start_s)}"
    return start if end_s is None else f"{start} to {_date(end_s)}"


def _date(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
