"""Today's detectors over one's own past: what they would have said, when, and what that would have cost."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Final

import msgspec

from metrics.catalogue import in_digits
from metrics.drift.cusum import DriftState
from metrics.drift.detection import Alarm, DetectionPolicy, detect, shares_of
from metrics.drift.subjects import SUBJECTS
from metrics.drift.volumes import days_of, month_of
from metrics.durations import MONTH_S
from metrics.zones import Zone
from streams.drift import observations, repository
from streams.drift.baselines import due_baselines
from streams.drift.ownership import explained_by
from streams.drift.repository import ExplainedBy
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch

NONE_WATCHED: Final = "nothing was watched by then: no metric had a baseline"


class ReplayedAlarm(msgspec.Struct):
    """An alarm that would have been raised.

    Attributes:
        at: When it would have been known.
        department: Whose metric.
        metric: Which metric.
        state: up or down.
        since: When the drift began, as far as the detector can say.
        until: When the alarm would have ended; None if it holds at the end.
        baseline_id: What was compared with.
        explained_by: ownership or none.
        since_from: The earliest instant at which the drift may have begun, at a confidence of 95 %; None where that
            cannot be said.
        since_to: The latest one.
    """

    at: datetime
    department: str
    metric: str
    state: DriftState
    since: datetime | None
    until: datetime | None
    baseline_id: str
    explained_by: ExplainedBy
    since_from: datetime | None
    since_to: datetime | None


class Replay(msgspec.Struct):
    """What today's detectors make of a time.

    Attributes:
        begin: From when on alarms count.
        end: Until when.
        budget: False alarms a month that are allowed.
        detectors: Metrics of departments watched at the end.
        alarms_a_month: Alarms a mean month, true and false ones, without explained ones.
        explained: Alarms that a change of ownership explains.
        by_month: Alarms without explained ones, by calendar month (UTC) such as 2026-04, those without one left out.
        alarms: Every alarm, in order of time.
        text: What it would have cost, in words.
    """

    begin: datetime
    end: datetime
    budget: float
    detectors: int
    alarms_a_month: float
    explained: int
    by_month: dict[str, int]
    alarms: list[ReplayedAlarm]
    text: str


def replay_past(
    store: Store,
    compiled: CompiledRegistry,
    policy: DetectionPolicy,
    begin: datetime | None,
    end: datetime,
    seen: Callable[[int, int], None],
) -> Replay:
    """Runs the detectors; saves nothing.

    Baselines are those that are saved, and those that would have been made since.

    Args:
        store: The store.
        compiled: Who owned what.
        policy: The operator's decisions.
        begin: From when on alarms count; None for the first baseline's beginning.
        end: Until when.
        seen: Called with the number of detectors done, and of all.
    """
    end_s = int(end.timestamp())
    observed = observations.observed(store, compiled.attribution, 0, end_s)
    baselines, _ = due_baselines(compiled, repository.baselines(store), observed, end_s)
    baselines = {pair: versions for pair, versions in baselines.items() if versions}
    shares = shares_of(baselines)
    begun_by_then = [start for start in shares.begun if start <= end_s]
    begin_s = int(begin.timestamp()) if begin else min(begun_by_then, default=end_s)
    by_id = repository.by_id(baselines)
    alarms: list[ReplayedAlarm] = []
    for done, (pair, versions) in enumerate(sorted(baselines.items()), start=1):
        steps = observed.steps.get(pair, ())
        days = days_of(steps, SUBJECTS[pair[1]].width_s)
        _, changes = detect(versions, policy, shares, steps, end_s, None, days)
        for change, later in zip_longest(changes, changes[1:]):
            if change.state != "calm" and begin_s <= change.at_s:
                explained = explained_by(store, compiled, by_id[change.baseline_id], change)
                alarms.append(_alarm(change, later, explained))
        seen(done, len(baselines))
    return _summary(alarms, policy.budget, len(begun_by_then), (begin_s, end_s), compiled.registry.zone)


def _alarm(change: Alarm, later: Alarm | None, explained: ExplainedBy) -> ReplayedAlarm:
    return ReplayedAlarm(
        from_epoch(change.at_s),
        change.department,
        change.metric,
        change.state,
        None if change.since_s is None else from_epoch(change.since_s),
        from_epoch(later.at_s) if later else None,
        change.baseline_id,
        explained,
        None if change.onset is None else from_epoch(change.onset.from_s),
        None if change.onset is None else from_epoch(change.onset.to_s),
    )


def _summary(
    alarms: Sequence[ReplayedAlarm], budget: float, detectors: int, span_s: tuple[int, int], zone: Zone
) -> Replay:
    counted = [alarm for alarm in alarms if alarm.explained_by == "none"]
    months = max(1, span_s[1] - span_s[0]) / MONTH_S
    explained = len(alarms) - len(counted)
    begin, end = from_epoch(span_s[0]), from_epoch(span_s[1])
    # The end is excluded: the last day is that of the second before it.
    first, last = zone.local(span_s[0]), zone.local(max(span_s[0], span_s[1] - 1))
    text = (
        f"alarms from {first:%F} to {last:%F}, true and false: {len(counted)}, or {in_digits(len(counted) / months)} a "
        "month; "
        f"the budget allows {budget:,.10g} false alarms a month (detectors: {detectors})"
    )
    if explained:
        text += f"; explained by a change of ownership, besides: {explained}"
    return Replay(
        begin,
        end,
        budget,
        detectors,
        len(counted) / months,
        explained,
        dict(sorted(Counter(f"{from_epoch(month_of(alarm.at.timestamp())):%Y-%m}" for alarm in counted).items())),
        sorted(alarms, key=lambda alarm: (alarm.at, alarm.department, alarm.metric)),
        text if detectors else NONE_WATCHED,
    )
