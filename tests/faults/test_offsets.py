"""Logs with gaps: compacted, transactional, cut short by retention, grown by partitions, started again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition

from tests.faults.conftest import WHOLE, Outcome, Verify, publish, scale
from tests.faults.ledger import Ledger, Publisher, entries
from tests.faults.watching import is_ready, series
from tests.faults.world import WorkerProcess, World, until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
LOST = "cx_records_lost_total"
NOTICED_S = 30.0  # metadata are asked for every 15 s


@asynccontextmanager
async def admin(world: World) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=world.bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def configure(world: World, config: Mapping[str, str]) -> None:
    async with admin(world) as client:
        [response] = await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, world.topic, dict(config))])
    assert all(code == 0 for code, *_ in response.resources), response


async def readable(world: World) -> tuple[set[tuple[int, int]], dict[int, int]]:
    """The positions that a reader of committed records finds in the topic, and where each partition ends for it."""
    consumer = AIOKafkaConsumer(
        world.topic, bootstrap_servers=world.bootstrap, isolation_level="read_committed",
        auto_offset_reset="earliest", enable_auto_commit=False,
    )  # fmt: skip
    await consumer.start()
    try:
        partitions = list(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        found: set[tuple[int, int]] = set()
        while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found |= {(record.partition, record.offset) for record in records}
        return found, {tp.partition: end for tp, end in ends.items() if end}
    finally:
        await consumer.stop()


async def committed_to(world: World, ends: Mapping[int, int]) -> None:
    """Waits until the group's offsets have reached the ends: an operator then sees no lag."""
    deadline = asyncio.get_running_loop().time() + 30
    while (found := await world.committed()) != ends:
        assert asyncio.get_running_loop().time() < deadline, f"{found}, the ends are {ends}\n{world.tails()}"
        await asyncio.sleep(0.2)


def lost(worker: WorkerProcess) -> dict[str, float]:
    """How many records a worker tells as removed before they were read, by partition."""
    return {partition: count for partition, count in series(worker, LOST).items() if count}


async def land_and_leave(world: World, ledger: Ledger) -> None:
    """Has a worker land everything, and stops it."""
    worker = world.start_worker()
    await world.all_committed(ledger.acknowledged)
    assert worker.stop() == 0, world.tails()


async def test_compacted_topic(world: World, verify: Verify) -> None:
    ledger = Ledger()
    await publish(world, ledger, seed=1, count=500)
    await land_and_leave(world, ledger)
    await configure(
        world,
        {
            "cleanup.policy": "compact",
            "segment.ms": "100",
            "min.cleanable.dirty.ratio": "0",
            "max.compaction.lag.ms": "100",
        },
    )
    repeated = list(entries(2, 2000, datetime.now(UTC)))
    publisher = Publisher(world.bootstrap, world.topic, ledger)
    await publisher.send(repeated)
    for number in range(60):
        # The log's last segment is never compacted: some more records begin a new one.
        await publisher.send([*repeated, *entries(100 + number, 20, datetime.now(UTC))])
        there, _ = await readable(world)
        if len(there) < len(ledger.acknowledged) - 1500:
            break
        await asyncio.sleep(0.5)
    else:
        raise AssertionError("nothing was compacted")
    await configure(world, {"cleanup.policy": "delete"})
    there, ends = await readable(world)
    removed = len(ledger.acknowledged) - len(there)
    assert removed > 1500
    ledger.acknowledged = {position: entry for position, entry in ledger.acknowledged.items() if position in there}

    worker = world.start_worker()
    await verify(world, ledger)
    await committed_to(world, ends)
    assert lost(worker) == {}
    assert "removed by the broker" not in worker.log.read_text()


async def test_transactions(world: World, verify: Verify) -> None:
    ledger = Ledger()
    aborted: set[str] = set()
    await publish(world, ledger, seed=1, count=500)
    world.start_worker()
    producer = AIOKafkaProducer(
        bootstrap_servers=world.bootstrap, transactional_id=world.topic, acks="all", linger_ms=5
    )
    await producer.start()
    for number in range(scale(12, 200)):
        made = list(entries(100 + number, 100, datetime.now(UTC)))
        await producer.begin_transaction()
        sent = [
            await producer.send(world.topic, entry.value, entry.event_id.encode(), timestamp_ms=entry.timestamp_ms)
            for entry in made
        ]
        records = await asyncio.gather(*sent)
        if number % 2:
            aborted |= {entry.event_id for entry in made}
            await producer.abort_transaction()  # the last one: the log ends in nothing that can be read
        else:
            await producer.commit_transaction()
            for entry, record in zip(made, records, strict=True):
                ledger.acknowledged[record.partition, record.offset] = entry
    await producer.stop()
    await verify(world, ledger)
    there, ends = await readable(world)
    assert there == ledger.acknowledged.keys()
    await committed_to(world, ends)
    rejected = world.address.query(f"SELECT partition, offset FROM rejected FINAL WHERE topic = '{world.topic}'")
    assert {(row["partition"], row["offset"]) for row in rejected} == ledger.bad.keys()
    landed = {row["event_id"] for row in world.address.query("SELECT event_id FROM events")}
    assert len(aborted) > 100
    assert not landed & aborted


@pytest.mark.parametrize("rest", [1000, pytest.param(0, marks=WHOLE)], ids=["some", "all"])
async def test_retention_removes_unread(rest: int, world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    await publish(world, ledger, seed=1, count=1000)
    await land_and_leave(world, ledger)
    landed = await world.committed()
    unread = Ledger()
    await Publisher(world.bootstrap, world.topic, unread).send(list(entries(2, 1000, datetime.now(UTC))))
    _, ends = await readable(world)
    async with admin(world) as client:
        await client.delete_records(
            {TopicPartition(world.topic, partition): RecordsToDelete(end) for partition, end in ends.items()}
        )
    await publish(world, ledger, seed=3, count=rest)

    worker = world.start_worker()
    removed = {f'partition="{partition}"': float(end - landed[partition]) for partition, end in ends.items()}
    await until(lambda: lost(worker) == removed, f"{removed} are told\n{world.tails()}")
    for partition, end in ends.items():
        assert (
            f"partition {partition}: up to {end - landed[partition]} records from offset {landed[partition]} "
            "were removed by the broker before they were read" in worker.log.read_text()
        )
    outcome.notes.append(f"reported as removed: {sum(removed.values()):.0f} of {len(unread.acknowledged)}")
    await verify(world, ledger)
    await committed_to(world, (await readable(world))[1])

    # It is told once: whoever comes next has nothing to say.
    assert worker.stop() == 0
    heir = world.start_worker()
    await publish(world, ledger, seed=4, count=200)
    await verify(world, ledger)
    assert lost(heir) == {}


async def test_topic_gains_partitions(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    workers = [world.start_worker() for _ in range(2)]
    await publish(world, ledger, seed=1, count=1000)
    await until(lambda: all(is_ready(worker) for worker in workers), f"both have joined\n{world.tails()}")
    async with admin(world) as client:
        await client.create_partitions({world.topic: NewPartitions(6)})
    await until_published_in(world, ledger, partition=5)
    outcome.recovered_s = await world.all_committed(ledger.acknowledged, NOTICED_S)
    await verify(world, ledger)


async def until_published_in(world: World, ledger: Ledger, partition: int) -> None:
    """Publishes until some of it is in a partition."""
    for seed in range(100, 160):
        await publish(world, ledger, seed=seed, count=100)
        if any(found == partition for found, _ in ledger.acknowledged):
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"nothing went to partition {partition}")
