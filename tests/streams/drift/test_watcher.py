import asyncio
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from streams.drift import repository
from streams.drift.repository import AlarmRow
from streams.drift.watcher import DetectionRunner, DriftWatcher
from streams.figures import minutes
from streams.registry.file import CompiledRegistry, RegistryWatcher, sample
from streams.simulate import SIMULATED_COMPANY
from streams.store.client import Store
from streams.store.clock import store_time
from tests.streams.drift.conftest import END, Demo
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of, until

POLICY = DetectionPolicy(1.0, DEFAULT_SHIFTS)
PAIR = ("service", "csat")
SCORES = random.Random(7).choices((2, 4, 5), k=3000)


def plain(rows: list[AlarmRow]) -> list[tuple[Any, ...]]:
    return [(row.department, row.metric, row.at, row.state, row.baseline_id) for row in rows]


def test_the_drift_that_the_simulation_planted_is_found_with_its_owner_and_its_begin(demo: Demo) -> None:
    snapshot = DetectionRunner(demo.store, POLICY).look(demo.compiled, END, 0.0)
    begins = END - SIMULATED_COMPANY.drift.lead
    assert snapshot.detections[PAIR].detector_state.state == "down"
    [*_, last] = [row for row in repository.alarms(demo.store) if (row.department, row.metric) == PAIR]
    assert (last.state, last.direction, last.baseline_id) == ("down", "down", "service/csat/2")
    assert begins < last.at < begins + timedelta(days=8)
    assert last.since is not None
    assert begins - timedelta(days=10) < last.since < last.at
    month = [row for row in repository.alarms(demo.store) if row.at > END - timedelta(days=30)]
    assert snapshot.alarms == sum(row.state != "calm" for row in month) > 0
    assert snapshot.budget == POLICY.budget


def test_looking_on_from_the_checkpoint_gives_what_a_look_from_the_beginning_gives(demo: Demo) -> None:
    watcher = DetectionRunner(demo.store, POLICY)
    # Before the drift, then on: the alarm is found by a detector that goes on from where it stood.
    watcher.look(demo.compiled, END - timedelta(days=13), 0.0)
    for days in (12, 8, 4, 1):
        watcher.look(demo.compiled, END - timedelta(days=days), 0.0)
    onward = watcher.look(demo.compiled, END, 0.0)
    rows = plain(repository.alarms(demo.store))
    whole = DetectionRunner(demo.store, POLICY).look(demo.compiled, END, 0.0)
    assert onward == whole
    assert plain(repository.alarms(demo.store)) == rows


def test_a_history_that_is_coming_in_makes_no_baseline_until_it_is_there(
    store: Store, compiled: CompiledRegistry
) -> None:
    days = [event(n, "csat", END - timedelta(minutes=20 * n), score=SCORES[n]) for n in range(1, 1501)]
    store.insert_facts(facts_of(days, compiled))
    watcher = DetectionRunner(store, POLICY)
    assert watcher.look(compiled, END, 0.0).detections == {}
    list(minutes.refresh(store, timedelta(0)))
    assert watcher.look(compiled, END, 0.0).detections == {}
    assert watcher.waits
    # Eleven seconds later nothing more has come.
    store.insert("refreshes", ("upto", "minutes"), ([store_time(store) + timedelta(seconds=11)], [0]))
    assert set(watcher.look(compiled, END, 2.0).detections) == {("sales", "csat")}
    assert not watcher.waits


def test_late_facts_are_computed_from_the_beginning_and_what_no_longer_holds_is_withdrawn(
    store: Store, compiled: CompiledRegistry
) -> None:
    begin = END - timedelta(minutes=20 * 3000)

    def answers(first: int, last: int, score: int) -> None:
        made = [
            event(n, "csat", begin + timedelta(minutes=20 * n), score=score or SCORES[n]) for n in range(first, last)
        ]
        store.insert_facts(facts_of(made, compiled))
        list(minutes.refresh(store, timedelta(minutes=5)))
        store.insert("refreshes", ("upto", "minutes"), ([store_time(store) + timedelta(seconds=11)], [0]))

    answers(0, 2000, 0)
    answers(2000, 2100, 1)
    watcher = DetectionRunner(store, DetectionPolicy(0.01, DEFAULT_SHIFTS))
    watcher.look(compiled, END, 0.0)
    assert [row.state for row in repository.alarms(store)] == ["down"]
    answers(2000, 2100, 0)  # sent again, and not as bad as they were at first
    watcher.look(compiled, END, 1e6)
    assert [row.state for row in repository.alarms(store)] == []


async def test_only_the_elected_worker_watches(demo: Demo) -> None:
    elected = [False]
    watch = DriftWatcher(demo.store, RegistryWatcher(sample()), POLICY, 0.05, lambda: elected[0])
    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0.2)
    assert watch.latest is None
    elected[0] = True
    await until(lambda: watch.latest is not None)
    assert watch.latest is not None
    assert PAIR in watch.latest.detections
    elected[0] = False
    await until(lambda: watch.latest is None)
    running.cancel()
    await asyncio.wait([running])


async def test_a_look_that_fails_is_told_and_another_one_made(
    engine: EngineProcess, registry_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = Store(engine.settings("no_such_database"))
    watch = DriftWatcher(missing, RegistryWatcher(registry_path), POLICY, 0.05, lambda: True)
    running = asyncio.create_task(watch.run())
    await until(lambda: caplog.text.count("could not be computed") > 1)
    assert watch.latest is None
    running.cancel()
    await asyncio.wait([running])
    missing.close()
