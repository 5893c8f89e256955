import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from faust.types import TP

from metrics.pseudonyms import pseudonym
from streams.deadletter import KEPT_BYTES, DeadLetters
from streams.errors import ConfigurationError
from streams.ingest import ChunkSkipped, Ingest
from streams.kafka import connected_producer
from streams.registry_file import RegistryFile
from streams.settings import Ingest as Limits
from streams.settings import Kafka
from streams.store import Store
from streams.telemetry import Telemetry
from streams.transport import NOTHING_BEFORE, UNKNOWN, Chunk
from tests.conftest import TopicFactory
from tests.faults.proxy import Proxy, http_error, is_insert
from tests.kafka.broker import KafkaBroker
from tests.streams.conftest import EngineProcess
from tests.streams.given import KEY, NOON, REGISTRY, Record, encoded, event, everything_in, records, until

pytestmark = pytest.mark.kafka

TOPIC = "cx.touchpoints"
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


class World:
    """An ingest on the real store with a real dead-letter topic, and a witness of its commits."""

    def __init__(self, ingest: Ingest, store: Store, telemetry: Telemetry, dlq: str, bootstrap: str) -> None:
        self.ingest, self.store, self.telemetry, self.dlq, self.bootstrap = ingest, store, telemetry, dlq, bootstrap
        self.commits: list[dict[TP, int]] = []
        self._records: dict[TP, list[Record]] = {}
        ingest.commit = self._witness

    def chunk(
        self, taken: Sequence[Record], partition: int = 0, previous: int | None = None, generation: int = 1
    ) -> Chunk:
        tp = TP(TOPIC, partition)
        self._records.setdefault(tp, []).extend(taken)
        before = taken[0].offset - 1 if previous is None else previous
        return Chunk(tp, taken, max(before, NOTHING_BEFORE), UNKNOWN, generation)

    async def _witness(self, offsets: Mapping[TP, int], generation: int | None) -> bool:
        # The invariant, looked at where it matters: at the moment of each commit.
        ids = {row["event_id"] for row in await self.ask("SELECT event_id FROM events FINAL")}
        refused = {(row["partition"], row["offset"]) for row in await self.ask("SELECT * FROM rejected FINAL")}
        letters = {
            (int(found["cx-partition"]), int(found["cx-offset"]))
            for found in [dict(letter.headers) for letter in await everything_in(self.bootstrap, self.dlq)]
        }
        for tp, upto in offsets.items():
            for record in self._records[tp]:
                position = (tp.partition, record.offset)
                landed = any(name.encode() in (record.value or b"") for name in ids)
                assert record.offset >= upto or landed or (position in refused and position in letters)
        self.commits.append(dict(offsets))
        return True

    async def ask(self, sql: str) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self.store.query, sql)

    async def landed(self) -> set[str]:
        return {row["event_id"] for row in await self.ask("SELECT event_id FROM events FINAL")}


Make = Callable[..., Any]


@pytest.fixture
async def make(kafka: KafkaBroker, kafka_topic: TopicFactory, store: Store, registry_path: Path) -> AsyncIterator[Make]:
    """Makes worlds; `through` is what the ingest sees as its store."""
    producer = await connected_producer(Kafka(bootstrap_servers=kafka.bootstrap))

    def made(through: Store | None = None, **limits: float) -> World:
        dlq, telemetry = kafka_topic(partitions=1), Telemetry()
        told = Limits(**({"linger_s": 0.05} | limits))  # type: ignore[arg-type]
        ingest = Ingest(through or store, DeadLetters(producer, dlq), RegistryFile(registry_path), KEY, told, telemetry)
        return World(ingest, store, telemetry, dlq, kafka.bootstrap)

    yield made
    await producer.stop()


@asynccontextmanager
async def behind_proxy(store: Store, engine: EngineProcess) -> AsyncIterator[tuple[Store, Proxy]]:
    proxy = Proxy(engine.port)
    proxied = Store(EngineProcess(proxy.port, engine.password).settings(store.database, timeout_s=2))
    await asyncio.to_thread(proxied.query, "SELECT 1")
    try:
        yield proxied, proxy
    finally:
        proxied.close()
        await asyncio.to_thread(proxy.close)


