import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import IllegalStateError
from aiokafka.structs import TopicPartition
from faust.types import TP

from streams.kafka.client import connected_admin
from streams.store.client import Store
from tests.conftest import TopicFactory
from tests.faults.proxy import Proxy, is_insert
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import encoded, event, until
from tests.streams.group import Join, kafka_of, member, send, settings_of

pytestmark = pytest.mark.kafka


def events(numbers: Iterable[int | str]) -> list[bytes]:
    return [encoded(event(number, "visit", datetime.now(UTC))) for number in numbers]


def ids(numbers: Iterable[int | str]) -> set[str]:
    return {f"e-{number}" for number in numbers}


async def test_what_was_published_lands_and_is_then_committed(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=2)
    for partition in range(2):
        await send(kafka.bootstrap, topic, events(f"{partition}-{n}" for n in range(50)), partition)
    async with join(topic) as worker:
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 50, TP(topic, 1): 50})
        await until(lambda: worker.ingest.status.idle)
        await until(lambda: worker.consumer.unready() == "")
        assert len(await worker.landed()) == 100
        assert await worker.committed() == {0: 50, 1: 50}
        assert worker.consumer.assignment() == {TP(topic, 0), TP(topic, 1)}
        assert worker.consumer.is_elected()
        assert worker.consumer.lags() == {0: 0, 1: 0}
        assert worker.lost == []


async def test_a_group_that_comes_back_goes_on_where_it_committed(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=1)
    await send(kafka.bootstrap, topic, events(range(10)))
    async with join(topic) as worker:
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 10} and worker.ingest.status.idle)
    await send(kafka.bootstrap, topic, events(range(10, 15)))
    async with join(topic) as worker:
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 15} and worker.ingest.status.idle)
        assert b'kind="visit"} 5.0' in worker.telemetry.exposition()
        assert await worker.landed() == ids(range(15))


async def test_nothing_is_committed_while_landing_is_held_back(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join, store: Store, engine: EngineProcess
) -> None:
    topic = kafka_topic(partitions=1)
    proxy = Proxy(engine.port)
    slow = Store(EngineProcess(proxy.port, engine.password).settings(store.database, timeout_s=2))
    await asyncio.to_thread(slow.query, "SELECT 1")
    held: list[bytes] = []

    def hold(data: bytes) -> bytes | None:
        if not is_insert(data):
            return None
        held.append(data)
        return b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    proxy.behaviour.answer = hold
    await send(kafka.bootstrap, topic, events(range(100)))
    async with join(topic, slow, batch_rows=10) as worker:
        await until(lambda: worker.ingest.status.stalled_since is not None and len(held) > 1)
        assert worker.ingest.status.cursors
        assert (await worker.committed(), await worker.landed()) == ({}, set())
        assert worker.consumer.unready() == "the store, the dead-letter topic or the schema registry is away"
        await asyncio.to_thread(proxy.heal)
        await until(lambda: worker.consumer.unready() == "")
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 100} and worker.ingest.status.idle)
        assert (await worker.committed(), await worker.landed()) == ({0: 100}, ids(range(100)))
    slow.close()
    await asyncio.to_thread(proxy.close)


async def test_committed_is_never_ahead_of_landed(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join, store: Store, engine: EngineProcess
) -> None:
    topic = kafka_topic(partitions=1)
    proxy = Proxy(engine.port)
    slow = Store(EngineProcess(proxy.port, engine.password).settings(store.database))
    await asyncio.to_thread(slow.query, "SELECT 1")
    proxy.behaviour.delay_s = 0.02
    looks = []
    async with join(topic, slow, batch_rows=20) as worker:
        for first in range(0, 200, 20):
            await send(kafka.bootstrap, topic, events(range(first, first + 20)))
            committed = (await worker.committed()).get(0, 0)
            looks.append((committed, await worker.landed()))
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 200} and worker.ingest.status.idle)
        looks.append(((await worker.committed())[0], await worker.landed()))
    assert looks[-1] == (200, ids(range(200)))
    for committed, landed in looks:
        assert ids(range(committed)) <= landed
    slow.close()
    await asyncio.to_thread(proxy.close)


async def test_records_of_aborted_transactions_are_never_read_and_an_idle_topic_of_transactions_is_no_work(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=1)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic}-tx")
    await producer.start()
    for number, outcome in enumerate(("commit", "abort", "commit", "abort")):
        await producer.begin_transaction()
        for value in events(f"{number}-{n}" for n in range(5)):
            await producer.send_and_wait(topic, value)
        await (producer.commit_transaction() if outcome == "commit" else producer.abort_transaction())
    await producer.stop()
    async with join(topic, stuck_after_s=1) as worker:

        async def all_committed() -> bool:
            return await worker.committed() == {0: 24}

        # Past the last transaction's mark too: the group's lag is 0, whoever looks.
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 24} and worker.ingest.status.idle)
        await until(all_committed)
        assert await worker.landed() == ids(f"{number}-{n}" for number in (0, 2) for n in range(5))
        assert worker.lost == []  # gaps, but nothing that the broker removed
        await until(lambda: not any(worker.consumer.lags().values()))
        watching = asyncio.create_task(worker.consumer.watch())
        await asyncio.wait([watching], timeout=3)
        assert not watching.done(), watching.exception()
        watching.cancel()
        await asyncio.wait_for(worker.consumer.drain(), 10)


