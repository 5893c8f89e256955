"""Findings about the registry: changes of owner, and unclear lines of responsibility."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from metrics.governance.estimates import Estimate
from metrics.governance.evidence import p_value
from metrics.governance.lines import TOLERANCE, Line
from metrics.governance.measures import Measure
from metrics.governance.responsibility import Slice
from metrics.registry import UNOWNED
from metrics.registry.attribution import Attribution
from metrics.report.findings import Claim, Finding, Material, scaled

WHOLE: Slice = ("", "", "")
SATISFACTION_POINTS = 100.0
"""Satisfaction, 0..1, is reported in points of a hundred."""


class Passed(NamedTuple):
    """A touchpoint that passed from one owner to another; `part` names the events concerned, "" for all."""

    touchpoint: str
    old: str
    new: str
    at_s: int
    part: str = ""


def changes(material: Material) -> Iterator[Claim | Finding]:
    """Every change of owner in the period, with its effect if that can be determined."""
    effects, trends = material.of("change_effect"), material.of("change_trend_before")
    slices = {(line.touchpoint, line.slice) for line in material.lines}
    # The assessment compares before and after the last change of a touchpoint as a whole.
    whole = _passed(material, {(touchpoint, WHOLE) for touchpoint, _ in slices})
    last = {passed.touchpoint: passed for passed in reversed(whole)}
    parts = [passed for passed in _passed(material, slices) if passed._replace(part="") not in whole]
    for passed in sorted([*whole, *parts], key=lambda passed: (-passed.at_s, passed)):
        effect, trend = effects.get(passed.touchpoint), trends.get(passed.touchpoint)
        if effect is None or trend is None or last.get(passed.touchpoint) != passed:
            yield _finding("owner_changed", passed)
        elif effect.value is None or effect.is_uncertain or trend.ci is None or not trend.ci[0] <= 0 <= trend.ci[1]:
            yield _finding("change_unclear", passed, scaled(effect, SATISFACTION_POINTS))
        else:
            kind = "change_helped" if effect.value > 0 else "change_hurt"
            points = scaled(effect, SATISFACTION_POINTS)
            p = p_value(effect, freedom=effect.n_eff - 1)
            yield Claim(p, _finding(kind, passed, points), _finding("change_no_effect", passed, points))
    for version, at_s in material.versions:
        yield Finding("registry_changed", other=version, since_s=at_s)


def _finding(kind: str, passed: Passed, estimate: Estimate | None = None) -> Finding:
    return Finding(
        kind, passed.new, passed.touchpoint, passed.old, since_s=passed.at_s, estimate=estimate, part=passed.part
    )


def _passed(material: Material, slices: Iterable[tuple[str, Slice]]) -> list[Passed]:
    """The changes of owner of some slices of touchpoints in the period, the latest first."""
    attribution = Attribution(material.registry)
    result = set()
    for touchpoint, kept in slices:
        boundaries, owners = attribution.spans(touchpoint, *kept)
        for at_s, (old, new) in zip(boundaries, pairwise(owners), strict=True):
            if material.since_s < at_s < material.at_s and old != new:
                result.add(Passed(touchpoint, old, new, at_s, " ".join(filter(None, kept))))
    return sorted(result, key=lambda passed: (-passed.at_s, passed))


def responsibilities(material: Material) -> Iterator[Finding]:
    """Touchpoints with two owners or none, a new silo, departments without responsibility, programmes that conflict."""
    yield from _too_many(material.lines)
    yield from _nobody(material)
    kinds: tuple[Measure, ...] = ("new_silo", "no_responsibility")
    for kind in kinds:
        for name, estimate in material.of(kind).items():
            yield Finding(kind, name, estimate=estimate if kind == "new_silo" else None)
    bare = material.of("no_sponsor")
    if bare:
        yield Finding("no_sponsor", estimate=_whole(len(bare), 0))
    clashes: tuple[Measure, ...] = ("opposed_programs", "redundant_programs")
    for kind in clashes:
        for names, estimate in material.of(kind).items():
            yield Finding(kind, other=names, estimate=estimate)
    clear = material.of("clear_lines").get("")
    if clear is not None and clear.value == 1:
        yield Finding("clear_lines", estimate=clear)


def _too_many(lines: tuple[Line, ...]) -> Iterator[Finding]:
    for touchpoint, owners, events in _contested(lines):
        estimate = _whole(len(owners), events)
        yield Finding("two_accountable", owners[-1], touchpoint, other=" ".join(owners), estimate=estimate)
    crowded = {line.touchpoint: line for line in reversed(lines) if line.cooks > line.limit + TOLERANCE}
    for touchpoint, line in sorted(crowded.items()):
        estimate = _whole(line.cooks, sum(line.events for line in lines if line.touchpoint == touchpoint))
        yield Finding("crowded", line.accountable[0], touchpoint, estimate=estimate, against=line.limit)


def _nobody(material: Material) -> Iterator[Finding]:
    events: Counter[str] = Counter()
    for line in material.lines:
        if not line.accountable:
            events[line.touchpoint] += line.events
    for touchpoint, n in sorted(events.items(), key=lambda item: (-item[1], item[0])):
        yield Finding("orphan", UNOWNED, touchpoint, estimate=Estimate(None, None, n, float(n)))
    share = material.of("orphan_events").get("")
    if events and share is not None and share.value:
        yield Finding("orphan_events", UNOWNED, estimate=share)


def _contested(lines: tuple[Line, ...]) -> list[tuple[str, tuple[str, ...], int]]:
    events: dict[tuple[str, tuple[str, ...]], int] = {}
    for line in lines:
        if len(line.accountable) > 1:
            key = (line.touchpoint, tuple(sorted(line.accountable)))
            events[key] = events.get(key, 0) + line.events
    return sorted((touchpoint, owners, n) for (touchpoint, owners), n in events.items())


def _whole(value: float, n: int) -> Estimate:
    return Estimate(float(value), None, n, float(n))
