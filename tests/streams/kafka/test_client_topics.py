import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from streams.errors import ConfigurationError, Unreachable
from streams.kafka.client import (
    connected_admin,
    connected_producer,
    ensure_topics,
    explain,
    missing_topics,
)
from streams.settings.settings import KafkaSettings
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.given import everything_in, until

# aiokafka leaves a socket to the garbage collector when a broker refuses it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def names(topics: Callable[[], str]) -> dict[str, Any]:
    return {"topic": topics(), "dlq_topic": topics(), "group": topics()}


async def _missing(settings: KafkaSettings, wanted: list[str]) -> bool:
    # A new topic is not in the broker's metadata at once.
    admin = await connected_admin(settings)
    try:
        return await missing_topics(admin, settings) == wanted
    finally:
        await admin.close()


@pytest.mark.kafka
async def test_missing_topics_are_made_once_as_they_are_wanted(
    kafka: KafkaBroker, fresh_name: Callable[[], str]
) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, partitions=3, **names(fresh_name))
    assert await ensure_topics(settings) == [settings.topic, settings.dlq_topic]
    await until(lambda: _missing(settings, []))
    assert await ensure_topics(settings) == []
    admin = await connected_admin(settings)
    try:
        described = {item["topic"]: item for item in await admin.describe_topics([settings.topic, settings.dlq_topic])}
    finally:
        await admin.close()
    assert [len(described[topic]["partitions"]) for topic in (settings.topic, settings.dlq_topic)] == [3, 1]
    assert {len(part["replicas"]) for item in described.values() for part in item["partitions"]} == {1}


@pytest.mark.kafka
async def test_several_workers_may_make_them_at_once(kafka: KafkaBroker, fresh_name: Callable[[], str]) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, **names(fresh_name))
    made = await asyncio.gather(*(ensure_topics(settings) for _ in range(4)))
    assert any(made)


@pytest.mark.kafka
async def test_a_missing_topic_that_may_not_be_made_is_reported(
    kafka: KafkaBroker, kafka_topic: TopicFactory, fresh_name: Callable[[], str]
) -> None:
    topics = names(fresh_name) | {"topic": kafka_topic()}
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, create_topics=False, **topics)
    await until(lambda: _missing(settings, [settings.dlq_topic]))
    with pytest.raises(
        ConfigurationError, match=f"missing topics: {settings.dlq_topic}; create them, or let CXB_KAFKA"
    ):
        await ensure_topics(settings)


@pytest.mark.kafka
async def test_a_topic_that_the_broker_refuses_to_make_is_reported(
    kafka: KafkaBroker, fresh_name: Callable[[], str]
) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, replication=5, **names(fresh_name))
    with pytest.raises(Unreachable, match=f"Kafka did not create the topic {settings.topic}: InvalidReplicationFactor"):
        await ensure_topics(settings)


@pytest.mark.kafka
async def test_a_broker_that_answers_and_cannot_be_used_is_reported_with_the_first_error(kafka: KafkaBroker) -> None:
    error = await explain(KafkaSettings(bootstrap_servers=kafka.bootstrap), KafkaConnectionError("the first error"))
    assert type(error) is Unreachable
    assert "answers, but cannot be used: KafkaConnectionError: the first error" in str(error)


@pytest.mark.kafka
async def test_a_record_over_the_topics_limit_is_refused_by_the_broker(
    kafka: KafkaBroker, fresh_name: Callable[[], str]
) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, **names(fresh_name))
    await ensure_topics(settings)
    producer = await connected_producer(settings)
    try:
        await producer.send_and_wait(settings.dlq_topic, b"x" * 1_500_000)
        with pytest.raises(Exception, match="MessageSizeTooLarge"):
            await producer.send_and_wait(settings.topic, b"x" * 1_500_000)
    finally:
        await producer.stop()
    assert await everything_in(kafka.bootstrap, settings.topic) == []
