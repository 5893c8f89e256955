"""Drift as a report tells it: the alarms, what is watched, and what the alert budget means.

A figure of the owners at the time moves when a touchpoint comes or goes, whatever customers think. What was counted
since the drift began is compared with the baseline's stretch, apart for what changed hands in between and for what did
not; the contributions of both add up to the change.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from metrics.report.findings import AlarmsOfMonth, MetricInAlarm
from streams.drift import repository
from streams.drift.budget import alarm_budget
from streams.drift.explanation import drifting
from streams.drift.ownership import moved_share
from streams.drift.repository import Baselines
from streams.registry.file import CompiledRegistry
from streams.store.client import Store


class DriftOfPeriod(NamedTuple):
    """Drift at the end of a period: the fields of the same names of metrics.report.findings.Material."""

    drifts: tuple[MetricInAlarm, ...]
    watched: frozenset[tuple[str, str]]
    alarms: AlarmsOfMonth


def drift_at(store: Store, compiled: CompiledRegistry, budget: float, at: datetime) -> DriftOfPeriod:
    """Drift at an instant; `budget` is the number of false alarms a month that are allowed."""
    baselines, at_s = repository.baselines(store), int(at.timestamp())
    spent = alarm_budget(store, baselines, budget, at)
    return DriftOfPeriod(
        tuple(_in_alarm(store, compiled, baselines, at)),
        frozenset(pair for pair, some in baselines.items() if any(item.valid_from_s <= at_s for item in some)),
        AlarmsOfMonth(spent.detectors, spent.expected_a_month, spent.alarms, spent.explained),
    )


def _in_alarm(store: Store, compiled: CompiledRegistry, stored: Baselines, at: datetime) -> Iterator[MetricInAlarm]:
    """What drifts, each with the part of its change that comes from a change of ownership."""
    baselines = repository.by_id(stored)
    for story in drifting(store, compiled, stored, at):
        # An alarm always has a begin.
        if story.state != "calm" and story.since is not None:
            since_s = int(story.since.timestamp())
            # As when the alarm was explained: the report agrees with it.
            at_s = int(story.at.timestamp())
            moved = moved_share(store, compiled, baselines[story.baseline_id], since_s, at_s)
            yield MetricInAlarm(
                department=story.department,
                metric=story.metric,
                direction=story.state,
                since_s=since_s,
                moved_share=moved.share,
                moved=moved.touchpoints,
                before=story.before,
                after=story.after,
                n=story.n_after,
            )
