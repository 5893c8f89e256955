"""A store's clock that was ahead and stepped back: rows are there with versions later than any that it gives now."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.events import facts
from metrics.events.pseudonyms import pseudonyms
from metrics.figures.days import day_of
from metrics.registry import Horizons
from streams.drift import extent
from streams.figures import days, minutes
from streams.figures.rebuild import rebuild
from streams.figures.reconcile import mismatched_days, mismatched_minutes
from streams.figures.refresh import SWEEP, Refresher
from streams.ingest.erased import ErasedFilter
from streams.operations.erase import erase_from_store
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.settings.settings import RefreshSettings
from streams.store import rejected
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.statements import Statement
from streams.store.versions import MILLISECOND
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, NOON, event, facts_of, landing_of

VERSIONS = {
    "events": "ingested_at",
    "cells": "refreshed_at",
    "day_cells": "folded_at",
    "day_folds": "marked_at",
    "refreshes": "upto",
    "rejected": "rejected_at",
}
HORIZONS = Horizons()
steps = pytest.mark.parametrize(
    "ahead",
    [
        timedelta(minutes=2),
        *(
            pytest.param(ahead, marks=pytest.mark.long)
            for ahead in (timedelta(seconds=20), timedelta(days=1), timedelta(days=365))
        ),
    ],
    ids=str,
)


@pytest.fixture
def make_refresher(store: Store, registry_path: Path) -> Callable[[], Refresher]:
    return lambda: Refresher(store, RegistryWatcher(registry_path), RefreshSettings(), lambda: True)


def was_ahead(store: Store, by: timedelta) -> None:
    """Leaves the rows that a store's clock leaves that was so far ahead until now."""
    for table, version in VERSIONS.items():
        final = "" if table == "refreshes" else "FINAL"
        store.command(
            f"INSERT INTO {table} SELECT * REPLACE "
            f"({version} + toIntervalSecond({int(by.total_seconds())}) AS {version}) FROM {table} {final}"
        )


def refresh(store: Store) -> int:
    return list(minutes.refresh(store, timedelta(seconds=3)))[-1][1]


def counts(store: Store) -> dict[datetime, tuple[int, int]]:
    rows = store.query("SELECT minute, sum(n) AS n, sum(sum_score) AS score FROM cells_latest GROUP BY minute")
    return {row["minute"]: (row["n"], row["score"]) for row in rows}


def wrong(store: Store) -> int:
    return mismatched_minutes(store, NOON - timedelta(days=2), NOON + timedelta(days=2))


@steps
def test_what_lands_after_the_step_is_in_the_cells(store: Store, compiled: CompiledRegistry, ahead: timedelta) -> None:
    store.insert_facts(facts_of([event(1, score=2)], compiled))
    refresh(store)
    was_ahead(store, ahead)
    later = NOON + timedelta(minutes=7)
    store.insert_facts(facts_of([event(2, score=5), event(3, score=7, at=later)], compiled))
    assert refresh(store) == 2
    assert counts(store) == {NOON: (2, 7), later: (1, 7)}
    assert wrong(store) == 0


@steps
def test_the_copy_that_lands_last_stays(store: Store, compiled: CompiledRegistry, ahead: timedelta) -> None:
    store.insert_facts(facts_of([event(1, score=2)], compiled))
    refresh(store)
    was_ahead(store, ahead)
    for score in (10, 7):
        store.insert_facts(facts_of([event(1, score=score)], compiled))
        refresh(store)
        assert store.query("SELECT score FROM events_latest") == [{"score": score}]
        assert counts(store) == {NOON: (1, score)}


@steps
def test_a_rebuild_wins_over_cells_of_the_future(store: Store, compiled: CompiledRegistry, ahead: timedelta) -> None:
    store.insert_facts(facts_of([event(1, score=2)], compiled))
    refresh(store)
    store.command("INSERT INTO cells SELECT * REPLACE (n + 1 AS n) FROM cells")
    store.command("INSERT INTO cells SELECT * REPLACE ('ghost' AS touchpoint) FROM cells")
    was_ahead(store, ahead)
    assert wrong(store) == 1
    list(rebuild(store, compiled, NOON - timedelta(hours=1), NOON + timedelta(hours=1)))
    assert counts(store) == {NOON: (1, 2)}
    assert wrong(store) == 0


