import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from faust.types import TP

from streams.ingest import consumer
from streams.store.client import Store
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import encoded, event, until
from tests.streams.group import Join, send

pytestmark = pytest.mark.kafka


def events(numbers: Iterable[int | str]) -> list[bytes]:
    return [encoded(event(number, "visit", datetime.now(UTC))) for number in numbers]


def ids(numbers: Iterable[int | str]) -> set[str]:
    return {f"e-{number}" for number in numbers}


async def test_an_error_that_time_does_not_fix_ends_the_consumer_and_commits_nothing(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join, store: Store
) -> None:
    topic = kafka_topic(partitions=1)
    await asyncio.to_thread(store.command, "ALTER TABLE events DROP COLUMN journey")
    await send(kafka.bootstrap, topic, events(range(30)))
    async with join(topic, batch_rows=1) as worker:
        with pytest.raises(DatabaseError):
            await asyncio.wait_for(worker.consumer.failure, 20)
        await send(kafka.bootstrap, topic, events(range(30, 60)))
        assert await worker.committed() == {}


async def test_draining_reads_all_that_the_broker_has_accepted(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=4)
    async with join(topic, linger_s=60) as worker:
        await until(lambda: len(worker.consumer.assignment()) == 4)
        await send(kafka.bootstrap, topic, events(range(12_000)))
        await worker.consumer.drain()
        assert len(await worker.landed()) == 12_000
        assert sum((await worker.committed()).values()) == 12_000


async def test_draining_gives_up_when_the_store_stays_away(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "DRAIN_DEADLINE_S", 0.5)
    topic = kafka_topic(partitions=1)
    away = Store(EngineProcess(1, "x").settings("cx"))
    await send(kafka.bootstrap, topic, events(range(3)))
    async with join(topic, away) as worker:
        await until(lambda: worker.ingest.status.stalled_since is not None)
        with pytest.raises(TimeoutError, match=r"not everything was read and landed within 0 s: lag \{0: 0\}"):
            await worker.consumer.drain()
        assert await worker.committed() == {}


async def test_finishing_lands_what_has_been_taken(kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join) -> None:
    topic = kafka_topic(partitions=1)
    await send(kafka.bootstrap, topic, events(range(30)))
    async with join(topic, linger_s=60) as worker:
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 30})
        await worker.consumer.finish()
        assert (await worker.landed(), await worker.committed()) == (ids(range(30)), {0: 30})


async def test_no_progress_though_there_is_work_ends_it(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=1)

    async def never(*_: Any) -> bool:
        return bool(await asyncio.Event().wait())

    async with join(topic, commit=never, stuck_after_s=1) as worker:
        await send(kafka.bootstrap, topic, events(range(3)))
        with pytest.raises(RuntimeError, match=r"stuck: no progress for \d s, lag"):
            await asyncio.wait_for(worker.consumer.watch(), 20)


async def test_a_consumer_that_stopped_by_itself_ends_it(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    async with join(kafka_topic(partitions=1)) as worker:
        watching = asyncio.create_task(worker.consumer.watch())
        await worker.consumer.stop()
        with pytest.raises(RuntimeError, match="the Kafka consumer stopped"):
            await asyncio.wait_for(watching, 10)


async def test_a_member_that_has_not_joined_is_not_ready(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=1)
    async with join(topic) as first:
        await until(lambda: first.consumer.unready() == "")
        async with join(topic) as second:
            # One partition: the second member is assigned, to nothing, which is as ready as it gets.
            await until(lambda: second.consumer.unready() == "")
            await until(lambda: len(first.consumer.assignment()) + len(second.consumer.assignment()) == 1)
