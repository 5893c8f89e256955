"""The publisher takes events at once, and none that it took is lost: broker or publisher killed, or both away."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from metrics.events.rejection import Reason
from streams.client.delivery import InvalidEvent, NotAccepted, NotDelivered
from streams.client.events import ContactEvent, NpsEvent
from streams.client.publisher import Publisher
from streams.errors import ConfigurationError
from tests.conftest import TopicFactory
from tests.documents import blocks
from tests.kafka.broker import KafkaBroker
from tests.streams.client.receiving import received, service, settings_of

AWAY = settings_of("127.0.0.1:1", "cx.touchpoints")


def contact(number: int) -> ContactEvent:
    return ContactEvent(source="shop", event_id=f"e-{number}", touchpoint="web.site", customer=f"c-{number % 7}")


def on_disk(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob("*.log"))


async def test_every_event_is_acknowledged_with_its_customer_as_key(
    kafka: KafkaBroker, kafka_topic: TopicFactory, tmp_path: Path
) -> None:
    settings = settings_of(kafka.bootstrap, kafka_topic())
    async with Publisher(tmp_path, settings) as publisher:
        deliveries = [publisher.publish(contact(number)) for number in range(5_000)]
        await asyncio.gather(*(asyncio.wait_for(delivery, 60) for delivery in deliveries))
        assert all(delivery.is_kept and delivery.is_acknowledged for delivery in deliveries)
    assert await received(settings) == dict.fromkeys([f"e-{number}" for number in range(5_000)], 1)
    assert on_disk(tmp_path) == 0


def test_what_the_service_would_reject_is_refused_at_once_with_its_reason(tmp_path: Path) -> None:
    with Publisher(tmp_path, AWAY, flush_s=0) as publisher:
        wrong = {"source": "shop", "event_id": "1", "touchpoint": "web", "occurred_at": "2020-01-01T00:00:00Z"}
        for event, reason in (
            (NpsEvent(source="shop", touchpoint="web", score=11), Reason.SCORE_OUT_OF_RANGE),
            (NpsEvent(source="shop", touchpoint="Web", score=1), Reason.BAD_VALUE),
            (wrong | {"kind": "contact"}, Reason.TOO_OLD),
            (wrong | {"kind": "call"}, Reason.UNKNOWN_KIND),
        ):
            with pytest.raises(InvalidEvent) as refused:
                publisher.publish(event)
            assert refused.value.rejected.reason is reason
            assert str(refused.value).startswith(f"{reason}: ")


def test_without_a_broker_events_are_taken_at_once_and_kept(tmp_path: Path) -> None:
    with Publisher(tmp_path, AWAY, flush_s=0.1) as publisher:
        begin = time.perf_counter()
        deliveries = [publisher.publish(contact(number)) for number in range(2_000)]
        assert time.perf_counter() - begin < 2  # a millisecond each, on a machine that others use as well
        for delivery in deliveries:
            delivery.kept(30)
        assert publisher.close() == 2_000
        with pytest.raises(NotDelivered, match="on the disk"):
            deliveries[0].result(1)
        with pytest.raises(NotAccepted, match="closed"):
            publisher.publish(contact(0))


def test_more_than_may_wait_are_not_accepted(tmp_path: Path) -> None:
    with Publisher(tmp_path, AWAY, flush_s=0, most_waiting=3) as publisher:
        for number in range(3):
            publisher.publish(contact(number))
        with pytest.raises(NotAccepted, match="3 events wait"):
            publisher.publish(contact(3))


def test_a_disk_that_takes_nothing_is_said(tmp_path: Path) -> None:
    directory = tmp_path / "events"
    with Publisher(directory, AWAY, flush_s=0) as publisher:
        for path in directory.iterdir():
            path.unlink()
        directory.rmdir()
        delivery = publisher.publish(contact(1))
        with pytest.raises(NotAccepted, match="the disk took no more"):
            delivery.result(30)
        assert not delivery.is_kept


async def test_what_is_too_large_for_the_topic_is_said_and_costs_no_other_event(
    kafka: KafkaBroker, kafka_topic: TopicFactory, tmp_path: Path
) -> None:
    settings = settings_of(kafka.bootstrap, kafka_topic(1, {"max.message.bytes": "2000"}))
    large = msgspec.to_builtins(contact(1_000)) | {"more": "x" * 3_000}
    async with Publisher(tmp_path, settings) as publisher:
        deliveries = [publisher.publish(large if number == 20 else contact(number)) for number in range(40)]
        with pytest.raises(NotDelivered, match="takes no event of this size"):
            await asyncio.wait_for(deliveries.pop(20), 60)
        await asyncio.gather(*(asyncio.wait_for(delivery, 60) for delivery in deliveries))
    assert publisher.close() == 0
    assert set(await received(settings)) == {f"e-{number}" for number in range(40) if number != 20}


def test_a_process_forked_from_it_is_told_to_make_its_own(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, AWAY, flush_s=0)
    child = os.fork()
    if not child:
        try:
            publisher.publish(contact(1))
        except NotAccepted:
            os._exit(40 + publisher.close())
        os._exit(1)
    _, status = os.waitpid(child, 0)
    publisher.publish(contact(2)).kept(30)
    assert (os.waitstatus_to_exitcode(status), publisher.close()) == (40, 1)


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", tmp_path / "file" / "inner"):
        with pytest.raises(ConfigurationError, match=f"cannot keep events in {directory}"):
            Publisher(directory, AWAY)


def test_a_directory_is_one_publishers_own(tmp_path: Path) -> None:
    with (
        Publisher(tmp_path, AWAY, flush_s=0),
        pytest.raises(ConfigurationError, match="another publisher uses"),
    ):
        Publisher(tmp_path, AWAY)
    Publisher(tmp_path, AWAY, flush_s=0).close()


async def test_who_stops_waiting_does_not_stop_the_delivery(
    kafka: KafkaBroker, kafka_topic: TopicFactory, tmp_path: Path
) -> None:
    settings = settings_of(kafka.bootstrap, kafka_topic())
    async with Publisher(tmp_path, settings) as publisher:
        delivery = publisher.publish(contact(1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(delivery, 0)
        await asyncio.wait_for(delivery, 60)
    assert await received(settings) == {"e-1": 1}


@pytest.fixture(scope="module")
def mortal(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A broker that tests here may kill."""
    broker = KafkaBroker(tmp_path_factory.mktemp("mortal"), libraries=kafka_jars)
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.long
@pytest.mark.slow
async def test_a_broker_that_is_killed_and_comes_back_costs_no_event(mortal: KafkaBroker, tmp_path: Path) -> None:
    settings = settings_of(mortal.bootstrap, "killed")
    await asyncio.to_thread(mortal.create_topic, "killed", 4)
    async with Publisher(tmp_path, settings) as publisher:
        deliveries = []
        for number in range(3_000):
            deliveries.append(publisher.publish(contact(number)))
            if number == 1_000:
                await asyncio.to_thread(mortal.kill)
            if number % 100 == 0:
                await asyncio.sleep(0.01)
        await asyncio.to_thread(deliveries[-1].kept, 30)
        assert not deliveries[-1].is_acknowledged
        mortal.launch()
        await asyncio.to_thread(mortal.wait_until_ready)
        await asyncio.gather(*(asyncio.wait_for(delivery, 120) for delivery in deliveries))
    assert set(await received(settings)) == {f"e-{number}" for number in range(3_000)}


