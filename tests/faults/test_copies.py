"""The same event again: from another publisher, on another partition, days later, changed; and clocks that jump."""

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.conftest import MakeWorld, Outcome, Verify, at_work, publish, scale
from tests.faults.ledger import Entry, Ledger, Publisher, entries
from tests.faults.stepping_store import STEP
from tests.faults.store_process import StoreProcess
from tests.faults.watching import series
from tests.faults.world import World, until
from tests.kafka.broker import KafkaBroker

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
DAYS = timedelta(days=9)
AHEAD_MS = 300_000  # an event may be so far ahead of its record
HOUR_MS = 3_600_000


async def test_two_publishers_two_partitions(world: World, verify: Verify) -> None:
    ledger = Ledger()
    await publish(world, ledger, seed=1, count=100)
    for _ in range(2):
        world.start_worker()
    for seed in range(scale(1, 10)):
        made = list(entries(100 + seed, 2000, datetime.now(UTC)))
        backwards = made[::-1]
        await asyncio.gather(
            Publisher(world.bootstrap, world.topic, ledger, partition=0).send(made),
            Publisher(world.bootstrap, world.topic, ledger, partition=3).send(backwards),
        )
    await verify(world, ledger)


async def test_copies_days_later_with_another_payload(world: World, verify: Verify) -> None:
    """Of copies that differ the last to land stays (deploy/clickhouse/0001_facts.sql), and all figures follow it."""
    ledger = Ledger()
    earlier = datetime.now(UTC) - DAYS
    first = [entry for entry in entries(2, 3000, earlier) if not entry.reason]
    await Publisher(world.bootstrap, world.topic, ledger, partition=0).send(first)
    world.start_worker()
    await verify(world, ledger)

    changed = {entry.event_id: _changed(entry) for entry in first}
    await _publish_copies(world, ledger, changed, partition=1)
    await verify(world, ledger)  # with it, that no cell of the old touchpoints is left
    left = world.address.query("SELECT DISTINCT touchpoint FROM cells FINAL WHERE n > 0")
    assert [row["touchpoint"] for row in left] == ["delivery.changed"]

    # A publisher that never gave up sends some as they were: they are what they were, the rest stays changed.
    await _publish_copies(world, ledger, {entry.event_id: entry for entry in first[:500]}, partition=2)
    await verify(world, ledger)


async def _publish_copies(world: World, ledger: Ledger, copies: Mapping[str, Entry], partition: int) -> None:
    """Publishes other versions of events, today: from then on the ledger holds these."""
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    sent = [replace(entry, timestamp_ms=now_ms) for entry in copies.values()]
    await Publisher(world.bootstrap, world.topic, ledger, partition=partition).send(sent)
    ledger.acknowledged = {at: copies.get(entry.event_id, entry) for at, entry in ledger.acknowledged.items()}


def _changed(entry: Entry) -> Entry:
    event = dict(entry.event or {}, touchpoint="delivery.changed", region="elsewhere")
    if "score" in event:
        event["score"] = 1
    return replace(entry, event=event, value=json.dumps(event).encode())


async def test_publishers_clock_jumps_by_an_hour(world: World, verify: Verify) -> None:
    ledger = Ledger()
    await publish(world, ledger, seed=1, count=500)
    world.start_worker()
    stepped = list(_stepped(entries(3, scale(2000, 50_000), datetime.now(UTC)), random.Random(3)))
    assert {"in_future", ""} <= {entry.reason for entry in stepped}
    await Publisher(world.bootstrap, world.topic, ledger).send(stepped)
    await verify(world, ledger)


def _stepped(made: Iterator[Entry], chance: random.Random) -> Iterator[Entry]:
    """The same with record timestamps that jump an hour back and forth: an event too far ahead of its is rejected."""
    step_ms = 0
    for number, entry in enumerate(made):
        if number % 20 == 0:
            step_ms = chance.choice((0, -HOUR_MS, HOUR_MS - 120_000))
        stamp_ms = entry.timestamp_ms + step_ms
        reason = entry.reason
        if entry.event is not None:
            occurred_ms = datetime.fromisoformat(entry.event["occurred_at"]).timestamp() * 1000
            reason = "in_future" if occurred_ms - stamp_ms > AHEAD_MS else ""
        # A copy under another clock is another event: it may be rejected where its original was not.
        event_id = f"{entry.event_id}-{number}"
        event = dict(entry.event, event_id=event_id) if entry.event is not None else None
        value = json.dumps(event).encode() if event is not None else entry.value
        yield replace(entry, event_id=event_id, event=event, value=value, reason=reason, timestamp_ms=stamp_ms)


SetClock = Callable[[int], None]


@pytest.fixture
def set_clock(tmp_path: Path) -> SetClock:
    """Sets the clock of `stepping_store` so many seconds ahead; whole at any time."""
    file = tmp_path / "clock"

    def set_to(step_s: int) -> None:
        new = file.with_suffix(".new")
        new.write_text(str(step_s))
        new.replace(file)

    set_to(0)
    return set_to


@pytest.fixture
def stepping_store(tmp_path: Path, set_clock: SetClock) -> Iterator[StoreProcess]:
    """A store whose clock a case may set."""
    store = StoreProcess(tmp_path / "store", "tests.faults.stepping_store")
    store.start(**{STEP: str(tmp_path / "clock")})
    yield store
    store.stop()


async def test_the_clock_of_the_store_steps_back(
    stepping_store: StoreProcess,
    set_clock: SetClock,
    kafka: KafkaBroker,
    make_world: MakeWorld,
    outcome: Outcome,
    verify: Verify,
) -> None:
    """Whoever lands last stays, cells follow it and a refresh finds it, though the clock shows a time long gone."""
    world, ledger = make_world(kafka, stepping_store), Ledger()
    worker = await at_work(world, ledger)
    first = [entry for entry in entries(2, 600, datetime.now(UTC)) if not entry.reason]
    await Publisher(world.bootstrap, world.topic, ledger, partition=0).send(first)
    await verify(world, ledger)
    steps = (-600, -3600, 0, -86_400)
    for number, step_s in enumerate(steps[: scale(1, len(steps))]):
        set_clock(step_s)
        copies = first if number % 2 else list(map(_changed, first))
        await _publish_copies(world, ledger, {entry.event_id: entry for entry in copies}, partition=1)
        await publish(world, ledger, seed=10 + number, count=300)
        await verify(world, ledger)
        assert series(worker, "cx_cells_mismatched") == {"": 0.0}
    # A worker shows what it knows once a second: the figures may be there before the series.
    behind = "cx_store_clock_behind_seconds"
    await until(lambda: max(series(worker, behind).values(), default=0.0) > 60, f"{behind} above 60")
    outcome.notes.append(f"clock set to {', '.join(f'{step_s:+} s' for step_s in steps[: scale(1, len(steps))])}")
