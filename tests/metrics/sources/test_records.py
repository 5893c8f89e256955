"""Records by their format, several of a run after each other."""

import json
from typing import Any

from metrics.events.event import RecordLimits
from metrics.events.rejection import Reason, Rejected
from metrics.sources.avro import avro_decoder
from metrics.sources.model import Source
from metrics.sources.records import RecordReader
from metrics.sources.wire import KnownSchema, SchemaKey
from tests.streams.schemas import avro_payload, framed, guid_header

WORD = {"type": "record", "name": "Word", "fields": [{"name": "word", "type": "string"}]}
NUMBER = {"type": "record", "name": "Number", "fields": [{"name": "number", "type": "long"}]}
SCHEMAS = {"7": WORD, "8": NUMBER}
CDP = Source("cdp", (), topics=("cdp",), format="avro")


def known(key: SchemaKey) -> KnownSchema | str:
    schema = SCHEMAS.get(key.value) or (WORD if key.kind == "guids" else None)
    return KnownSchema("avro", avro_decoder(json.dumps(schema))) if schema else f"{key} is nowhere"


def test_each_record_of_a_run_is_read_by_its_own_schema_however_often_that_comes() -> None:
    reader = RecordReader(RecordLimits(), known)
    word, number = avro_payload(WORD, {"word": "a"}), avro_payload(NUMBER, {"number": 4})
    values: list[tuple[bytes, Any, Any]] = [
        (framed(7, word), None, {"word": "a"}),
        (framed(8, number), (), {"number": 4}),
        (framed(7, word), None, {"word": "a"}),
        (word, (guid_header(),), {"word": "a"}),
        (framed(8, number), None, {"number": 4}),
    ]
    assert [reader.read(CDP, value, headers) for value, headers, _ in values] == [due for *_, due in values]


def test_a_record_that_does_not_fit_a_schema_read_before_says_the_same_as_the_first() -> None:
    reader = RecordReader(RecordLimits(), known)
    fits, broken = framed(8, avro_payload(NUMBER, {"number": 4})), framed(8, b"\x08more")
    first, _, after = (reader.read(CDP, value, None) for value in (broken, fits, broken))
    assert first == after
    assert isinstance(after, Rejected)
    assert after.reason == Reason.UNREADABLE
    assert after.detail == "source cdp: 4 bytes follow what the Avro schema describes, schema 8"
    unknown = reader.read(CDP, framed(9, b""), None)
    assert (unknown.reason, unknown.detail) == (Reason.UNKNOWN_SCHEMA, "source cdp: schema 9 is nowhere")
