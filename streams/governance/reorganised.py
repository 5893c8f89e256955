"""Alarms of drift as a report tells them: also whether a metric moved because touchpoints changed hands.

A figure of the owners at the time moves when a touchpoint comes or goes, whatever customers think. What was counted
since the drift began is compared with the baseline's stretch, apart for what changed hands in between and for what did
not; the contributions of both add up to the change.
"""

from collections.abc import Iterator
from datetime import datetime

from metrics.report.findings import MetricInAlarm
from streams.drift import repository
from streams.drift.ownership import NOTHING_MOVED, moved_share
from streams.drift.repository import in_alarm
from streams.registry.file import CompiledRegistry
from streams.store.client import Store


def metrics_in_alarm(store: Store, compiled: CompiledRegistry, at: datetime) -> Iterator[MetricInAlarm]:
    """What is in alarm at an instant, each with the part of its change that comes from a change of ownership."""
    baselines = repository.by_id(repository.baselines(store))
    for row in in_alarm(row for row in repository.alarms(store) if row.at <= at):
        # An alarm always has a begin.
        if row.state != "calm" and row.since is not None:
            since_s, baseline = int(row.since.timestamp()), baselines.get(row.baseline_id)
            # As when the alarm was explained: the report agrees with it.
            at_s = int(row.at.timestamp())
            moved = moved_share(store, compiled, baseline, since_s, at_s) if baseline else NOTHING_MOVED
            yield MetricInAlarm(row.department, row.metric, row.state, since_s, *moved)


def watched(store: Store, at: datetime) -> frozenset[tuple[str, str]]:
    """Departments and metrics that detectors look at: those that have a baseline in force at an instant."""
    at_s, by_pair = int(at.timestamp()), repository.baselines(store)
    return frozenset(pair for pair, some in by_pair.items() if any(item.valid_from_s <= at_s for item in some))