async def test_a_transaction_that_is_still_open_is_no_work_yet(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=1)
    await send(kafka.bootstrap, topic, events(range(3)))
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{topic}-tx")
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(topic, events([3])[0])
    async with join(topic, stuck_after_s=1) as worker:
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 3} and worker.ingest.status.idle)
        watching = asyncio.create_task(worker.consumer.watch())
        await asyncio.wait([watching], timeout=3)
        assert not watching.done(), watching.exception()
        await producer.commit_transaction()
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 5} and worker.ingest.status.idle)
        watching.cancel()
    await producer.stop()


async def test_records_that_the_broker_removed_before_they_were_read_are_reported(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join, caplog: pytest.LogCaptureFixture
) -> None:
    topic = kafka_topic(partitions=1)
    await send(kafka.bootstrap, topic, events(range(5)))
    async with join(topic) as worker:
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 5} and worker.ingest.status.idle)
    await send(kafka.bootstrap, topic, events(range(5, 15)))
    admin = await connected_admin(worker.settings.kafka)
    await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=10)})
    await admin.close()
    caplog.set_level(logging.ERROR)
    async with join(topic) as worker:
        await until(lambda: worker.ingest.status.cursors == {TP(topic, 0): 15} and worker.ingest.status.idle)
        assert worker.lost == [(TP(topic, 0), 5)]
        assert await worker.landed() == ids([*range(5), *range(10, 15)])
    assert "up to 5 records from offset 5 were removed by the broker before they were read" in caplog.text


async def test_members_share_the_partitions_and_nothing_is_lost_as_they_come_and_go(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=4)
    sent = 0

    async def publish(count: int = 200) -> None:
        nonlocal sent
        await send(kafka.bootstrap, topic, events(range(sent, sent + count)))
        sent += count

    async with join(topic) as first:
        await until(lambda: len(first.consumer.assignment()) == 4)
        await publish()
        publishing = asyncio.create_task(publish(2000))
        async with join(topic) as second:
            await until(lambda: len(first.consumer.assignment()) == len(second.consumer.assignment()) == 2)
            await publishing
            await publish()
            assert first.consumer.assignment().isdisjoint(second.consumer.assignment())
            assert sum(worker.consumer.is_elected() for worker in (first, second)) == 1
            await until(lambda: second.ingest.status.cursors)
            publishing = asyncio.create_task(publish(2000))
        await until(lambda: len(first.consumer.assignment()) == 4)
        await publishing
        await publish()

        async def all_committed() -> bool:
            return sum((await first.committed()).values()) == sent

        await until(all_committed)
        assert await first.landed() == ids(range(sent))
        assert not first.consumer.failure.done()
        assert not second.consumer.failure.done()


async def test_partitions_that_go_while_they_are_sought_do_not_end_the_consumer(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = kafka_topic(partitions=2)
    async with join(topic) as worker:
        consumer = worker.consumer._consumer
        await until(lambda: len(worker.consumer.assignment()) == 2 and worker.consumer.unready() == "")
        sought = asyncio.Event()

        async def revoked_meanwhile(**_: object) -> dict[TP, list[object]]:
            consumer.stop_flow()  # as faust does first when partitions are revoked
            return {}

        async def gone() -> None:
            # What aiokafka says when a rebalance takes a partition between the answer of the broker and the seek.
            sought.set()
            raise IllegalStateError("No current assignment for partition")

        with monkeypatch.context() as rebalance:
            rebalance.setattr(consumer, "_getmany", revoked_meanwhile)
            rebalance.setattr(consumer, "seek_to_committed", gone)
            await until(sought.is_set)
        consumer.resume_flow()
        await send(kafka.bootstrap, topic, events(range(10)))

        async def all_landed() -> bool:
            return await worker.landed() == ids(range(10))

        await until(all_landed)
        assert not worker.consumer._app.should_stop


async def test_what_a_leaving_member_has_taken_lands_before_another_gets_the_partitions(
    kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    topic = kafka_topic(partitions=2)
    async with join(topic, linger_s=60) as first:
        await until(lambda: len(first.consumer.assignment()) == 2)
        await send(kafka.bootstrap, topic, events(range(20)))
        await until(lambda: sum(first.ingest.status.cursors.values()) == 20)
        assert await first.landed() == set()
        async with join(topic, linger_s=60):
            await until(lambda: first.ingest.status.idle)
            assert await first.landed() == ids(range(20))


@pytest.mark.long
async def test_a_broker_that_goes_away_is_reported_and_so_is_its_return(
    kafka_jars: Path, tmp_path: Path, store: Store, engine: EngineProcess, registry_path: Path
) -> None:
    broker = KafkaBroker(tmp_path / "kafka", libraries=kafka_jars)
    broker.start()
    try:
        broker.create_topic("t", 1)
        settings = settings_of(kafka_of(broker.bootstrap, "t"), engine.settings(store.database))
        async with member(settings, store, registry_path) as worker:
            await until(worker.consumer.broker_answers)
            broker.kill()
            await until(lambda: not worker.consumer.broker_answers())
            broker.launch()
            await asyncio.to_thread(broker.wait_until_ready)
            await until(worker.consumer.broker_answers)
    finally:
        broker.stop()
