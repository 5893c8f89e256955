"""The broker's side of the door: 202 means acknowledged, whatever the broker does meanwhile."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kafka.broker import KafkaBroker
from tests.streams.embedded.fronted import TOPIC, Fronted
from tests.streams.gateway.conftest import Serve, event, running, settings_of_gateway

# The client leaves connections to the garbage collector that it was making when a broker died.
pytestmark = [
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Unclosed AIOKafkaConnection:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def frail(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A broker that a test may freeze and kill, and leaves as it found it."""
    broker = KafkaBroker(tmp_path_factory.mktemp("frail"), libraries=kafka_jars)
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.long
async def test_a_frozen_broker_is_answered_with_503_and_what_was_pending_lands_when_it_goes_on(
    frail: KafkaBroker,
) -> None:
    frail.create_topic("frozen", 4)
    async with running(settings_of_gateway(frail.bootstrap, "frozen", answer_s=1.0)) as gateway:
        assert (await gateway.post(event(0))).status == 202
        os.kill(frail.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            first = await gateway.post(event(1))
            assert 0.9 < time.monotonic() - began < 5
            began = time.monotonic()
            second = await gateway.post(event(2))
            unready = await gateway.get("/readyz")
            assert time.monotonic() - began < 0.9  # nothing is queued behind what hangs
            held = gateway.gateway._door.budget.taken
        finally:
            os.kill(frail.pid, signal.SIGCONT)
        await gateway.ready()
        assert (await gateway.post([event(1), event(2)])).status == 202
        ids = [json.loads(record.value)["event_id"] for record in await gateway.landed()]
        assert gateway.gateway._door.budget.taken == 0
    assert (first.status, second.status, unready.status) == (503, 503, 503)
    assert first.headers["Retry-After"] == second.headers["Retry-After"] == "5"
    assert "has not acknowledged the events within 1 s; send the request again" in first.body["error"]
    assert unready.body == {"ready": False, "reason": "the broker has acknowledged nothing for 1 s"}
    assert held > 0
    # What was answered with 503 may have landed: sent again, it counts once.
    assert set(ids) == {"e0", "e1", "e2"}
    assert ids.count("e0") == 1


@pytest.mark.long
async def test_what_was_acknowledged_survives_a_killed_broker_and_the_gateway_goes_on(frail: KafkaBroker) -> None:
    frail.create_topic("killed", 4)
    async with running(settings_of_gateway(frail.bootstrap, "killed", answer_s=2.0)) as gateway:
        accepted: set[str] = set()
        statuses: list[int] = []

        async def publish() -> None:
            number = 0
            while len(statuses) < 4000:
                answer = await gateway.post(event(number))
                statuses.append(answer.status)
                if answer.status == 202:
                    accepted.add(f"e{number}")
                    number += 1
                else:
                    assert answer.status == 503, answer.body
                    await asyncio.sleep(0.1)
                if statuses.count(503) and answer.status == 202:
                    return

        load = asyncio.create_task(publish())
        await asyncio.sleep(1)
        await asyncio.to_thread(frail.kill)
        await asyncio.sleep(1)
        frail.launch()  # from this thread: its broker lives as long
        await asyncio.to_thread(frail.wait_until_ready)
        async with asyncio.timeout(60):
            await load
        ids = {json.loads(record.value)["event_id"] for record in await gateway.landed()}
    assert 503 in statuses
    assert len(accepted) > 10
    assert accepted <= ids


@pytest.mark.long
async def test_a_gateway_begins_without_a_broker_and_takes_events_once_there_is_one(frail: KafkaBroker) -> None:
    frail.create_topic("later", 1)
    await asyncio.to_thread(frail.stop)
    try:
        async with running(settings_of_gateway(frail.bootstrap, "later"), ready=False) as gateway:
            health, unready = await gateway.get("/healthz"), await gateway.get("/readyz")
            refused = await gateway.post(event(0))
            frail.launch()
            await gateway.ready()
            assert (await gateway.post(event(0))).status == 202
    finally:
        if frail._process is None:
            frail.start()
    assert (health.status, unready.status, refused.status) == (200, 503, 503)
    assert refused.body["error"].startswith("the broker does not answer; send the request again")


async def test_a_stop_answers_what_has_begun_and_takes_nothing_new(serve_gateway: Serve) -> None:
    async with serve_gateway() as gateway:
        begun = [asyncio.create_task(gateway.post(event(number))) for number in range(50)]
        while len([task for task in begun if task.done()]) < 5:  # noqa: ASYNC110  # over HTTP
            await asyncio.sleep(0.001)
        gateway.stop.set()
        answers = await asyncio.gather(*begun, return_exceptions=True)
    statuses = [answer.status for answer in answers if not isinstance(answer, BaseException)]
    assert statuses.count(202) >= 5
    assert set(statuses) <= {202, 503}


async def test_a_topic_that_takes_no_event_so_large_is_named_and_the_next_events_are_taken(
    kafka: KafkaBroker, fresh_name: "object"
) -> None:
    topic = fresh_name()  # type: ignore[operator]
    kafka.create_topic(topic, 1, {"max.message.bytes": "2000"})
    async with running(settings_of_gateway(kafka.bootstrap, topic)) as gateway:
        large = await gateway.post(event(0, x="a" * 5000))
        await gateway.ready()
        assert (await gateway.post(event(1))).status == 202
        assert [json.loads(record.value)["event_id"] for record in await gateway.landed()] == ["e1"]
    assert large.status == 413
    assert f"an event is larger than {topic} takes" in large.body["error"]


@pytest.mark.embedded
async def test_the_embedded_broker_takes_events_as_kafka_does(tmp_path: Path) -> None:
    broker = Fronted(tmp_path)
    await broker.start()
    try:
        settings = settings_of_gateway(broker.address, TOPIC, answer_s=5.0)
        async with running(settings, embedded=True) as gateway:
            answers = await asyncio.gather(*(gateway.post([event(2 * n), event(2 * n + 1)]) for n in range(50)))
            assert {answer.status for answer in answers} == {202}
            ids = [json.loads(record.value)["event_id"] for record in await gateway.landed()]
            assert sorted(ids) == sorted(f"e{number}" for number in range(100))
            await broker.stop()
            assert (await gateway.post(event(100))).status == 503
            await broker.start()
            async with asyncio.timeout(30):
                while (await gateway.post(event(100))).status != 202:  # noqa: ASYNC110  # over HTTP
                    await asyncio.sleep(0.1)
    finally:
        await broker.stop()