async def test_good_records_land_with_their_owner_and_are_committed(make: Make) -> None:
    world = make()
    await world.ingest.take(world.chunk(records([event(n, customer="anna") for n in range(5)])))
    assert not world.ingest.idle
    assert world.commits == []
    await world.ingest.land()
    assert world.ingest.idle
    assert world.commits == [{TP(TOPIC, 0): 5}]
    rows = await world.ask("SELECT * FROM events FINAL")
    assert {(row["department"], row["registry_version"], row["customer"]) for row in rows} == {
        ("sales", "v1", pseudonym("anna", KEY))
    }
    assert len(rows) == 5


async def test_each_bad_record_is_one_row_and_one_dead_letter_and_its_neighbours_land(make: Make) -> None:
    world = make()
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
    letters = await everything_in(world.bootstrap, world.dlq)
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


async def test_a_record_far_too_large_is_kept_in_part_and_says_so(make: Make) -> None:
    world = make()
    huge = b'{"x":"' + b"y" * 3_000_000 + b'"}'
    await world.ingest.take(world.chunk(records([huge, event(1)])))
    await world.ingest.land()
    (letter,) = await everything_in(world.bootstrap, world.dlq)
    assert letter.value == huge[:KEPT_BYTES]
    assert dict(letter.headers)["cx-truncated-from"] == str(len(huge)).encode()
    assert await world.landed() == {"e-1"}


async def test_the_customer_of_a_refused_event_is_masked_in_its_row_and_whole_in_its_letter(make: Make) -> None:
    world = make()
    values = [encoded(event(1, score=99, customer="anna@x.it")), b'{"customer":"anna@x.it","score":']
    await world.ingest.take(world.chunk(records(values)))
    await world.ingest.land()
    rows = await world.ask("SELECT * FROM rejected FINAL ORDER BY offset")
    assert all("anna" not in str(row) and '"***"' in row["payload"] for row in rows)
    assert [row["customer"] for row in rows] == [pseudonym("anna@x.it", KEY), ""]
    assert [letter.value for letter in await everything_in(world.bootstrap, world.dlq)] == values


async def test_chunks_of_several_partitions_land_in_one_insert(make: Make) -> None:
    world = make()
    for partition in range(3):
        for first in (0, 10):
            taken = records([event(f"{partition}-{n}") for n in range(first, first + 10)], first)
            await world.ingest.take(world.chunk(taken, partition))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, partition): 20 for partition in range(3)}]
    assert len(await world.landed()) == 60
    assert world.ingest.cursors() == world.commits[0]
    parts = await world.ask("SELECT uniqExact(_part) AS n FROM events")
    assert parts == [{"n": 1}]


async def test_a_full_batch_lands_without_being_told(make: Make) -> None:
    world = make(batch_rows=10)
    await world.ingest.take(world.chunk(records([event(n) for n in range(9)])))
    assert world.commits == []
    await world.ingest.take(world.chunk(records([event(n) for n in range(9, 12)], 9)))
    assert world.commits == [{TP(TOPIC, 0): 12}]


async def test_what_was_gathered_lands_within_the_linger_and_the_rest_at_the_end(make: Make) -> None:
    world = make()
    running = asyncio.create_task(world.ingest.run())
    await world.ingest.take(world.chunk(records([event(1)])))
    await until(lambda: world.commits)
    await world.ingest.take(world.chunk(records([event(2)], 1)))
    await world.ingest.finish()
    assert await world.landed() == {"e-1", "e-2"}
    await asyncio.wait_for(running, 5)


async def test_nothing_gathered_is_nothing_landed(make: Make) -> None:
    world = make()
    await world.ingest.land()
    assert (world.commits, await world.landed()) == ([], set())


async def test_offsets_with_gaps_are_committed_up_to_the_last_record(make: Make) -> None:
    world = make()
    stamp = int(NOON.timestamp() * 1000)
    taken = [Record(offset, encoded(event(offset)), stamp) for offset in (3, 8, 41)]
    await world.ingest.take(world.chunk(taken, previous=NOTHING_BEFORE))
    await world.ingest.take(world.chunk([Record(100, encoded(event(100)), stamp)], previous=41))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 0): 101}]


