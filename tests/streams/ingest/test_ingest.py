import asyncio
from datetime import timedelta
from typing import Any

import pytest
from faust.types import TP

from metrics.events.pseudonyms import pseudonym
from streams.ingest.ingest import ChunkSkipped
from streams.kafka.dead_letters import KEPT_BYTES
from streams.kafka.transport import NOTHING_BEFORE, Chunk
from tests.streams.given import KEY, NOON, Record, encoded, event, everything_in, records, until
from tests.streams.ingesting import TOPIC, Make

pytestmark = pytest.mark.kafka

BAD: list[tuple[bytes | None, str]] = [
    (None, "not_json"),
    (b"", "not_json"),
    (b"{", "not_json"),
    (b"\xff\xfe", "not_json"),
    (b"[" * 60_000, "not_json"),
    (b"7", "not_an_object"),
    (b"{}", "missing_field"),
    (encoded(event("a", score="9")), "bad_type"),
    (encoded(event("b", touchpoint="Web..X")), "bad_value"),
    (encoded(event("c", "gossip")), "unknown_kind"),
    (encoded(event("d", score=11)), "score_out_of_range"),
    (encoded(event("e", at=NOON - timedelta(days=401))), "too_old"),
    (encoded(event("f", at=NOON + timedelta(minutes=6))), "in_future"),
    (b'{"x":"' + b"y" * 70_000 + b'"}', "too_large"),
]  # fmt: skip


async def test_good_records_land_with_their_owner_and_are_committed(make_world: Make) -> None:
    world = make_world()
    await world.ingest.take(world.chunk(records([event(n, customer="anna") for n in range(5)])))
    assert not world.ingest.status.idle
    assert world.commits == []
    await world.ingest.land()
    assert world.ingest.status.idle
    assert world.commits == [{TP(TOPIC, 0): 5}]
    rows = await world.ask("SELECT * FROM events FINAL")
    assert {(row["department"], row["registry_version"], row["customer"]) for row in rows} == {
        ("sales", "v1", pseudonym("anna", KEY))
    }
    assert len(rows) == 5


async def test_a_placeholder_lands_as_no_customer_and_is_counted_by_source(make_world: Make) -> None:
    """Before, everybody without an account was one person: NULL and null were even two."""
    world = make_world(placeholders="+guest")
    named = ["null", "NULL", " Undefined ", "0", "", "guest", "anna"]
    events = [event(n, customer=customer) for n, customer in enumerate(named)]
    bad = [event(f"bad-{n}", customer=customer, score=11) for n, customer in enumerate(("n/a", "anna"))]
    await world.ingest.take(world.chunk(records([*events, *bad, event("x", source="crm", customer="-")])))
    await world.ingest.land()
    rows = await world.ask("SELECT customer FROM events FINAL ORDER BY event_id, source")
    assert [row["customer"] for row in rows] == [*[""] * 6, pseudonym("anna", KEY), ""]
    rejected = await world.ask("SELECT customer FROM rejected FINAL ORDER BY offset")
    assert [row["customer"] for row in rejected] == ["", pseudonym("anna", KEY)]
    text = world.telemetry.exposition().decode()
    assert 'cx_placeholder_customers_total{source="shop"} 6.0' in text
    assert 'cx_placeholder_customers_total{source="crm"} 1.0' in text


async def test_each_bad_record_is_one_row_and_one_dead_letter_and_its_neighbours_land(make_world: Make) -> None:
    world = make_world()
    mixed: list[Any] = []
    for position, (value, _) in enumerate(BAD):
        mixed += [event(f"good-{position}"), value]
    taken = records([*mixed, event("last")])
    await world.ingest.take(world.chunk(taken))
    await world.ingest.land()
    assert await world.landed() == {"e-last", *(f"e-good-{n}" for n in range(len(BAD)))}
    wanted = [(2 * n + 1, reason) for n, (_, reason) in enumerate(BAD)]
    rows = await world.ask("SELECT * FROM rejected FINAL ORDER BY offset")
    assert [(row["offset"], row["reason"]) for row in rows] == wanted
    assert all(row["detail"] for row in rows)
    letters = await everything_in(*world.letters)
    assert [(letter.value, letter.key) for letter in letters] == [
        (taken[offset].value, taken[offset].key) for offset, _ in wanted
    ]
    for letter, (offset, reason) in zip(letters, wanted, strict=True):
        headers = dict(letter.headers)
        assert headers.pop("cx-detail")
        assert headers == {
            "cx-reason": reason.encode(), "cx-topic": TOPIC.encode(), "cx-partition": b"0",
            "cx-offset": str(offset).encode(),
        }  # fmt: skip
    assert world.commits == [{TP(TOPIC, 0): len(taken)}]


async def test_a_record_far_too_large_is_kept_in_part_and_says_so(make_world: Make) -> None:
    world = make_world()
    huge = b'{"x":"' + b"y" * 3_000_000 + b'"}'
    await world.ingest.take(world.chunk(records([huge, event(1)])))
    await world.ingest.land()
    (letter,) = await everything_in(*world.letters)
    assert letter.value == huge[:KEPT_BYTES]
    assert dict(letter.headers)["cx-truncated-from"] == str(len(huge)).encode()
    assert await world.landed() == {"e-1"}


