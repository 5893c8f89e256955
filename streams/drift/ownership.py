"""Alarms that a change of ownership explains: the metric moved because touchpoints came or went."""

from collections import defaultdict
from typing import Final

from metrics.drift.baselines import Baseline
from metrics.drift.contributions import GroupTotal, contributions
from metrics.drift.detection import Alarm
from metrics.drift.subjects import EMPTY_TALLY, SUBJECTS, Tally
from metrics.durations import DAY_S
from streams.drift import observations
from streams.drift.observations import OwnedTally
from streams.drift.repository import ExplainedBy
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

EXPLAINS: Final = 0.5
"""More than this share of the change must come from what changed hands."""


def explained_by(store: Store, compiled: CompiledRegistry, baseline: Baseline, alarm: Alarm) -> ExplainedBy:
    """What explains an alarm: `ownership` or `none`.

    What was counted from `since` to the alarm is compared with the baseline's stretch, apart for what changed hands
    between the beginning of that stretch and the alarm, and for what did not: contributions that add up to the change.
    """
    if alarm.state == "calm" or alarm.since_s is None:
        return "none"
    between = (baseline.start_s, alarm.at_s)
    if not any(between[0] < boundary <= between[1] for boundary in compiled.attribution.boundaries):
        return "none"
    before = _parts(store, compiled, baseline, between, (baseline.start_s, baseline.end_s))
    after = _parts(store, compiled, baseline, between, (alarm.since_s, alarm.at_s))
    shares = {part.group: part.share for part in contributions(SUBJECTS[baseline.metric], before, after)}
    return "ownership" if (shares.get("moved") or 0.0) > EXPLAINS else "none"


def _parts(
    store: Store, compiled: CompiledRegistry, baseline: Baseline, between: tuple[int, int], span_s: tuple[int, int]
) -> dict[str, GroupTotal]:
    """The department's totals of a stretch: of what changed hands between two instants, and of what stayed."""
    subject, days = SUBJECTS[baseline.metric], max(1, span_s[1] - span_s[0]) / DAY_S
    kinds: defaultdict[str, dict[str, Tally]] = defaultdict(dict)
    for item in observations.owned_tallies(
        store, compiled.attribution, compiled.attribution.names, subject.kinds, *span_s
    ):
        if item.owner == baseline.department:
            group = kinds["moved" if _moved(compiled, item, between) else "stayed"]
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