async def test_a_record_without_a_timestamp_is_as_old_as_it_is_seen(make: Make) -> None:
    world = make()
    await world.ingest.take(world.chunk([Record(0, encoded(event(1, at=NOON - timedelta(days=4000))), -1)]))
    await world.ingest.land()
    assert [row["reason"] for row in await world.ask("SELECT reason FROM rejected")] == ["too_old"]


async def test_a_missing_chunk_ends_it(make: Make) -> None:
    world = make()
    await world.ingest.take(world.chunk(records([event(n) for n in range(3)])))
    with pytest.raises(ChunkSkipped, match=r"partition 0: a chunk up to offset 5 .* \(taken so far: 3\)"):
        await world.ingest.take(world.chunk(records([event(6)], 6)))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 0): 3}]


async def test_a_first_chunk_that_has_one_before_it_is_a_skipped_one(make: Make) -> None:
    world = make()
    with pytest.raises(ChunkSkipped):
        await world.ingest.take(world.chunk(records([event(6)], 6), previous=5))


async def test_a_chunk_that_begins_below_the_cursor_lands_again_and_adds_nothing(make: Make) -> None:
    world = make()
    both = records([event(n) for n in range(4)])
    await world.ingest.take(world.chunk(both))
    await world.ingest.take(world.chunk(both, previous=NOTHING_BEFORE))
    await world.ingest.land()
    assert len(await world.landed()) == 4
    assert world.commits == [{TP(TOPIC, 0): 4}]


async def test_what_was_taken_in_an_older_generation_lands_and_is_not_committed(make: Make) -> None:
    world = make()
    await world.ingest.take(world.chunk(records([event("old")])))
    await world.ingest.take(world.chunk(records([event("new")]), 1, NOTHING_BEFORE, generation=2))
    await world.ingest.land()
    assert await world.landed() == {"e-old", "e-new"}
    assert world.commits == [{TP(TOPIC, 1): 1}]
    assert world.ingest.cursors() == {TP(TOPIC, 1): 1}


async def test_a_partition_that_comes_back_in_a_new_generation_begins_anew(make: Make) -> None:
    world = make()
    await world.ingest.take(world.chunk(records([event(n) for n in range(5)])))
    await world.ingest.take(world.chunk(records([event(2)], 2), previous=NOTHING_BEFORE, generation=2))
    await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 0): 3}]


