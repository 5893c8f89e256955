"""Wherever a publisher puts a customer's id, in whatever encoding: no column of `rejected` and no log line has it."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import pytest
from faust.types import TP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.masking import NAMES
from metrics.events.pseudonyms import pseudonym
from streams.kafka.dead_letters import DeadLetter
from tests.streams.given import KEY, Record

STAMP_MS: Final = 1_775_044_800_000
TOUCHPOINTS: Final = frozenset({"web.checkout"})
EVENT: Final[Mapping[str, Any]] = {
    "event_id": "e-1", "source": "shop", "kind": "nps", "touchpoint": "web.checkout", "score": 99,
    "occurred_at": "2026-04-01T12:00:00Z",
}  # fmt: skip

# Long enough to be searched for, and none of our own words.
IDS: Final = st.one_of(
    st.from_regex(r"[1-9][0-9]{7,18}", fullmatch=True),  # msgpack has no longer ones
    st.from_regex(r"[a-z]{3,8}[._-]?[A-Z0-9]{5,12}", fullmatch=True),
    st.from_regex(r"[a-z]{3,9}@[a-z]{4,8}q\.[a-z]{2,3}", fullmatch=True),
    st.from_regex(r"[A-Z]{4}['\"\\ ]?[0-9]{5}é", fullmatch=True),
    st.uuids().map(str),
)
AROUND: Final = st.sampled_from(["{}", "id:{}", "{} ", "mailto:{}?x=1", '{{"id":"{}"}}'])


def _avro(event: Mapping[str, Any]) -> bytes:
    texts = [str(value).encode() for value in event.values()]
    return b"".join(bytes([len(text) * 2 & 0x7F | 0x80, len(text) * 2 >> 7]) + text for text in texts)


def _xml(event: Mapping[str, Any]) -> bytes:
    return ("<event>" + "".join(f"<{k}>{v}</{k}>" for k, v in event.items()) + "</event>").encode()


def _encoded_as(name: str) -> Callable[[Mapping[str, Any]], bytes]:
    return lambda event: json.dumps(event, ensure_ascii=False).encode(name)


ENCODINGS: Final[Mapping[str, Callable[[Mapping[str, Any]], bytes]]] = {
    "json": _encoded_as("utf-8"),
    "escaped json": lambda event: json.dumps(event).encode(),
    "json with a byte order mark": _encoded_as("utf-8-sig"),
    "json in latin-1": _encoded_as("latin-1"),
    "json cut": lambda event: json.dumps(event).encode()[:-1],
    "json cut before": lambda event: json.dumps(event).encode()[1:],
    "json in json": lambda event: json.dumps(json.dumps(event)).encode(),
    "json with a wrong byte": lambda event: json.dumps(event).encode().replace(b"shop", b"\xff"),
    "a list": lambda event: json.dumps([event]).encode(),
    "a repeated key": lambda event: json.dumps(event).encode()[:-1] + b', "kind": 1}',
    "utf-16": _encoded_as("utf-16"),
    "utf-16-le": _encoded_as("utf-16-le"),
    "utf-16-be": _encoded_as("utf-16-be"),
    "utf-32": _encoded_as("utf-32"),
    "utf-32-le": _encoded_as("utf-32-le"),
    "utf-32-be": _encoded_as("utf-32-be"),
    "avro": _avro,
    "avro, framed": lambda event: b"\0\0\0\0\1" + _avro(event),
    "msgpack": lambda event: msgspec.msgpack.encode(dict(event)),
    "xml": _xml,
    "csv": lambda event: ",".join(str(value) for value in event.values()).encode(),
    "form": lambda event: "&".join(f"{key}={value}" for key, value in event.items()).encode(),
    "yaml": lambda event: "".join(f"{key}: {value}\n" for key, value in event.items()).encode(),
    "python": lambda event: repr(dict(event)).encode(),
    "a long one": lambda event: json.dumps({**event, "x": "y" * 70_000}).encode(),
}
NESTINGS: Final[tuple[Callable[[str, Any], Mapping[str, Any]], ...]] = (
    lambda field, text: {field: text},
    lambda field, text: {field: {"id": text}},
    lambda field, text: {field: ["x", text]},
    lambda field, text: {field: {text: 1}},
    lambda field, text: {text: field},
    lambda field, text: {field: int(text) if text.isdecimal() and text.isascii() else text},
)
FIELDS: Final = (*sorted(NAMES), "customer_id", "customerId", "Customer", "email", "note")


def rows_of(value: bytes) -> list[dict[str, Any]]:
    run = decode_run([value], [STAMP_MS], RecordLimits())
    record = Record(7, value, STAMP_MS)
    return [DeadLetter.of(TP("events", 3), record, why).row(KEY, TOUCHPOINTS) for _, why in run.rejected]


def shown_of(row: Mapping[str, Any]) -> list[bytes]:
    texts = [text.encode() for name, text in row.items() if isinstance(text, str) and name != "customer"]
    return texts + [text.replace(b"\0", b"") for text in texts]


def escaped(text: str) -> bytes:
    return json.dumps(text)[1:-1].encode()


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_customers_id_is_nowhere(encoding: str, caplog: pytest.LogCaptureFixture, data: st.DataObject) -> None:
    name, around = data.draw(IDS), data.draw(AROUND)
    field, nesting = data.draw(st.sampled_from(FIELDS)), data.draw(st.sampled_from(NESTINGS))
    event = {**EVENT, **nesting(field, around.format(name))}
    with caplog.at_level(logging.DEBUG):
        rows = rows_of(ENCODINGS[encoding](event))
    for row in rows:
        for shown in (*shown_of(row), caplog.text.encode()):
            assert name.encode() not in shown
            assert escaped(name) not in shown
        assert row["customer"] in ("", pseudonym(str(event.get("customer", "")), KEY))


def test_every_encoding_is_rejected() -> None:
    # Else the property above would hold of nothing.
    assert [encoding for encoding, encode in ENCODINGS.items() if not rows_of(encode(EVENT))] == []
