"""The store in memory does what the real engine does: the same script on both leaves the same."""

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from metrics.durations import DAY_S
from metrics.events.pseudonyms import pseudonym
from metrics.figures.days import day_of
from metrics.registry import Horizons
from streams.figures import days
from streams.figures import minutes as cells
from streams.figures.reconcile import hidden_copies, mismatched_days, mismatched_minutes
from streams.operations.erase import erase_from_store
from streams.store.client import Store, StoreUnavailable
from streams.timestamps import from_epoch
from tests.simulation.answers import ANSWER
from tests.simulation.clocks import taken_over
from tests.simulation.loop import SimulatedLoop
from tests.simulation.statements import CELL, DAY_CELL
from tests.simulation.store import FAULTS, Engine, Fault, SimulatedStore, Weather
from tests.simulation.tables import tables
from tests.simulation.worker import COMPILED
from tests.streams.given import KEY, NOON, event, facts_of

HORIZONS: Horizons = COMPILED.registry.horizons
FACT = ("event_id", "source", "touchpoint", "kind")
CELLS = (*CELL, "n", "sum_score", "sum_count")
DAY_CELLS = (*DAY_CELL, "n", "short_w")


def _facts(*numbers: int, **fields: Any) -> Any:
    events = [
        event(number, at=NOON - timedelta(days=number % 3, minutes=number % 4), customer=f"c-{number % 2}", **fields)
        for number in numbers
    ]
    return facts_of(events, COMPILED)


def _everything(steps: Iterator[object]) -> None:
    for _ in steps:
        pass


def _agreement(store: Store) -> tuple[object, ...]:
    first, last = NOON - timedelta(days=5), NOON + timedelta(days=1)
    return (
        mismatched_minutes(store, first, last),
        hidden_copies(store, first),
        sorted(day for day in days.clean(store, HORIZONS) if day <= day_of(NOON.timestamp())),
    )


def script(store: Store) -> list[object]:
    """What the service does with its store, in an order in which each statement has something to do."""
    seen: list[object] = [cells.refreshed_upto(store) is None]
    store.insert_facts(_facts(1, 2, 3, 4))
    store.insert_facts(_facts(2, 3, source="app"))
    seen.append(_agreement(store))
    _everything(cells.refresh(store, timedelta(seconds=3)))
    _everything(days.fold(store, HORIZONS))
    seen += [_agreement(store), cells.refreshed_upto(store) is None]
    store.insert_facts(_facts(2, 3, touchpoint="delivery.parcel"))
    store.insert_facts(_facts(5, kind="visit", count=7))
    seen.append(_agreement(store))
    cells.recompute(store, [int(NOON.timestamp()) - 2 * DAY_S - 120])
    seen.append(_agreement(store))
    _everything(cells.refresh(store, timedelta(minutes=5)))
    _everything(days.fold(store, HORIZONS))
    store.insert_rejected([_rejected(1), _rejected(2), _rejected(1)])
    person = [pseudonym("c-1", KEY)]
    seen += [_agreement(store), erase_from_store(store, person)[1:], _agreement(store)]
    store.insert_facts(_facts(7))
    return [*seen, erase_from_store(store, person)[1:], _agreement(store)]


def _rejected(offset: int) -> dict[str, Any]:
    row = {"reason": "bad_value", "detail": "", "topic": "t", "partition": 0, "payload": "", "fingerprint": 1}
    return {**row, "offset": offset, "customer": pseudonym("c-1", KEY) if offset == 1 else ""}


def _left_in_memory(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: sorted(
            tuple(row[column] for column in columns) for row in engine.tables[name].final.values() if shown(row)
        )
        for name, columns, shown in (
            ("events", FACT, lambda _: True),
            ("cells", CELLS, lambda row: row["n"]),
            ("day_cells", DAY_CELLS, lambda row: row["n"]),
            ("answers", (*ANSWER[1:], "n"), lambda row: row["n"]),
            ("repeat_answers", (*ANSWER[1:], "n"), lambda row: row["n"]),
            ("rejected", ("offset", "customer"), lambda _: True),
            ("erased", ("customer",), lambda _: True),
        )
    }


def _left(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    answer = "metric, kind, toUnixTimestamp(minute) AS minute_s, touchpoint, segment, region, n"
    for name, columns, shown in (
        ("events", ", ".join(FACT), "true"),
        ("cells", f"toUnixTimestamp(minute), {', '.join(CELLS[1:])}", "n > 0"),
        ("day_cells", "short_s, long_s, toUInt16(day), " + ", ".join(DAY_CELLS[3:]), "n > 0"),
        ("answers", answer, "n > 0"),
        ("repeat_answers", answer, "n > 0"),
        ("rejected", "offset, customer", "true"),
        ("erased", "customer", "true"),
    ):
        rows = store.query(f"SELECT {columns} FROM {name} FINAL WHERE {shown}")
        found[name] = sorted(tuple(row.values()) for row in rows)
    return found


@pytest.mark.long
def test_the_same_script_leaves_the_same_in_memory_and_in_the_engine(store: Store) -> None:
    # Copies that FINAL hides are counted until a merge takes them away: when it does is up to the engine.
    store.command("ALTER TABLE events MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1")
    seen, left = script(store), _left(store)
    loop = SimulatedLoop(random.Random(1))
    engine = Engine(loop, tables())
    with taken_over():
        assert loop.run_until_complete(loop.run_in_executor(None, script, SimulatedStore(engine))) == seen
    assert _rounded(_left_in_memory(engine)) == _rounded(left)
    assert mismatched_days(store, HORIZONS, day_of(NOON.timestamp()) - 5) == 0
    assert from_epoch(left["cells"][0][0]) < NOON


def _rounded(left: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    return {name: [tuple(_nearly(value) for value in row) for row in rows] for name, rows in left.items()}


def _nearly(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value


@pytest.mark.parametrize("fault", FAULTS)
def test_an_insert_that_fails_is_refused_by_the_services_own_proof(fault: Fault) -> None:
    loop = SimulatedLoop(random.Random(2))
    engine = Engine(loop, tables())
    engine.weather = Weather(1.0, (fault,))

    async def landed() -> bool:
        try:
            await asyncio.to_thread(SimulatedStore(engine).insert, "erased", ("customer",), (list("abcd"),))
        except StoreUnavailable:
            return False
        finally:
            await asyncio.sleep(5)
        return True

    with taken_over():
        assert loop.run_until_complete(landed()) == (fault in ("slow", "twice"))
    rows = {"refused": 0, "cut": 0, "stranger": 0, "in part": 2, "twice": 8}.get(fault, 4)
    assert len(engine.tables["erased"].rows) == rows
