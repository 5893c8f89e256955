import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.pseudonyms import pseudonym
from metrics.events.rejection import Reason, Rejected
from streams.errors import Unreachable
from streams.kafka.client import connected_producer
from streams.kafka.dead_letters import (
    KEPT_BYTES,
    SHOWN_CHARACTERS,
    WHOLE_BYTES,
    DeadLetter,
    DeadLetters,
    fingerprint,
)
from streams.settings.settings import KafkaSettings
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.given import KEY, Record, everything_in

WHY = Rejected(Reason.BAD_VALUE, "score: must be 0 to 10")
SECRET = "anna@example.com"
# Each names the customer, whole JSON or not, and whatever stands around it.
NAMING = (
    b'{"customer":"%s"}',
    b'{"customer" : "%s","score":99}',
    b'{"customer":\n\t"%s", "x":1',
    b'{"a":1,"customer":"%s',
    b'not json at all "customer":"%s"!!',
    b'{"customer":%s}',
    b'{"customer":%s, "x":1}',
    b'\xff{"customer":"%s"}',
    b'[{"customer":"%s"}]',
    b'{"customer":"\\"%s"}',
    b'{"customer":"x\\\\","customer":"%s"}',
    b'{"customer":{"id":"%s"}}',
    b'{"customer":["%s"]}',
    b'{"customer":["a", "%s"]}',
    b'{"customer":{"a":1,"id":"%s"}}',
    b'{"\\u0063ustomer":"%s"}',
    b"{'customer':'%s'}",
    b"customer=%s",
    b"customer: %s, score: 9",
    b'"{\\"customer\\":\\"%s\\",\\"x\\":1}"',
    b'{"Customer":"%s"}',
)


def letter(value: bytes | None = b"{}", offset: int = 7, **fields: Any) -> DeadLetter:
    others: dict[str, Any] = {"key": b"k", "headers": (), "timestamp_ms": 1_775_044_800_000, "rejected": WHY} | fields
    return DeadLetter(TP("events", 3), offset, value=value, **others)


def test_its_headers_say_why_and_where_it_came_from() -> None:
    headers = letter(headers=(("trace", b"\x00\xff"), ("cx-reason", b"old"), ("cx-offset", b"1"))).all_headers()
    assert headers == [
        ("trace", b"\x00\xff"), ("cx-reason", b"bad_value"), ("cx-detail", b"score: must be 0 to 10"),
        ("cx-topic", b"events"), ("cx-partition", b"3"), ("cx-offset", b"7"),
    ]  # fmt: skip


def test_its_row_says_the_same_with_the_payload() -> None:
    assert letter(b'{"customer":"anna","score":99}').row(KEY, ()) == {
        "reason": "bad_value", "detail": "score: must be 0 to 10", "topic": "events", "partition": 3, "offset": 7,
        "payload": '{"customer": "<text: 4 characters>", "score": 99}', "customer": pseudonym("anna", KEY),
        "fingerprint": fingerprint(b'{"customer":"anna","score":99}'),
    }  # fmt: skip


@pytest.mark.parametrize("naming", NAMING)
def test_the_customer_is_masked_in_the_payload_that_people_see(naming: bytes) -> None:
    assert SECRET not in letter(naming % SECRET.encode()).row(KEY, ())["payload"]


@pytest.mark.parametrize("shift", range(-3, 4))
def test_the_customer_is_masked_where_the_payload_is_cut(shift: int) -> None:
    for edge in (SHOWN_CHARACTERS, 2 * SHOWN_CHARACTERS):
        for part in (b'"customer":"', b'"customer":"%s' % SECRET.encode()):
            value = b'{"x":"' + b"y" * (edge - len(part) - 8 + shift) + b'",' + part + SECRET.encode() * 3 + b'"}'
            assert SECRET[:5] not in letter(value).row(KEY, ())["payload"]


def test_the_payload_is_cut_to_what_people_can_read() -> None:
    many = b"{" + b",".join(b'"%060d":%d' % (n, n) for n in range(2_000)) + b"}"
    assert letter(many).row(KEY, ())["payload"].endswith('"<1960 more fields>": null}')
    long = letter(json.dumps({"touchpoint": "t" * 5_000}).encode()).row(KEY, ("t" * 5_000,))["payload"]
    assert len(long) == SHOWN_CHARACTERS
    assert letter(b"x" * 100_000).row(KEY, ())["payload"] == "<not shown: 100000 bytes, of no format known here>"


