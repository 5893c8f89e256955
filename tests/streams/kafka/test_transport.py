"""Chunks from a real broker: runs of one partition, commits, errors and pauses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import faust
import pytest
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from streams.kafka import fetching, transport
from streams.kafka.faust_app import add_agent, create_faust_app
from streams.kafka.transport import (
    NOTHING_BEFORE,
    Chunk,
    consumer_of,
)
from streams.settings.settings import Settings
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import everything_in, until
from tests.streams.group import committed_by, kafka_of, send, settings_of

T = TP("events", 0)


class Taker:
    """Takes chunks, and remembers them; raises the error that it has."""

    def __init__(self, error: Exception | None = None) -> None:
        self.chunks: list[Chunk] = []
        self.failed: list[BaseException] = []
        self._error = error

    async def take(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)
        if self._error is not None:
            raise self._error

    @property
    def count(self) -> int:
        return sum(len(chunk.records) for chunk in self.chunks)


@asynccontextmanager
async def running(settings: Settings, taker: Taker) -> AsyncIterator[faust.App]:
    transport.install()
    app = create_faust_app(settings)
    add_agent(app, [settings.kafka.topic], taker.take, taker.failed.append)
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


@pytest.mark.kafka
async def test_every_partition_of_many_has_its_share_of_a_fetch(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess
) -> None:
    topic, taker = kafka_topic(partitions=16), Taker()
    for partition in range(16):
        await send(kafka.bootstrap, topic, [b"x"], partition)
    async with running(settings_of(kafka_of(kafka.bootstrap, topic), engine.settings("cx")), taker) as app:
        await until(lambda: taker.count == 16)
        consumer = transport.consumer_of(app)._thread._ensure_consumer()
        assert consumer._fetcher._max_partition_fetch_bytes == fetching.OF_ALL // 16


@pytest.mark.kafka
async def test_each_message_is_a_run_of_one_partition(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess
) -> None:
    topic, taker = kafka_topic(partitions=2), Taker()
    values = [b"%d" % n for n in range(60)]
    await send(kafka.bootstrap, topic, values[:40], 0)
    await send(kafka.bootstrap, topic, values, 1)
    async with running(settings_of(kafka_of(kafka.bootstrap, topic), engine.settings("cx")), taker):
        await until(lambda: taker.count == 100)
    for partition, count in ((0, 40), (1, 60)):
        mine = [chunk for chunk in taker.chunks if chunk.tp == TP(topic, partition)]
        assert [record.value for chunk in mine for record in chunk.records] == values[:count]
        assert [chunk.previous for chunk in mine] == [NOTHING_BEFORE, *(chunk.next_offset - 1 for chunk in mine[:-1])]
        assert [list(chunk.gap) for chunk in mine] == [[]] * len(mine)
    assert len(taker.chunks) < 20
    assert len({chunk.generation for chunk in taker.chunks}) == 1
    assert taker.failed == []


@pytest.mark.kafka
async def test_records_are_light_for_the_worker_alone(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess
) -> None:
    topic, taker = kafka_topic(partitions=1), Taker()
    await send(kafka.bootstrap, topic, [b"1"])
    async with running(settings_of(kafka_of(kafka.bootstrap, topic), engine.settings("cx")), taker):
        await until(lambda: taker.count == 1)
        (light,), (full,) = taker.chunks[0].records, await everything_in(kafka.bootstrap, topic)
    assert (isinstance(light, ConsumerRecord), isinstance(full, ConsumerRecord)) == (False, True)
    assert (full.topic, full.partition, full.value) == (topic, 0, b"1")
    for name in ("offset", "timestamp", "timestamp_type", "key", "value"):
        assert getattr(light, name) == getattr(full, name)


@pytest.mark.kafka
async def test_only_what_we_say_is_committed(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess
) -> None:
    topic, taker = kafka_topic(partitions=1), Taker()
    settings = settings_of(kafka_of(kafka.bootstrap, topic), engine.settings("cx"))
    await send(kafka.bootstrap, topic, [b"%d" % n for n in range(40)])
    async with running(settings, taker) as app:
        await until(lambda: taker.count == 40)
        assert await committed_by(settings.kafka) == {}
        assert await consumer_of(app).commit_landed({TP(topic, 0): 7, TP(topic, 9): 1, TP("other", 0): 1})
        assert await committed_by(settings.kafka) == {0: 7}
        assert await app.consumer.earliest(TP(topic, 0)) == 0
        assert [app.consumer.unread(TP(topic, 0), taken) for taken in (40, 39, 0)] == [0, 1, 40]
    assert await committed_by(settings.kafka) == {0: 7}


@pytest.mark.kafka
async def test_a_commit_that_the_broker_refuses_is_logged_and_no_error(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess, caplog: pytest.LogCaptureFixture
) -> None:
    topic = kafka_topic(partitions=1)
    async with running(settings_of(kafka_of(kafka.bootstrap, topic), engine.settings("cx")), Taker()) as app:
        await until(app.consumer.assignment)
        # As when the group has gone on without us.
        app.consumer._thread._ensure_consumer()._coordinator.generation = 999
        assert not await app.consumer.commit_landed({TP(topic, 0): 1})
        assert "offsets were not committed, they will be with the next batch" in caplog.text


@pytest.mark.kafka
async def test_after_an_error_nothing_more_is_taken(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess
) -> None:
    topic, taker = kafka_topic(partitions=1), Taker(KeyError("a bug"))
    settings = settings_of(kafka_of(kafka.bootstrap, topic), engine.settings("cx"))
    async with running(settings, taker) as app:
        await send(kafka.bootstrap, topic, [b"1"])
        await until(lambda: taker.failed)
        await send(kafka.bootstrap, topic, [b"2"])
        await until(lambda: app.consumer.unread(TP(topic, 0), 1) > 0)  # fetched, and not taken
    assert [type(error) for error in taker.failed] == [KeyError]
    assert taker.count == 1
    assert await committed_by(settings.kafka) == {}


@pytest.mark.long
@pytest.mark.kafka
async def test_what_was_fetched_for_a_partition_that_was_paused_meanwhile_is_fetched_again(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess
) -> None:
    topic, taker = kafka_topic(partitions=2), Taker()
    paused, fetched = TP(topic, 1), asyncio.Event()
    async with running(settings_of(kafka_of(kafka.bootstrap, topic), engine.settings("cx")), taker) as app:
        await until(app.consumer.assignment)
        fetch = app.consumer._wait_next_records

        async def fetch_and_pause(timeout: float) -> Any:  # noqa: ASYNC109  (faust's own name)
            records, active = await fetch(timeout)
            if records and not fetched.is_set():
                app.consumer.pause_partitions({paused})
                fetched.set()
            return records, active

        app.consumer._wait_next_records = fetch_and_pause
        app.consumer.quiet_fetches = 0
        await until(lambda: app.consumer.quiet_fetches >= 2)  # the fetches from here on are ours
        await send(kafka.bootstrap, topic, [b"%d" % n for n in range(10)], 1)
        await asyncio.wait_for(fetched.wait(), 20)
        await until(lambda: app.consumer.quiet_fetches >= 2)
        assert taker.chunks == []
        assert app.consumer.unread(paused, None) == 10  # a lag, though nothing has ever been taken
        app.consumer.resume_partitions({paused})
        await until(lambda: taker.count == 10)
    assert [record.offset for chunk in taker.chunks for record in chunk.records] == list(range(10))