@pytest.mark.slow
@pytest.mark.parametrize("is_away", [True, False])
async def test_a_publisher_that_is_killed_leaves_what_the_next_one_sends(
    kafka: KafkaBroker, kafka_topic: TopicFactory, tmp_path: Path, is_away: bool
) -> None:
    settings = settings_of(kafka.bootstrap, kafka_topic())
    killed = service(tmp_path, AWAY if is_away else settings, 500, "killed")
    assert killed.stdout is not None
    assert await asyncio.to_thread(killed.stdout.readline) == "kept\n"
    killed.kill()
    killed.communicate()
    async with Publisher(tmp_path, settings, flush_s=60) as publisher:
        publisher.publish(contact(1))
    assert set(await received(settings)) == {"e-1", *(f"killed-{number}" for number in range(500))}
    assert publisher.close() == 0


@pytest.mark.slow
async def test_a_service_that_just_ends_has_sent_everything(
    kafka: KafkaBroker, kafka_topic: TopicFactory, tmp_path: Path
) -> None:
    settings = settings_of(kafka.bootstrap, kafka_topic())
    left = service(tmp_path, settings, 500, "left")
    output, _ = await asyncio.to_thread(left.communicate, timeout=60)
    assert (left.returncode, output) == (0, "")
    assert await received(settings) == dict.fromkeys([f"left-{number}" for number in range(500)], 1)


async def test_the_lines_of_the_guide_publish_an_event(
    kafka: KafkaBroker, kafka_topic: TopicFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(kafka.bootstrap, kafka_topic())
    monkeypatch.setenv("CXB_KAFKA_BOOTSTRAP_SERVERS", settings.bootstrap_servers)
    monkeypatch.setenv("CXB_KAFKA_TOPIC", settings.topic)
    [block] = [block for block in blocks("python") if "streams.client" in block.text]
    names: dict[str, Any] = {}
    exec(block.text.replace("/var/lib/web-shop/events", str(tmp_path)), names)
    await asyncio.wait_for(names["delivery"], 60)
    await asyncio.to_thread(names["publisher"].close)
    assert list((await received(settings)).values()) == [1]
    assert len(block.text.strip().splitlines()) == 5
