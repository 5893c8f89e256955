"""Alarms that a change of ownership explains: the metric moved because touchpoints came or went."""

from collections import defaultdict
from typing import Final, NamedTuple

from metrics.drift.baselines import Baseline
from metrics.drift.contributions import EXPLAINS, GroupTotal, contributions
from metrics.drift.detection import Alarm
from metrics.drift.subjects import EMPTY_TALLY, SUBJECTS, Tally
from metrics.durations import DAY_S
from streams.drift import observations
from streams.drift.observations import Combination, OwnedTally
from streams.drift.repository import ExplainedBy
from streams.registry.file import CompiledRegistry
from streams.store.client import Store


class MovedShare(NamedTuple):
    """What changed hands, and the part of a metric's change that comes from it.

    Attributes:
        share: Of the whole change, which is 1; above 1 the rest moved the other way, below 0 this did.
        touchpoints: Their ids, sorted.
    """

    share: float
    touchpoints: tuple[str, ...]


NOTHING_MOVED: Final = MovedShare(0.0, ())


def explained_by(store: Store, compiled: CompiledRegistry, baseline: Baseline, alarm: Alarm) -> ExplainedBy:
    """What explains an alarm: `ownership` or `none`."""
    if alarm.state == "calm" or alarm.since_s is None:
        return "none"
    moved = moved_share(store, compiled, baseline, alarm.since_s, alarm.at_s)
    return "ownership" if moved.share > EXPLAINS else "none"


def moved_share(store: Store, compiled: CompiledRegistry, baseline: Baseline, since_s: int, until_s: int) -> MovedShare:
    """The part of a change that comes from what changed hands.

    What was counted from `since_s` to `until_s` is compared with the baseline's stretch, apart for what changed hands
    between the beginning of that stretch and the end, and for what did not: contributions that add up to the change.
    """
    between = (baseline.start_s, until_s)
    if not any(between[0] < boundary <= between[1] for boundary in compiled.attribution.boundaries):
        return NOTHING_MOVED
    subject, touchpoints = SUBJECTS[baseline.metric], set[str]()
    parts: list[dict[str, GroupTotal]] = []
    for span_s in ((baseline.start_s, baseline.end_s), (since_s, until_s)):
        tallies = observations.owned_tallies(store, compiled.attribution, compiled.names, subject.kinds, *span_s)
        own = [item for item in tallies if item.owner == baseline.department]
        moved = {item.combination for item in own if _moved(compiled, item, between)}
        touchpoints |= {combination.touchpoint for combination in moved}
        parts.append(_totals(baseline, own, moved, span_s))
    shares = {part.group: part.share for part in contributions(subject, *parts)}
    return MovedShare(shares.get("moved") or 0.0, tuple(sorted(touchpoints)))


def _totals(
    baseline: Baseline, own: list[OwnedTally], moved: set[Combination], span_s: tuple[int, int]
) -> dict[str, GroupTotal]:
    """The department's totals of a stretch: of what changed hands, and of what stayed."""
    subject, days = SUBJECTS[baseline.metric], max(1, span_s[1] - span_s[0]) / DAY_S
    kinds: defaultdict[str, dict[str, Tally]] = defaultdict(dict)
    for item in own:
        group = kinds["moved" if item.combination in moved else "stayed"]
        kind = item.combination.kind
        group[kind] = group.get(kind, EMPTY_TALLY).plus(item.tally)
    totals = {group: GroupTotal(*subject.observe(tallies)) for group, tallies in kinds.items()}
    if subject.manner == "volume":
        return {group: GroupTotal(days, part.total) for group, part in totals.items()}
    return totals


def _moved(compiled: CompiledRegistry, item: OwnedTally, between: tuple[int, int]) -> bool:
    boundaries, owners = compiled.attribution.spans(*item.combination)
    changes = zip(boundaries, owners, owners[1:], strict=False)
    return any(
        between[0] < at_s <= between[1] and item.owner in (old, new) and old != new for at_s, old, new in changes
    )