def test_a_record_that_only_packing_brings_through_a_broker_is_not_kept_whole() -> None:
    value = b"0" * (WHOLE_BYTES + 1)
    cut, whole = (DeadLetter.of(TP("events", 3), Record(7, bytes_, 0), WHY) for bytes_ in (value, value[1:]))
    assert "8388609 bytes" in cut.row(KEY, ())["payload"]
    assert (cut.value, cut.cut_from, cut.row(KEY, ())["fingerprint"]) == (
        b"0" * KEPT_BYTES,
        len(value),
        fingerprint(value),
    )
    assert (whole.value, whole.cut_from) == (value[1:], 0)


def test_masking_what_anybody_may_send_takes_no_time() -> None:
    # A pattern that backtracks would not end before the sun has gone out.
    for value in (b'"customer":' * 1000, b'"customer":"' + b"\\" * 20_000, b'"customer"' + b" " * 50_000):
        letter(value).row(KEY, ())


@given(st.binary(max_size=300))
def test_a_row_can_be_made_of_any_bytes(value: bytes) -> None:
    row = letter(value, rejected=Rejected(Reason.NOT_JSON, value.decode("utf-8", "surrogateescape"))).row(KEY, ())
    for text in (row["payload"], row["detail"], row["customer"]):
        text.encode()
    assert 0 <= row["fingerprint"] < 2**64


@pytest.mark.parametrize("value", [None, b"", b"{", b"[1]", b'{"customer":7}', b'{"customer":""}', b"[" * 100_000])
def test_whom_it_is_about_is_left_empty_where_it_cannot_be_read(value: bytes | None) -> None:
    assert letter(value).row(KEY, ())["customer"] == ""


@pytest.fixture
async def producer(kafka: KafkaBroker) -> AsyncIterator[AIOKafkaProducer]:
    producer = await connected_producer(KafkaSettings(bootstrap_servers=kafka.bootstrap))
    yield producer
    await producer.stop()


@pytest.mark.kafka
async def test_what_is_sent_is_there_whole_when_send_returns(
    kafka: KafkaBroker, kafka_topic: TopicFactory, producer: AIOKafkaProducer
) -> None:
    topic = kafka_topic(partitions=1)
    letters = [
        letter(b"\x00\xff", 1, key=None), letter(None, 2), letter(b"{}", 3, timestamp_ms=-1), letter(b"", 4, key=b""),
    ]  # fmt: skip
    await DeadLetters(producer, topic).send(letters)
    sent = await everything_in(kafka.bootstrap, topic)
    assert [(record.value, record.key) for record in sent] == [(item.value, item.key) for item in letters]
    assert [dict(record.headers)["cx-offset"] for record in sent] == [b"1", b"2", b"3", b"4"]
    assert sent[0].timestamp == letters[0].timestamp_ms
    assert sent[2].timestamp > letters[0].timestamp_ms


@pytest.mark.kafka
async def test_a_record_larger_than_the_topic_takes_is_cut_and_says_so(
    kafka: KafkaBroker, kafka_topic: TopicFactory, producer: AIOKafkaProducer
) -> None:
    topic = kafka_topic(partitions=1, config={"max.message.bytes": "200000"})
    letters = [letter(b"a", 1), letter(b"b" * 300_000, 2), letter(b"c", 3), letter(b"d", 4, cut_from=10**9)]
    await DeadLetters(producer, topic).send(letters)
    sent = {dict(record.headers)["cx-offset"]: record for record in await everything_in(kafka.bootstrap, topic)}
    assert (sent[b"1"].value, sent[b"3"].value) == (b"a", b"c")
    assert sent[b"2"].value == b"b" * KEPT_BYTES
    assert dict(sent[b"2"].headers)["cx-truncated-from"] == b"300000"
    assert "cx-truncated-from" not in dict(sent[b"1"].headers)
    assert (sent[b"4"].value, dict(sent[b"4"].headers)["cx-truncated-from"]) == (b"d", b"1000000000")


