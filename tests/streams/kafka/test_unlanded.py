from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from streams.embedded import services
from streams.embedded.processes import Lifeline, free_port, start
from streams.errors import Unreachable
from streams.kafka.client import connected_producer, ensure_topics, topic_reader
from streams.kafka.unlanded import lag, unlanded
from streams.settings.settings import KafkaSettings
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.kafka.test_client_topics import names

NOWHERE = KafkaSettings(bootstrap_servers="127.0.0.1:1")


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[KafkaSettings]:
    """An embedded broker without topics."""
    port = free_port(0)
    broker, lifeline = services.broker(port, tmp_path / "spool", tmp_path / "log"), Lifeline()
    child = await start(broker.command, lifeline)
    while not await broker.answers():
        assert child.exit_code is None
    yield KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}", partitions=3)
    await child.stop(5)
    lifeline.close()


async def _publish(settings: KafkaSettings, count: int) -> Counter[int]:
    """So many records in batches; how many the broker has acknowledged, by partition."""
    producer = await connected_producer(settings, linger_ms=20)
    try:
        sent = [await producer.send(settings.topic, b"{}", partition=n % settings.partitions) for n in range(count)]
        return Counter([(await done).partition for done in sent])
    finally:
        await producer.stop()


async def _commit(settings: KafkaSettings, offsets: dict[int, int]) -> None:
    group = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers, group_id=settings.group, enable_auto_commit=False
    )
    await group.start()
    places = {TopicPartition(settings.topic, partition): offset for partition, offset in offsets.items()}
    group.assign(list(places))
    await group.commit(places)
    await group.stop()


@pytest.mark.embedded
async def test_the_last_batch_counts_though_the_embedded_broker_reports_the_end_before_it(
    embedded: KafkaSettings,
) -> None:
    assert await unlanded(embedded) == {}  # without the topic
    await ensure_topics(embedded)
    assert await unlanded(embedded) == {}  # without a record
    acknowledged = await _publish(embedded, 3000)
    assert await unlanded(embedded) == acknowledged
    await _commit(embedded, {0: 1000, 1: 999})
    assert await unlanded(embedded) == {1: 1, 2: 1000}
    await _commit(embedded, {1: 1000, 2: 1000})
    assert await unlanded(embedded) == {}


async def test_a_broker_that_does_not_answer_is_no_broker_where_all_has_landed() -> None:
    with pytest.raises(Unreachable, match="does not answer"):
        await unlanded(NOWHERE)


@pytest.mark.kafka
async def test_lag_is_what_the_group_has_not_committed(
    kafka: KafkaBroker, kafka_topic: TopicFactory, fresh_name: Callable[[], str]
) -> None:
    settings = KafkaSettings(
        bootstrap_servers=kafka.bootstrap, **(names(fresh_name) | {"topic": kafka_topic(partitions=2)})
    )
    assert await lag(settings) == 0  # also of a broker that has never had a group
    producer = await connected_producer(settings)
    for n in range(10):
        await producer.send_and_wait(settings.topic, b"{}", partition=n % 2)
    await producer.stop()
    assert await lag(settings) == 10
    async with topic_reader(settings, settings.topic) as consumer:
        partitions = consumer.assignment()
        assert len(partitions) == 2
    group = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=settings.group, enable_auto_commit=False)
    await group.start()
    group.assign(list(partitions))
    await group.commit({next(iter(partitions)): 3})
    await group.stop()
    assert await lag(settings) == 7
