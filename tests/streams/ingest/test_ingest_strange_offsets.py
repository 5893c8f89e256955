"""Offsets that do not follow one another, or are not where a record says: nothing is skipped, nothing is read twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition

from streams.kafka import transport
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.kafka.raw import Raw, batch, produce
from tests.streams.given import encoded, event, everything_in
from tests.streams.group import Join, send

pytestmark = pytest.mark.kafka
BAD = b"not json"
NAMED = ((0, 0, 0), (2, 1, 0), (-5, 0, 1), (2**31 - 1, 0, 1))
"""Offsets that three records name in their batch, of which only 0, 1 and 2 are there."""
COMPACTED = {
    "cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0", "max.compaction.lag.ms": "100",
}  # fmt: skip
KEYS, ROUNDS = 10, 4


@pytest.fixture(autouse=True)
def _installed() -> None:
    transport.install()


def visit(name: object) -> bytes:
    return encoded(event(str(name), "visit", datetime.now(UTC)))


def raw(value: bytes, key: bytes | None = None, offset_delta: int | None = None) -> Raw:
    return Raw(value, key=key, stamp_ms=int(datetime.now(UTC).timestamp() * 1000), offset_delta=offset_delta)


def named(name: object, deltas: Sequence[int], values: Sequence[bytes] | None = None) -> bytes:
    """A batch whose records name offsets that they do not have; the one in the middle is rejected."""
    values = values or (visit(f"{name}-a"), BAD, visit(f"{name}-c"))
    return batch([raw(value, b"k", delta) for value, delta in zip(values, deltas, strict=True)])


async def transaction(kafka: KafkaBroker, topic: str, values: Sequence[bytes], *, is_kept: bool) -> None:
    """A transaction, whose end takes an offset that no reader sees."""
    end = await end_of(kafka, topic) + len(values) + 1
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic}-{is_kept}") as producer:
        await producer.begin_transaction()
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)
        await (producer.commit_transaction() if is_kept else producer.abort_transaction())
    # The coordinator answers before it has written the end.
    for _ in range(200):
        if await end_of(kafka, topic) >= end:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the transaction did not end")


@asynccontextmanager
async def connected(kafka: KafkaBroker) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def end_of(kafka: KafkaBroker, topic: str) -> int:
    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap) as consumer:
        [end] = (await consumer.end_offsets([TopicPartition(topic, 0)])).values()
        return int(end)


async def publish(kafka: KafkaBroker, topic: str, sent: bytes) -> None:
    """Sends a batch as it is, which must be taken."""
    assert await produce(kafka.bootstrap, topic, [sent]) == [0]


async def landed_once(join: Join, kafka: KafkaBroker, topic: str, good: set[str], bad: list[int]) -> None:
    """Holds what a worker makes of a topic: each record once, and everything committed."""
    kafka.create_topic(f"{topic}.dlq")
    end = await end_of(kafka, topic)
    async with join(topic) as worker:
        for _ in range(100):
            if worker.consumer.failure.done() or await worker.committed() == {0: end}:
                break
            await asyncio.sleep(0.1)
        if worker.consumer.failure.done():
            worker.consumer.failure.result()
        assert await worker.committed() == {0: end}
        assert await worker.landed() == good
        [stored] = await asyncio.to_thread(worker.store.query, "SELECT count() AS n FROM events")
        rows = await asyncio.to_thread(worker.store.query, "SELECT offset FROM rejected ORDER BY offset")
    assert stored["n"] == len(good)
    assert [row["offset"] for row in rows] == bad
    letters = await everything_in(kafka.bootstrap, f"{topic}.dlq")
    assert sorted(int(dict(letter.headers)["cx-offset"]) for letter in letters) == bad


@pytest.mark.parametrize("deltas", NAMED, ids=str)
async def test_a_record_is_read_once_whatever_offset_it_names_among_the_ends_of_transactions(
    deltas: tuple[int, ...], kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=1)
    await publish(kafka, topic, named("first", deltas))
    await transaction(kafka, topic, [visit("kept-1"), visit("kept-2")], is_kept=True)
    await publish(kafka, topic, named("second", deltas))
    await transaction(kafka, topic, [visit("dropped-1"), visit("dropped-2")], is_kept=False)
    await publish(kafka, topic, named("third", deltas))
    await publish(kafka, topic, named("fourth", deltas))
    await send(kafka.bootstrap, topic, [visit("last")])
    names = [f"{batch}-{place}" for batch in ("first", "second", "third", "fourth") for place in "ac"]
    good = {f"e-{name}" for name in (*names, "kept-1", "kept-2", "last")}
    await landed_once(join, kafka, topic, good, [1, 7, 13, 16])


async def test_a_compacted_topic_is_read_once_to_its_end_with_records_that_name_other_offsets(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=1, config=COMPACTED)
    sent = 0
    for number in range(60):
        # The last segment is never compacted: more records begin a new one.
        for round_ in range(ROUNDS):
            records = [raw(visit(f"{number}-{round_}-{key}"), b"%d" % key) for key in range(KEYS)]
            await publish(kafka, topic, batch(records))
            sent += KEYS
        await asyncio.sleep(0.3)
        if len(await everything_in(kafka.bootstrap, topic)) < sent // 2:
            break
    else:
        raise AssertionError("nothing was compacted")
    async with connected(kafka) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"cleanup.policy": "delete"})])
    left = [record.value for record in await everything_in(kafka.bootstrap, topic)]
    assert len(left) < sent
    await publish(kafka, topic, named("end", (5, 5, 0)))
    good = {f"e-{number}-{round_}-{key}" for number in range(60) for round_ in range(ROUNDS) for key in range(KEYS)}
    good = {name for name in good if any(f'"{name}"'.encode() in (value or b"") for value in left)}
    await landed_once(join, kafka, topic, good | {"e-end-a", "e-end-c"}, [sent + 1])
