"""Alarms of drift as a report tells them: also whether a metric moved because touchpoints changed hands.

A figure of the owners at the time moves when a touchpoint comes or goes, whatever customers think. What was counted
since the drift began is compared with the baseline's stretch, apart for what changed hands in between and for what did
not; the contributions of both add up to the change.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from metrics.drift.baselines import Baseline
from metrics.drift.contributions import GroupTotal, contributions
from metrics.drift.subjects import EMPTY_TALLY, SUBJECTS, Tally
from metrics.durations import DAY_S
from metrics.report.findings import MetricInAlarm
from streams.drift import observations, repository
from streams.drift.explanation import in_alarm
from streams.drift.observations import OwnedTally
from streams.registry.file import CompiledRegistry
from streams.store.client import Store


def metrics_in_alarm(store: Store, compiled: CompiledRegistry, at: datetime) -> Iterator[MetricInAlarm]:
    """What is in alarm at an instant, each with the part of its change that comes from a change of ownership."""
    baselines = {baseline.id: baseline for versions in repository.baselines(store).values() for baseline in versions}
    for row in in_alarm(row for row in repository.alarms(store) if row.at <= at):
        # An alarm always has a begin.
        if row.state != "calm" and row.since is not None:
            since_s, baseline = int(row.since.timestamp()), baselines.get(row.baseline_id)
            moved = () if baseline is None else _moved(store, compiled, baseline, since_s, int(at.timestamp()))
            yield MetricInAlarm(row.department, row.metric, row.state, since_s, *moved)


def watched(store: Store, at: datetime) -> frozenset[tuple[str, str]]:
    """Departments and metrics that detectors look at: those that have a baseline in force at an instant."""
    at_s, by_pair = int(at.timestamp()), repository.baselines(store)
    return frozenset(pair for pair, some in by_pair.items() if any(item.valid_from_s <= at_s for item in some))


def _moved(
    store: Store, compiled: CompiledRegistry, baseline: Baseline, since_s: int, at_s: int
) -> tuple[float, tuple[str, ...]] | tuple[()]:
    """The share of the change that comes from what changed hands, and the touchpoints; empty if nothing did."""
    if not any(baseline.start_s < boundary < at_s for boundary in compiled.attribution.boundaries):
        return ()
    spans = ((baseline.start_s, baseline.end_s), (since_s, at_s))
    before, after = (_tallies(store, compiled, baseline, *span) for span in spans)
    moved = {
        item.combination.touchpoint for item in (*before, *after) if _changed(compiled, item, baseline.start_s, at_s)
    }
    subject = SUBJECTS[baseline.metric]
    parts = (_parts(baseline, items, moved, span) for items, span in zip((before, after), spans, strict=True))
    shares = {part.group: part.share for part in contributions(subject, *parts)}
    return (shares.get("moved") or 0.0, tuple(sorted(moved))) if moved else ()


def _tallies(
    store: Store, compiled: CompiledRegistry, baseline: Baseline, since_s: int, until_s: int
) -> list[OwnedTally]:
    kinds = SUBJECTS[baseline.metric].kinds
    tallies = observations.owned_tallies(store, compiled.attribution, compiled.names, kinds, since_s, until_s)
    return [item for item in tallies if item.owner == baseline.department]


def _changed(compiled: CompiledRegistry, item: OwnedTally, since_s: int, until_s: int) -> bool:
    boundaries, owners = compiled.attribution.spans(*item.combination)
    changes = zip(boundaries, pairwise(owners), strict=True)
    return any(since_s < at_s < until_s and old != new and item.owner in (old, new) for at_s, (old, new) in changes)


def _parts(
    baseline: Baseline, items: list[OwnedTally], moved: set[str], span: tuple[int, int]
) -> dict[str, GroupTotal]:
    subject, days = SUBJECTS[baseline.metric], max(1, span[1] - span[0]) / DAY_S
    kinds: defaultdict[str, dict[str, Tally]] = defaultdict(dict)
    for item in items:
        group = kinds["moved" if item.combination.touchpoint in moved else "stayed"]
        group[item.combination.kind] = group.get(item.combination.kind, EMPTY_TALLY).plus(item.tally)
    totals = {name: GroupTotal(*subject.observe(group)) for name, group in kinds.items()}
    if subject.manner == "volume":
        return {name: GroupTotal(days, part.total) for name, part in totals.items()}
    return totals
