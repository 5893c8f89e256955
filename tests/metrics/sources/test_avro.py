"""Avro as paths see it: natural values, whatever the schema; and refusals, whatever the bytes."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.sources.avro import SchemaFault, avro_decoder
from metrics.sources.wire import Unreadable
from tests.streams.schemas import avro_payload

AT = datetime(2026, 11, 20, 9, 59, 30, 250_000, tzinfo=UTC)


def read_back(kind: Any, value: Any) -> Any:
    schema = {"type": "record", "name": "R", "fields": [{"name": "v", "type": kind}]}
    return avro_decoder(json.dumps(schema))(avro_payload(schema, {"v": value}), ())["v"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("long", -(2**62), -(2**62)),
        ("boolean", True, True),
        ("bytes", b"\0\xff", "AP8="),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, Decimal("-27.50"), "-27.50"),
        ({"type": "fixed", "name": "F", "size": 4, "logicalType": "decimal", "precision": 9}, Decimal(7), "7"),
        ({"type": "long", "logicalType": "timestamp-millis"}, AT, "2026-11-20T09:59:30.250000+00:00"),
        ({"type": "long", "logicalType": "timestamp-micros"}, AT, "2026-11-20T09:59:30.250000+00:00"),
        ({"type": "long", "logicalType": "local-timestamp-millis"}, AT.replace(tzinfo=None),
         "2026-11-20T09:59:30.250000"),
        ({"type": "int", "logicalType": "date"}, date(2026, 11, 20), "2026-11-20"),
        ({"type": "int", "logicalType": "time-millis"}, time(9, 59, 30), "09:59:30"),
        ({"type": "string", "logicalType": "uuid"}, UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ({"type": "enum", "name": "E", "symbols": ["NPS", "CSAT"]}, "CSAT", "CSAT"),
        (["null", "int"], None, None),
        (["null", "int", "string"], "nine", "nine"),
        ({"type": "array", "items": ["null", {"type": "long", "logicalType": "timestamp-millis"}]}, [None, AT],
         [None, "2026-11-20T09:59:30.250000+00:00"]),
        ({"type": "map", "values": {"type": "int", "logicalType": "date"}}, {"a": date(2026, 1, 2)},
         {"a": "2026-01-02"}),
        ([{"type": "record", "name": "A", "fields": [{"name": "a", "type": "int"}]},
          {"type": "record", "name": "B", "fields": [{"name": "b", "type": "int"}]}], {"b": 3}, {"b": 3}),
    ],
)  # fmt: skip
def test_a_value_is_what_json_would_have(kind: Any, value: Any, expected: Any) -> None:
    assert read_back(kind, value) == expected


def test_schemas_that_a_schema_refers_to_are_read_with_it_also_from_a_union() -> None:
    mail = {"type": "record", "name": "shop.Mail", "fields": [{"name": "to", "type": "string"}]}
    person = {"type": "record", "name": "shop.Person", "fields": [{"name": "mail", "type": "shop.Mail"}]}
    texts = [json.dumps(mail), json.dumps(person)]
    decode = avro_decoder('["null", "shop.Person"]', texts)
    assert decode(b"\x02\x06ann", ()) == {"mail": {"to": "ann"}}
    assert decode(b"\0", ()) is None
    with pytest.raises(SchemaFault, match="is no Avro schema"):
        avro_decoder('"shop.Person"', texts[1:])


CHAIN = {"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}


def test_a_record_that_goes_deeper_than_any_stack_is_unreadable() -> None:
    decode = avro_decoder(json.dumps(CHAIN))
    assert decode(b"\x02\x02\0", ()) == {"next": {"next": {"next": None}}}
    with pytest.raises(Unreadable, match="RecursionError"):
        decode(b"\x02" * 60_000 + b"\0", ())


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": "null"},
        {"type": "array", "items": {"type": "record", "name": "Empty", "fields": []}},
        {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
        {"type": "record", "name": "R", "fields": [
            {"name": "e", "type": {"type": "record", "name": "E", "fields": [{"name": "n", "type": "null"}]}},
            {"name": "a", "type": ["null", {"type": "array", "items": "E"}]},
        ]},
    ],
)  # fmt: skip
def test_a_schema_of_which_ten_bytes_fill_the_memory_is_refused(schema: Any) -> None:
    with pytest.raises(SchemaFault, match="take no bytes"):
        avro_decoder(json.dumps(schema))


@pytest.mark.parametrize(
    "text", ["", "{", "{}", '{"type": "record"}', '"nothing"', "[[1]]", "7", '{"type": {"type": 3}}', "null"]
)
def test_what_is_no_schema_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SchemaFault, match="is no Avro schema"):
        avro_decoder(text)


def test_bytes_that_follow_a_record_are_a_fault() -> None:
    with pytest.raises(Unreadable, match="1 bytes follow"):
        avro_decoder('"int"')(b"\x02\x02", ())


ALL = {"type": "record", "name": "All", "fields": [
    {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
    {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}]},
    {"name": "day", "type": {"type": "int", "logicalType": "date"}},
    {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 4}},
    {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {"name": "more", "type": {"type": "map", "values": ["null", "double", "All"]}},
]}  # fmt: skip
DECODE = avro_decoder(json.dumps(ALL))


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_whatever_the_bytes_a_record_is_read_or_unreadable(payload: bytes) -> None:
    with suppress(Unreadable):
        json.dumps(DECODE(payload, ()))


@given(st.lists(st.integers(0, 255), min_size=1, max_size=4), st.data())
@settings(max_examples=300)
def test_a_record_with_bytes_changed_is_read_or_unreadable(changes: list[int], data: st.DataObject) -> None:
    record = {
        "id": str(UUID(int=7)), "at": AT, "day": date(2026, 1, 2), "price": Decimal("1.25"), "kind": "A",
        "tags": ["x", "y"], "more": {"k": 2.5},
    }  # fmt: skip
    payload = bytearray(avro_payload(ALL, record))
    for change in changes:
        payload[data.draw(st.integers(0, len(payload) - 1))] = change
    with suppress(Unreadable):
        json.dumps(DECODE(bytes(payload), ()))


MIXED = {
    "type": "record", "name": "Mixed", "fields": [
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "note", "type": ["null", "string"]},
        {"name": "raw", "type": ["null", "bytes"]},
        {"name": "colour", "type": {"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"]}},
        {"name": "inner", "type": {"type": "record", "name": "Inner", "fields": [{"name": "raw", "type": "bytes"}]}},
        {"name": "again", "type": "Inner"},
    ],
}  # fmt: skip


def test_what_json_has_stays_and_all_else_of_a_record_becomes_what_json_would_have() -> None:
    value = {"at": AT, "note": "x", "raw": b"\0\xff", "colour": "BLUE", "inner": {"raw": b"\0"}, "again": {"raw": b""}}
    decode = avro_decoder(json.dumps(MIXED))
    expected = value | {
        "at": "2026-11-20T09:59:30.250000+00:00", "raw": "AP8=", "inner": {"raw": "AA=="}, "again": {"raw": ""},
    }  # fmt: skip
    assert decode(avro_payload(MIXED, value), ()) == expected
    nothing = value | {"note": None, "raw": None}
    assert decode(avro_payload(MIXED, nothing), ()) == expected | {"note": None, "raw": None}
    union = ["null", MIXED]
    assert avro_decoder(json.dumps(union))(avro_payload(union, value), ()) == expected
