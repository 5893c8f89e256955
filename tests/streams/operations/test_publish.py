import asyncio
import gzip
import os
import random
import sys
import tracemalloc
from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import zstandard
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from streams.errors import ConfigurationError
from streams.figures.minutes import refreshed_upto
from streams.operations import publish as publishing
from streams.operations.publish import Published, Settled, lines, publish, settle
from streams.settings.settings import KafkaSettings
from streams.store.client import Store
from streams.store.clock import store_time
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.metrics import events_near as near
from tests.streams.given import NOON, encoded, event, everything_in, until
from tests.streams.group import kafka_of

TEXT = b'{"a":1}\n\n{"b":2}\r\n \n\x00\xff not json\nlast'
LINES = [b'{"a":1}', b'{"b":2}', b"\x00\xff not json", b"last"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("e.ndjson", lambda text: text),
        ("e.ndjson.gz", gzip.compress),
        ("e.ndjson.gz", lambda text: gzip.compress(text[:9]) + gzip.compress(text[9:])),
        ("e.ndjson.zst", zstandard.compress),
        ("e.ndjson.zst", lambda text: zstandard.compress(text[:9]) + zstandard.compress(text[9:])),
    ],
)
def test_a_file_is_read_line_by_line_whatever_it_is_packed_in(
    name: str, written: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(written(TEXT))
    assert list(lines(tmp_path / name)) == LINES


def test_a_dash_is_standard_input_and_pauses_of_it_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        arriving = lines(Path("-"))
        assert next(arriving) == b""
        os.write(writing, TEXT)
        assert [next(arriving) for _ in LINES[:-1]] == LINES[:-1]
        assert next(arriving) == b""  # the last line may not be whole yet
        os.close(writing)
        assert list(arriving) == LINES[-1:]


def test_a_large_packed_file_is_read_in_pieces(tmp_path: Path) -> None:
    written = [random.Random(number).randbytes(40).hex().encode() for number in range(20_000)]
    (tmp_path / "e.zst").write_bytes(zstandard.compress(b"\n".join(written)))
    assert list(lines(tmp_path / "e.zst")) == written


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("e.ndjson.zst", zstandard.compress),
        ("e.ndjson.gz", partial(gzip.compress, compresslevel=1)),
        ("e.ndjson", bytes),
    ],
)
def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(
    name: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    endless = bytes(400 << 20)
    (tmp_path / name).write_bytes(pack(b'{"a":1}\n' + endless))
    del endless
    read = lines(tmp_path / name)
    tracemalloc.start()
    try:
        assert next(read) == b'{"a":1}'
        with pytest.raises(ConfigurationError, match="a line is longer than 8,388,608 bytes; events are JSON texts"):
            next(read)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 64 << 20


def test_standard_input_without_an_end_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/zero") as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        with pytest.raises(ConfigurationError, match="cannot read events from -: a line is longer than"):
            next(lines(Path("-")))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.ndjson", None),
        ("e.ndjson.gz", b"not gzip"),
        ("e.ndjson.gz", gzip.compress(TEXT * 100, mtime=0)[:-20]),
        ("e.ndjson.zst", b"not zstandard"),
        ("e.ndjson.zst", zstandard.compress(bytes(range(256)) * 1000)[:-20]),
        (".", None),
    ],
)
def test_a_file_that_cannot_be_read_is_told(name: str, content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match="cannot read events from "):
        list(lines(tmp_path / name))


@pytest.mark.kafka
async def test_each_event_is_keyed_by_its_customer_or_else_its_id(
    kafka: KafkaBroker, kafka_topic: TopicFactory
) -> None:
    topic = kafka_topic(partitions=1)
    events = [
        encoded(event(1, customer="anna")), encoded(event(2)), b"not json", b"[]", b'{"customer":7}', b"{}", b"\xff",
        b"[" * 60_000, encoded(event(3, customer="NULL")),
    ]  # fmt: skip
    published = await publish(KafkaSettings(bootstrap_servers=kafka.bootstrap, topic=topic), events, backfill=False)
    records = await everything_in(kafka.bootstrap, topic)
    assert [record.value for record in records] == events
    assert [record.key for record in records] == [b"anna", b"e-2", *[None] * 6, b"e-3"]
    assert (published.count, dict(published.offsets)) == (9, {0: array("q", range(9))})