async def test_the_customer_of_a_refused_event_is_masked_in_its_row_and_whole_in_its_letter(make_world: Make) -> None:
    world = make_world()
    values = [encoded(event(1, score=99, customer="anna@x.it")), b'{"customer":"anna@x.it","score":']
    await world.ingest.take(world.chunk(records(values)))
    await world.ingest.land()
    rows = await world.ask("SELECT * FROM rejected FINAL ORDER BY offset")
    assert all("anna" not in str(row) for row in rows)
    assert '"score": 99' in rows[0]["payload"]
    assert '"customer": "<text: 9 characters>"' in rows[0]["payload"]
    assert rows[1]["payload"] == "<not shown: 32 bytes, looks like JSON that is cut or broken>"
    assert [row["customer"] for row in rows] == [pseudonym("anna@x.it", KEY), ""]
    assert [letter.value for letter in await everything_in(*world.letters)] == values


async def test_chunks_of_several_partitions_land_in_one_insert(make_world: Make) -> None:
    world = make_world()
    for partition in range(3):
        for first in (0, 10):
            taken = records([event(f"{partition}-{n}") for n in range(first, first + 10)], first)
            await world.ingest.take(world.chunk(taken, partition))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, partition): 20 for partition in range(3)}]
    assert len(await world.landed()) == 60
    assert world.ingest.status.cursors == world.commits[0]
    parts = await world.ask("SELECT uniqExact(_part) AS n FROM events")
    assert parts == [{"n": 1}]


async def test_a_full_batch_lands_by_itself(make_world: Make) -> None:
    world = make_world(batch_rows=10)
    await world.ingest.take(world.chunk(records([event(n) for n in range(9)])))
    assert world.commits == []
    await world.ingest.take(world.chunk(records([event(n) for n in range(9, 12)], 9)))
    assert world.commits == [{TP(TOPIC, 0): 12}]


async def test_what_was_gathered_lands_within_the_linger_and_the_rest_at_the_end(make_world: Make) -> None:
    world = make_world()
    running = asyncio.create_task(world.ingest.run())
    await world.ingest.take(world.chunk(records([event(1)])))
    await until(lambda: world.commits)
    await world.ingest.take(world.chunk(records([event(2)], 1)))
    await world.ingest.finish()
    assert await world.landed() == {"e-1", "e-2"}
    await asyncio.wait_for(running, 5)


async def test_nothing_gathered_is_nothing_landed(make_world: Make) -> None:
    world = make_world()
    await world.ingest.land()
    assert (world.commits, await world.landed()) == ([], set())


async def test_offsets_with_gaps_are_committed_up_to_the_last_record(make_world: Make) -> None:
    world = make_world()
    stamp = int(NOON.timestamp() * 1000)
    taken = [Record(offset, encoded(event(offset)), stamp) for offset in (3, 8, 41)]
    await world.ingest.take(world.chunk(taken, previous=NOTHING_BEFORE))
    await world.ingest.take(world.chunk([Record(100, encoded(event(100)), stamp)], previous=41))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 0): 101}]


async def test_a_record_without_a_timestamp_is_as_old_as_it_is_seen(make_world: Make) -> None:
    world = make_world()
    await world.ingest.take(world.chunk([Record(0, encoded(event(1, at=NOON - timedelta(days=4000))), -1)]))
    await world.ingest.land()
    assert [row["reason"] for row in await world.ask("SELECT reason FROM rejected")] == ["too_old"]


async def test_a_missing_chunk_ends_it(make_world: Make) -> None:
    world = make_world()
    await world.ingest.take(world.chunk(records([event(n) for n in range(3)])))
    with pytest.raises(ChunkSkipped, match=r"partition 0: a chunk up to offset 5 .* \(taken so far: 3\)"):
        await world.ingest.take(world.chunk(records([event(6)], 6)))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 0): 3}]


async def test_a_first_chunk_that_has_one_before_it_is_a_skipped_one(make_world: Make) -> None:
    world = make_world()
    with pytest.raises(ChunkSkipped):
        await world.ingest.take(world.chunk(records([event(6)], 6), previous=5))


async def test_a_chunk_that_begins_below_the_cursor_lands_again_and_adds_nothing(make_world: Make) -> None:
    world = make_world()
    both = records([event(n) for n in range(4)])
    await world.ingest.take(world.chunk(both))
    await world.ingest.take(world.chunk(both, previous=NOTHING_BEFORE))
    await world.ingest.land()
    assert len(await world.landed()) == 4
    assert world.commits == [{TP(TOPIC, 0): 4}]


async def test_what_was_taken_in_an_older_generation_lands_and_is_not_committed(make_world: Make) -> None:
    world = make_world()
    await world.ingest.take(world.chunk(records([event("old")])))
    await world.ingest.take(world.chunk(records([event("new")]), 1, NOTHING_BEFORE, generation=2))
    await world.ingest.land()
    assert await world.landed() == {"e-old", "e-new"}
    assert world.commits == [{TP(TOPIC, 1): 1}]
    assert world.ingest.status.cursors == {TP(TOPIC, 1): 1}


async def test_a_partition_that_comes_back_in_a_new_generation_begins_again(make_world: Make) -> None:
    world = make_world()
    await world.ingest.take(world.chunk(records([event(n) for n in range(5)])))
    await world.ingest.take(world.chunk(records([event(2)], 2), previous=NOTHING_BEFORE, generation=2))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 0): 3}]


async def test_offsets_that_hold_nothing_to_read_are_committed_without_a_record(make_world: Make) -> None:
    world = make_world()
    await world.ingest.take(world.chunk(records([event(n) for n in range(3)])))
    await world.ingest.land()
    await world.ingest.take(Chunk(TP(TOPIC, 0), (), 2, 3, 1, passed=9))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 0): 3}, {TP(TOPIC, 0): 9}]
    assert len(await world.landed()) == 3