@pytest.mark.kafka
async def test_headers_and_a_key_larger_than_the_topic_takes_are_cut(
    kafka: KafkaBroker, kafka_topic: TopicFactory, producer: AIOKafkaProducer
) -> None:
    """With headers kept whole, such a letter was sent again for ever."""
    topic = kafka_topic(partitions=1, config={"max.message.bytes": "200000"})
    huge, small = ("huge", b"h" * 300_000), ("small", b"s")
    letters = [
        letter(b"a", 1, headers=(huge, small)), letter(b"b", 2, key=b"k" * 300_000), letter(b"c", 3, headers=(small,)),
        letter(b"d", 4, headers=[("n", None)] * 20_000),
    ]  # fmt: skip
    await DeadLetters(producer, topic).send(letters)
    sent = {dict(record.headers)["cx-offset"]: record for record in await everything_in(kafka.bootstrap, topic)}
    assert [sent[b"%d" % n].value for n in (1, 2, 3, 4)] == [b"a", b"b", b"c", b"d"]
    assert [sent[b"%d" % n].headers[0] for n in (1, 3)] == [("cx-reason", b"bad_value"), small]
    assert [dict(sent[b"%d" % n].headers).get("cx-truncated-from") for n in (1, 2, 3)] == [b"1", b"1", None]
    assert sent[b"2"].key == b"k" * KEPT_BYTES
    assert sent[b"4"].headers[0] == ("n", None)


@pytest.mark.kafka
async def test_a_timestamp_that_the_topic_refuses_goes_into_a_header(
    kafka: KafkaBroker, kafka_topic: TopicFactory, producer: AIOKafkaProducer
) -> None:
    """Before, such a letter was sent again for ever."""
    topic = kafka_topic(partitions=1)
    await DeadLetters(producer, topic).send([letter(b"a", 1, timestamp_ms=2**62), letter(b"b" * 300, 2)])
    (first,) = [record for record in await everything_in(kafka.bootstrap, topic) if record.value == b"a"]
    assert dict(first.headers)["cx-timestamp-ms"] == b"%d" % 2**62
    assert first.timestamp < 2**50
    assert len(await everything_in(kafka.bootstrap, topic)) == 2


@given(st.lists(st.binary(max_size=12), unique=True))
def test_records_of_one_offset_are_distinguished_by_their_bytes(values: list[bytes]) -> None:
    assert len({fingerprint(value) for value in [*values, b"ab", b"ba"]}) == len({*values, b"ab", b"ba"})


def test_a_strangers_header_does_not_say_that_a_letter_is_cut() -> None:
    names = [name for name, _ in letter(headers=(("cx-truncated-from", b"9"),)).all_headers()]
    assert "cx-truncated-from" not in names


@pytest.mark.kafka
async def test_a_record_larger_than_a_request_is_cut_and_says_so(kafka: KafkaBroker, kafka_topic: TopicFactory) -> None:
    topic = kafka_topic(partitions=1)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, max_request_size=100_000)
    await producer.start()
    try:
        await DeadLetters(producer, topic).send([letter(b"b" * 150_000)])
    finally:
        await producer.stop()
    (sent,) = await everything_in(kafka.bootstrap, topic)
    assert dict(sent.headers)["cx-truncated-from"] == b"150000"


@pytest.mark.kafka
async def test_a_letter_that_was_sent_and_that_the_broker_refuses_is_reported(
    kafka: KafkaBroker, kafka_topic: TopicFactory
) -> None:
    topic = kafka_topic(partitions=1, config={"cleanup.policy": "compact"})  # which takes no record without a key
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, request_timeout_ms=500, acks="all")
    await producer.start()
    try:
        with pytest.raises(Unreachable, match=f"the dead-letter topic {topic} did not acknowledge"):
            await DeadLetters(producer, topic).send([letter(), letter(key=None), letter()])
    finally:
        await producer.stop()


@pytest.mark.kafka
async def test_what_is_not_acknowledged_is_reported(kafka: KafkaBroker) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, request_timeout_ms=500)
    await producer.start()
    try:
        with pytest.raises(Unreachable, match="the dead-letter topic no-such-topic did not acknowledge"):
            await DeadLetters(producer, "no-such-topic").send([letter()])
    finally:
        await producer.stop()
