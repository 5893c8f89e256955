"""Records that Kafka takes and no library of ours would send: each lands or is rejected, and the group goes on."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from faust.types import TP

from metrics.sources.routing import REDRIVEN
from streams.kafka import transport
from streams.kafka.dead_letters import fingerprint
from streams.kafka.redriven import Origin
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.kafka.raw import CODECS, Raw, batch, produce
from tests.streams.given import encoded, event, everything_in, until
from tests.streams.group import Join, send

pytestmark = pytest.mark.kafka
BAD = b"not json"
MARK = REDRIVEN.encode()
BIG = b"h" * 1_000_000
TAKES_ALL = {"max.message.bytes": "4000000", "message.timestamp.after.max.ms": str(2**63 - 1)}
HEADERS: dict[str, list[tuple[bytes, bytes | None]]] = {
    "a name that is not UTF-8": [(b"caff\xe8", b"1"), (b"\xff\xfe", None)],
    "half a surrogate as a name": [(b"\xed\xa0\x80", b"1")],
    "an empty name": [(b"", b""), (b"", None)],
    "null": [(b"trace", None)],
    "thousands": [(b"h%d" % n, None) for n in range(5_000)],
    "a megabyte": [(b"big", BIG)],
    "a name of a megabyte": [(BIG, b"")],
    "ours": [(b"cx-offset", None), (b"cx-truncated-from", b"x"), (b"cx-reason", b"\xff")],
    "a null mark": [(MARK, None)],
    "a deep mark": [(MARK, b'{"x":' + b"[" * 100_000)],
    "a mark of no row": [(MARK, msgspec.json.encode(Origin("t", 0, 0, fingerprint(BAD))))],
    "a mark with a partition out of range": [(MARK, msgspec.json.encode(Origin("t", 2**40, 0, fingerprint(BAD))))],
    "a mark with an offset out of range": [(MARK, msgspec.json.encode(Origin("t", 0, 2**64 - 1, fingerprint(BAD))))],
    "a mark with a fingerprint out of range": [(MARK, msgspec.json.encode(Origin("t", 0, 0, -1)))],
}


@pytest.fixture(autouse=True)
def _installed() -> None:
    transport.install()


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def visit(name: object) -> bytes:
    return encoded(event(str(name), "visit", datetime.now(UTC)))


def around(strange: Raw, name: object) -> list[Raw]:
    """A strange record between two good ones of the same batch."""
    return [Raw(visit(f"{name}-a"), stamp_ms=now_ms()), strange, Raw(visit(f"{name}-c"), stamp_ms=now_ms())]


def strange_batches(codec: str) -> Iterator[tuple[list[Raw], str]]:
    for name, headers in HEADERS.items():
        yield around(Raw(visit(name), headers, stamp_ms=now_ms()), name), codec
        yield around(Raw(BAD, headers, b"", stamp_ms=now_ms()), f"{name}-bad"), codec


async def landed_all(join: Join, kafka: KafkaBroker, topic: str, batches: list[tuple[list[Raw], str]]) -> None:
    """Publishes batches, and holds what a worker made of each record."""
    codes = await produce(kafka.bootstrap, topic, [batch(records, codec) for records, codec in batches])
    assert codes == [0] * len(batches)
    await send(kafka.bootstrap, topic, [visit("last")])
    sent = [record for records, _ in batches for record in records]
    kafka.create_topic(f"{topic}.dlq")
    async with join(topic) as worker:
        end = {TP(topic, 0): len(sent) + 1}
        await until(lambda: worker.consumer.failure.done() or worker.ingest.status.cursors == end)
        if worker.consumer.failure.done():
            worker.consumer.failure.result()
        await until(lambda: worker.ingest.status.idle)
        good = {msgspec.json.decode(record.value)["event_id"] for record in sent if record.value not in (BAD, None)}
        assert await worker.landed() == good | {"e-last"}
        assert await worker.committed() == {0: len(sent) + 1}
        rows = await asyncio.to_thread(worker.store.query, "SELECT * FROM rejected FINAL ORDER BY offset")
    wanted = [offset for offset, record in enumerate(sent) if record.value in (BAD, None)]
    assert [(row["topic"], row["partition"], row["offset"], row["reason"]) for row in rows] == [
        (topic, 0, offset, "not_json") for offset in wanted
    ]
    letters = await everything_in(kafka.bootstrap, f"{topic}.dlq")
    assert sorted(int(dict(letter.headers)["cx-offset"]) for letter in letters) == wanted
    assert {letter.value for letter in letters} <= {BAD, b""}


@pytest.mark.parametrize("codec", CODECS)
async def test_strange_headers_in_each_codec(
    codec: str, kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    await landed_all(join, kafka, kafka_topic(partitions=1, config=TAKES_ALL), list(strange_batches(codec)))


@pytest.mark.parametrize("name", HEADERS)
async def test_each_strange_header(name: str, kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join) -> None:
    """Before, these ended the group: both names that are not UTF-8 (in aiokafka's parser), and the marks that are null,
    deep or out of range. The mark of no row put one on the list. The others went through.
    """
    batches = [
        (around(Raw(value, HEADERS[name], stamp_ms=now_ms()), n), "none") for n, value in enumerate((visit("s"), BAD))
    ]
    await landed_all(join, kafka, kafka_topic(partitions=1, config=TAKES_ALL), batches)


STRANGE = {
    "an empty key": Raw(BAD, key=b"", stamp_ms=1),
    "a megabyte of key": Raw(BAD, key=BIG, stamp_ms=1),
    "no value": Raw(None, stamp_ms=1),
    "no timestamp": Raw(BAD, stamp_ms=-1),
    "a negative timestamp": Raw(BAD, stamp_ms=-(2**40)),
    "the lowest timestamp": Raw(BAD, stamp_ms=-(2**62)),
    "a timestamp of the far future": Raw(BAD, stamp_ms=2**60),
    "the last timestamp": Raw(BAD, stamp_ms=2**63 - 1),
    "attributes": Raw(BAD, key=b"k" * 30, attributes=0x80),
    "all attributes": Raw(BAD, [(b"\xff", b"")], key=b"k" * 30, attributes=0xFF),
}


@pytest.mark.parametrize("name", STRANGE)
async def test_each_strange_key_value_and_timestamp(
    name: str, kafka: KafkaBroker, kafka_topic: TopicFactory, join: Join
) -> None:
    """Before, these stopped the group: no value (and no key), both timestamps of the future (their letters were sent
    again for ever) and both attributes. The others went through.
    """
    batches = [([STRANGE[name]], "none"), ([Raw(visit("n"), stamp_ms=now_ms())], "lz4"), ([STRANGE[name]], "gzip")]
    await landed_all(join, kafka, kafka_topic(partitions=1, config=TAKES_ALL), batches)