@pytest.mark.kafka
@pytest.mark.parametrize("backfill", [True, False])
async def test_backfilled_records_are_as_old_as_their_events(
    kafka: KafkaBroker, kafka_topic: TopicFactory, backfill: bool
) -> None:
    topic = kafka_topic(partitions=1)
    ancient = event(3, at=datetime(1969, 1, 1, tzinfo=UTC))
    future = event(4, at=datetime.now(UTC) + timedelta(days=9))  # the service rejects it, and Kafka would
    events = [encoded(event(1)), encoded(event(2)).replace(b"+00:00", b""), b"{}", encoded(ancient), encoded(future)]
    await publish(KafkaSettings(bootstrap_servers=kafka.bootstrap, topic=topic), events, backfill=backfill)
    old = [record.timestamp == int(NOON.timestamp() * 1000) for record in await everything_in(kafka.bootstrap, topic)]
    assert old == [backfill, False, False, False, False]


@pytest.mark.kafka
async def test_progress_is_told_and_ends_at_the_whole(
    kafka: KafkaBroker, kafka_topic: TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "IN_FLIGHT", 10)
    counts: list[int] = []
    topic = kafka_topic(partitions=3)
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, topic=topic)
    published = await publish(settings, [encoded(event(n)) for n in range(25)], backfill=False, sent=counts.append)
    assert counts == [10, 20, 25]
    assert published.count == 25


@pytest.mark.kafka
async def test_a_record_over_the_topics_limit_is_told(kafka: KafkaBroker, kafka_topic: TopicFactory) -> None:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, topic=kafka_topic(1, {"max.message.bytes": "1000"}))
    advice = (
        r"after 0 acknowledged events one is larger than .* takes: shorten it or raise the topic's max\.message\.bytes"
    )
    with pytest.raises(ConfigurationError, match=advice):
        await publish(settings, [b"x" * 5000], backfill=False)


@pytest.mark.kafka
async def test_what_was_published_is_settled_when_it_is_committed_and_the_cells_are_fresh(
    kafka: KafkaBroker, kafka_topic: TopicFactory, store: Store
) -> None:
    topic = kafka_topic(partitions=1)
    settings = kafka_of(kafka.bootstrap, topic)
    before = await asyncio.to_thread(store_time, store)
    published = await publish(settings, [encoded(event(n)) for n in range(5)], backfill=False)
    published.since = before - timedelta(seconds=2)
    counts: list[int] = []
    settling = asyncio.create_task(settle(settings, store, published, counts.append))
    await until(lambda: counts)
    assert counts == [0] * len(counts)  # also of a group that has never committed
    await commit(settings, 3)
    await until(lambda: 3 in counts)
    await asyncio.to_thread(store.insert_rejected, [refused(topic, 1), refused(topic, 99), refused("other", 2)])
    await commit(settings, 5)
    await until(lambda: 5 in counts)
    assert not settling.done()
    assert await asyncio.to_thread(refreshed_upto, store) is None
    later = await asyncio.to_thread(store_time, store)

    async def refreshed() -> bool:
        nonlocal later
        later += timedelta(hours=1)
        await asyncio.to_thread(store.insert, "refreshes", ("upto", "minutes"), ([later], [0]))
        return settling.done()

    await until(refreshed)
    assert settling.result() == Settled(4, {"bad_value": 1})


@pytest.mark.kafka
async def test_nothing_published_is_settled_at_once(
    kafka: KafkaBroker, kafka_topic: TopicFactory, store: Store
) -> None:
    later = await asyncio.to_thread(store_time, store) + timedelta(hours=1)
    await asyncio.to_thread(store.insert, "refreshes", ("upto", "minutes"), ([later], [0]))
    settings = kafka_of(kafka.bootstrap, kafka_topic(partitions=1))
    assert await asyncio.wait_for(settle(settings, store, Published()), 20) == Settled(0, {})


async def commit(settings: KafkaSettings, offset: int) -> None:
    """Commits as the group's only member would."""
    consumer = publishing_group(settings)
    await consumer.start()
    try:
        tp = TopicPartition(settings.topic, 0)
        consumer.assign([tp])
        await consumer.commit({tp: offset})
    finally:
        await consumer.stop()


def publishing_group(settings: KafkaSettings) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers, group_id=settings.group, enable_auto_commit=False
    )


def refused(topic: str, offset: int) -> dict[str, object]:
    return {
        "reason": "bad_value", "detail": "x", "topic": topic, "partition": 0, "offset": offset, "payload": "",
        "fingerprint": offset, "customer": "",
    }  # fmt: skip


def test_an_event_of_a_leap_second_keeps_its_key_and_is_stamped_with_the_second_before() -> None:
    line = near.encoded({**near.GOOD, "customer": "c-1", "occurred_at": "2026-11-21T23:59:60Z"})
    assert publishing._key_and_time(line) == (b"c-1", 1_795_305_599_000)