@steps
def test_days_are_folded_again_after_the_step(store: Store, compiled: CompiledRegistry, ahead: timedelta) -> None:
    store.insert_facts(facts_of([event(1), event(2, at=NOON + timedelta(days=1))], compiled))
    refresh(store)
    list(days.fold(store, HORIZONS))
    was_ahead(store, ahead)
    before = days.clean(store, HORIZONS)
    store.insert_facts(facts_of([event(3)], compiled))
    refresh(store)
    assert day_of(NOON.timestamp()) in before - days.clean(store, HORIZONS)
    list(days.fold(store, HORIZONS))
    assert days.clean(store, HORIZONS) == before
    assert mismatched_days(store, HORIZONS, 0) == 0


def test_a_fold_during_which_cells_change_is_not_clean_though_its_day_never_was(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.insert_facts(facts_of([event(1)], compiled))
    refresh(store)
    run, during = store.run, [int(NOON.timestamp())]

    def slow(statement: Statement, *rest: Any, **fragments: Any) -> None:
        run(statement, *rest, **fragments)
        if statement.name.endswith("fold_days") and during:  # it has read the cells, and is about to be noted
            minutes.recompute(store, [during.pop()])

    monkeypatch.setattr(store, "run", slow)
    list(days.fold(store, HORIZONS))
    assert not during
    assert day_of(NOON.timestamp()) not in days.clean(store, HORIZONS)
    list(days.fold(store, HORIZONS))
    assert day_of(NOON.timestamp()) in days.clean(store, HORIZONS)


@steps
def test_what_went_through_again_after_the_step_is_off_the_list(store: Store, ahead: timedelta) -> None:
    row = {"reason": "bad_value", "detail": "", "topic": "t", "partition": 0, "offset": 7, "payload": "",
           "fingerprint": 9, "customer": ""}  # fmt: skip
    store.insert_rejected([row])
    was_ahead(store, ahead)
    rejected.resolve(store, [row | {"resolved_at": NOON}])
    assert rejected.latest(store, None, 9) == []
    store.insert_rejected([row | {"reason": "too_old"}])
    assert [found.reason for found in rejected.latest(store, None, 9)] == ["too_old"]


@steps
def test_what_is_wrong_where_facts_landed_last_is_seen_whenever_they_occurred(
    store: Store, compiled: CompiledRegistry, make_refresher: Callable[[], Refresher], ahead: timedelta
) -> None:
    refresher = make_refresher()
    refresher.refresh(0)
    was_ahead(store, ahead)
    store.insert_facts(facts_of([event(1)], compiled))
    for now_s in (1, 10, 20):
        refresher.refresh(now_s)
    assert refresher.reconcile().mismatched == 0
    store.command("INSERT INTO cells SELECT * REPLACE (n + 1 AS n) FROM cells")
    refresher.refresh(30)
    assert refresher.reconcile().mismatched == 1
    assert refresher.clock_behind_s == pytest.approx(ahead.total_seconds(), abs=20)


def test_only_the_last_to_land_are_looked_at_again_while_the_clock_is_behind(
    store: Store, compiled: CompiledRegistry
) -> None:
    refresh(store)
    was_ahead(store, timedelta(days=1))
    changes = minutes.Changes(store)
    looked: list[int] = []
    for second in range(0, 40, 4):
        store.insert_facts(facts_of([event(second, at=NOON + timedelta(minutes=second))], compiled))
        changes.look(timedelta(seconds=3), now_s=float(second))
        looked.append(list(changes.recompute())[-1][1])
    # By the store's versions all of this landed within a few milliseconds.
    assert looked == [1, 2, *[2] * 8]


@pytest.mark.parametrize("step", [timedelta(days=1), -timedelta(days=1)], ids=["forward", "back"])
def test_an_insert_during_which_the_clock_is_set_is_found_by_the_sweep(
    store: Store, compiled: CompiledRegistry, step: timedelta
) -> None:
    changes = minutes.Changes(store)
    changes.look(timedelta(seconds=3), SWEEP, now_s=0.0)
    list(changes.recompute())
    begun = store.reading().next(MILLISECOND)
    was_ahead(store, step)
    for second in (10.0, 20.0):
        changes.look(timedelta(seconds=3), now_s=second)
        list(changes.recompute())
    columns = facts_of([event(1)], compiled)
    store.insert("events", [*facts.COLUMNS, "ingested_at"], [*columns, [begun]])
    changes.look(timedelta(seconds=3), SWEEP, now_s=60.0)
    list(changes.recompute())
    assert counts(store) == {NOON: (1, 5)}


def test_whoever_refreshes_next_finds_what_landed_while_the_clock_was_set(
    store: Store, compiled: CompiledRegistry
) -> None:
    refresh(store)
    begun = store.reading().next(MILLISECOND)
    was_ahead(store, timedelta(days=1))
    columns = facts_of([event(1)], compiled)
    store.insert("events", [*facts.COLUMNS, "ingested_at"], [*columns, [begun]])
    assert refresh(store) == 0
    changes = minutes.Changes(store)
    changes.look(timedelta(seconds=3), SWEEP)
    list(changes.recompute())
    assert counts(store) == {NOON: (1, 5)}


@steps
def test_whoever_lands_through_another_server_comes_after_what_is_there(
    store: Store, compiled: CompiledRegistry, engine: EngineProcess, ahead: timedelta
) -> None:
    store.insert_facts(facts_of([event(1, score=2)], compiled))
    refresh(store)
    was_ahead(store, ahead)
    other = Store(engine.settings(store.database))
    other.insert_facts(facts_of([event(1, score=9)], compiled))
    store.insert_facts(facts_of([event(2)], compiled))
    other.close()
    refresh(store)
    assert counts(store) == {NOON: (2, 14)}
    versions = store.query("SELECT event_id FROM events FINAL ORDER BY ingested_at")
    assert [row["event_id"] for row in versions] == ["e-1", "e-2"]


@steps
def test_a_recomputation_after_facts_went_wins_over_a_refresh_that_read_them(
    store: Store, compiled: CompiledRegistry, ahead: timedelta
) -> None:
    store.insert_facts(facts_of([event(1), event(2)], compiled))
    refresh(store)
    was_ahead(store, ahead)
    # A refresh has read two facts, and writes when the erasure is done: what it will write is held back.
    store.command("CREATE TABLE held AS cells")
    store.command(
        "INSERT INTO held SELECT * REPLACE (refreshed_at + toIntervalMicrosecond(1) AS refreshed_at) FROM cells FINAL"
    )
    store.command("ALTER TABLE events DELETE WHERE event_id = 'e-2' SETTINGS mutations_sync = 2")
    minutes.recompute(store, [int(NOON.timestamp())], wins=True)
    store.command("INSERT INTO cells SELECT * FROM held")
    assert counts(store) == {NOON: (1, 5)}


def test_what_a_person_did_until_the_erasure_is_dropped_though_the_stores_clock_is_behind(
    store: Store, compiled: CompiledRegistry
) -> None:
    now = store_time(store) + timedelta(minutes=2)
    done = [event(1, at=now - timedelta(minutes=1), customer="ann"), event(2, at=now + MILLISECOND, customer="ann")]
    erase_from_store(store, pseudonyms("ann", (KEY,)), now=now)
    assert ErasedFilter(store, (KEY,)).drop(landing_of(facts_of(done, compiled)))[1] == 1


@steps
def test_drift_sees_cells_of_the_past_that_change_after_the_step(
    store: Store, compiled: CompiledRegistry, ahead: timedelta
) -> None:
    store.insert_facts(facts_of([event(1)], compiled))
    refresh(store)
    was_ahead(store, ahead)
    looked_at = minutes.refreshed_upto(store)
    assert looked_at is not None
    store.insert_facts(facts_of([event(2, at=NOON - timedelta(days=9), touchpoint="new.one")], compiled))
    refresh(store)
    earliest = extent.earliest_change(store, looked_at)
    assert earliest == int((NOON - timedelta(days=9)).timestamp())
