"""A person is erased, and the topic is read again from its beginning: nothing of the person comes back."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.events.pseudonyms import pseudonyms
from streams.kafka.transport import NOTHING_BEFORE
from streams.operations.erase import erase_dead_letters, erase_from_store, extend
from streams.settings.settings import KafkaSettings
from tests.streams.given import KEY, Record, encoded, event, everything_in, records
from tests.streams.ingesting import Make, World

pytestmark = pytest.mark.kafka

OLD_KEY = b"o" * 32
SHAPES: list[Any] = [
    b'{"customerId": "ann", "customer": "x"}',
    b'{"customer": {"id": "ann"}}',
    b'{"customers": ["bob", "ann"]}',
    b'{"customer": "ann", "customer": "bob"}',
    b'{"customer": "ann", broken',
    '{"customer": "ann"}'.encode("utf-16"),
    b"7;ann;nps",
]


def of_ann(now: datetime) -> list[Any]:
    """Events of hers, good and bad; three are of clocks that are ahead."""
    ahead = now + timedelta(seconds=290)
    return [
        event(1, at=now, customer="ann"),
        event(2, at=ahead, customer="ann"),
        event(3, at=now, customer="ann", score=99),
        event(4, at=ahead, customer="ann", score=99),
        event(5, at=now + timedelta(hours=1), customer="ann"),
        *SHAPES,
    ]


async def erase(world: World, keys: tuple[bytes, ...] = (KEY,)) -> None:
    hashes = pseudonyms("ann", keys)
    at, *_ = await asyncio.to_thread(erase_from_store, world.store, hashes, lambda: None)
    bootstrap, dlq = world.letters
    letters = await erase_dead_letters(KafkaSettings(bootstrap_servers=bootstrap, topic="t", dlq_topic=dlq), "ann")
    extend(world.store, hashes, at, letters.latest_ms)


async def found(world: World) -> tuple[set[str], list[int], list[int]]:
    """Ids of facts, offsets of rows, offsets of letters."""
    rows = await world.ask("SELECT offset FROM rejected FINAL ORDER BY offset")
    letters = [int(dict(letter.headers)["cx-offset"]) for letter in await everything_in(*world.letters)]
    return await world.landed(), [row["offset"] for row in rows], sorted(letters)


async def replayed(world: World, taken: list[Record]) -> None:
    again = world.chunk(taken, previous=NOTHING_BEFORE, generation=len(world.commits) + 1)
    await world.ingest.take(again)
    await world.ingest.land()


@pytest.mark.parametrize("rotated", [False, True])
async def test_a_replay_from_the_beginning_brings_nothing_of_an_erased_person_back(
    make_world: Make, rotated: bool
) -> None:
    now = datetime.now(UTC) - timedelta(seconds=2)
    world = make_world(keys=(OLD_KEY,) if rotated else (KEY,))
    others: list[Any] = [event(8, at=now, customer="bob"), event(9, at=now, customer="bob", score=99), b"x"]
    taken = records([*of_ann(now), *others], at=now)
    bad = len(taken) - 2, len(taken) - 1
    await replayed(world, taken)
    assert await world.landed() == {"e-1", "e-2", "e-8"}
    await erase(world, (OLD_KEY,) if rotated else (KEY,))
    again = make_world(keys=(KEY, OLD_KEY)) if rotated else world
    again.erased = {"e-1", "e-2", "ann", "a\0n\0n"}
    again._records.clear()
    await asyncio.sleep(1.1)  # until who is erased is looked up again
    await replayed(again, taken)
    facts, rows, letters = await found(again)
    assert facts == {"e-8"}
    assert set(bad) <= set(rows) <= {*bad, *range(5, len(taken))}  # rows of before that show and name nobody
    assert set(letters) == set(bad)
    assert b"cx_erased_events_total 2.0" in again.telemetry.exposition()
    assert f"cx_erased_rejected_total {len(of_ann(now)) - 2}.0".encode() in again.telemetry.exposition()


async def test_what_a_person_does_after_the_erasure_lands_or_is_rejected_as_anybodys(make_world: Make) -> None:
    world = make_world()
    before = datetime.now(UTC) - timedelta(seconds=2)
    await replayed(world, records(of_ann(before)[:1], at=before))
    await erase(world)
    await asyncio.sleep(1.1)
    world.erased = {"e-1"}
    after = datetime.now(UTC) + timedelta(seconds=1)
    new: list[Any] = [event(20, at=after, customer="ann"), event(21, at=after, customer="ann", score=99), b"7;ann;nps"]
    await replayed(world, records(new, first=1, at=after))
    assert await found(world) == ({"e-20"}, [2, 3], [2, 3])
    letters = await everything_in(*world.letters)
    assert [letter.value for letter in letters] == [encoded(new[1]), new[2]]


async def test_an_event_of_a_clock_that_was_ahead_does_not_come_back_when_it_is_published_again(
    make_world: Make,
) -> None:
    """A publisher repeats it after the erasure: neither its time nor its record's says that it is from before."""
    world = make_world()
    now = datetime.now(UTC) - timedelta(seconds=2)
    taken = of_ann(now)[1:4:2]
    await replayed(world, records(taken, at=now))
    assert await world.landed() == {"e-2"}
    await erase(world)
    await asyncio.sleep(1.1)
    world.erased = {"e-2", "e-4"}
    await replayed(world, records(taken, first=2, at=datetime.now(UTC) + timedelta(seconds=5)))
    assert await found(world) == (set(), [], [])