async def test_a_store_that_refuses_connections_is_waited_for_and_nothing_is_lost(
    make: Make, store: Store, engine: EngineProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make(proxied)
        proxy.behaviour.refuse = True
        proxy.cut()
        await world.ingest.take(world.chunk(records([event(1), b"bad", event(2)])))
        landing = asyncio.create_task(world.ingest.land())
        await until(lambda: "trying again in 0.4 s" in caplog.text)
        assert world.ingest.stalled_since is not None
        assert b"cx_ingest_stalled 1.0" in world.telemetry.exposition()
        assert (world.commits, await world.landed()) == ([], set())
        proxy.heal()
        await asyncio.wait_for(landing, 30)
    assert world.ingest.stalled_since is None
    assert b"cx_ingest_stalled 0.0" in world.telemetry.exposition()
    assert (world.commits, await world.landed()) == ([{TP(TOPIC, 0): 3}], {"e-1", "e-2"})
    assert len(await world.ask("SELECT * FROM rejected FINAL")) == 1


@pytest.mark.parametrize(
    "answer",
    [http_error(503, None, "no upstream"), http_error(500, 252, "Too many parts"), http_error(500, 241, "Memory")],
)
async def test_a_store_that_answers_with_errors_is_waited_for(
    make: Make, store: Store, engine: EngineProcess, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make(proxied)
        await world.ingest.take(world.chunk(records([event(1)])))
        proxy.behaviour.answer = lambda data: answer if is_insert(data) else None
        landing = asyncio.create_task(world.ingest.land())
        await until(lambda: "facts: trying again" in caplog.text)
        proxy.heal()
        await asyncio.wait_for(landing, 30)
    assert (world.commits, await world.landed()) == ([{TP(TOPIC, 0): 1}], {"e-1"})


async def test_an_insert_whose_answer_was_lost_is_sent_again_and_counts_once(
    make: Make, store: Store, engine: EngineProcess
) -> None:
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make(proxied)
        await world.ingest.take(world.chunk(records([event(n) for n in range(10)])))
        cuts = [3]  # more often than the driver itself tries again

        def cut(data: bytes) -> bool:
            cuts[0] -= is_insert(data)
            return is_insert(data) and cuts[0] >= 0

        proxy.behaviour.cut_reply = cut
        await asyncio.wait_for(world.ingest.land(), 30)
        assert proxy.behaviour.cuts >= 2
    assert len(await world.ask("SELECT 1 AS one FROM events")) >= 10
    assert len(await world.landed()) == 10
    assert world.commits == [{TP(TOPIC, 0): 10}]


async def test_an_error_that_time_does_not_mend_comes_out_and_nothing_is_committed_after_it(make: Make) -> None:
    world = make()
    await asyncio.to_thread(world.store.command, "ALTER TABLE events DROP COLUMN journey")
    await world.ingest.take(world.chunk(records([event(1)])))
    with pytest.raises(DatabaseError):
        await world.ingest.land()
    await world.ingest.take(world.chunk(records([event(2)], 1)))
    with pytest.raises(RuntimeError, match="an earlier batch did not land"):
        await world.ingest.land()
    assert world.commits == []


async def test_missing_tables_come_out_with_what_to_do(make: Make) -> None:
    world = make()
    await asyncio.to_thread(world.store.command, "DROP TABLE erased")
    await world.ingest.take(world.chunk(records([event(1)])))
    with pytest.raises(ConfigurationError, match="run cxb migrate"):
        await world.ingest.land()
    assert world.commits == []


async def test_a_landing_that_was_cancelled_is_not_committed_past(
    make: Make, store: Store, engine: EngineProcess, caplog: pytest.LogCaptureFixture
) -> None:
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make(proxied)
        proxy.behaviour.refuse = True
        proxy.cut()
        await world.ingest.take(world.chunk(records([event(1)])))
        landing = asyncio.create_task(world.ingest.land())
        await until(lambda: "trying again" in caplog.text)
        landing.cancel()
        await asyncio.wait([landing])
        proxy.heal()
        await world.ingest.take(world.chunk(records([event(2)], 1)))
        with pytest.raises(RuntimeError, match="an earlier batch did not land"):
            await world.ingest.land()
    assert world.commits == []


async def test_a_changed_registry_attributes_what_comes_after_it(make: Make, registry_path: Path) -> None:
    world = make()
    file = world.ingest._registry
    await world.ingest.take(world.chunk(records([event(1)])))
    await asyncio.to_thread(
        registry_path.write_text, REGISTRY.replace('"v1"', '"v2"').replace('"sales"\nfrom', '"logistics"\nfrom')
    )
    assert file.check()
    await world.ingest.take(world.chunk(records([event(2)], 1)))
    await world.ingest.land()
    rows = await world.ask("SELECT event_id, department, registry_version FROM events FINAL ORDER BY event_id")
    assert [tuple(row.values()) for row in rows] == [("e-1", "sales", "v1"), ("e-2", "logistics", "v2")]


async def test_unknown_fields_are_counted_and_ignored(make: Make) -> None:
    world = make()
    await world.ingest.take(world.chunk(records([event(1, scoer=9, x={"y": 1})])))
    await world.ingest.land()
    assert b"cx_unknown_fields_total 2.0" in world.telemetry.exposition()
    assert await world.landed() == {"e-1"}


async def test_a_commit_that_the_broker_refused_is_made_up_for_by_the_next(make: Make) -> None:
    world = make()
    outcomes: list[Mapping[TP, int]] = []

    async def refuse(offsets: Mapping[TP, int], generation: int | None) -> bool:
        outcomes.append(dict(offsets))
        return False

    world.ingest.commit = refuse
    for n in range(2):
        await world.ingest.take(world.chunk(records([event(n)], n)))
        await world.ingest.land()
    assert outcomes == [{TP(TOPIC, 0): 1}, {TP(TOPIC, 0): 2}]
