"""Protobuf as paths see it, by the text of its .proto file: no protoc, no generated code."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.sources.protobuf import protobuf_decoder
from metrics.sources.wire import Unreadable

MAIN = """
// The answers of a survey.
syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/duration.proto";
import "confluent/meta.proto";
import "confluent/type/decimal.proto";
import "common/person.proto";
option java_package = "shop";
message Answer {
  string id = 1;
  int32 score = 2 [(confluent.field_meta) = { doc: "0 to 10" }];
  optional int32 maybe = 3;
  google.protobuf.Timestamp at = 4;
  common.Person who = 5;
  Channel channel = 6;
  repeated string tags = 7;
  map<string, int64> counts = 8;
  oneof what { string text = 9; Inner inner = 10; }
  confluent.type.Decimal price = 11;
  google.protobuf.StringValue note = 12;
  bytes raw = 13;
  google.protobuf.Struct more = 14;
  google.protobuf.Duration took = 15;
  map<bool, Inner> flags = 16;
  message Inner { bool ok = 1; Answer again = 2; }
  enum Channel { option allow_alias = true; UNKNOWN = 0; WEB = 1; SITE = 1; }
  reserved 20, 30 to 40;
  reserved "old";
}
message Other { int64 n = 1; }
service Surveys { rpc Get (Answer) returns (stream Other) {} }
"""
PERSON = """
syntax = "proto2";
package common;
message Person {
  required string mail = 1;
  optional int32 age = 2 [default = 7];
  repeated group Call = 3 { optional int32 minutes = 1; }
  extensions 100 to 199;
}
extend Person { optional string nick = 100; }
"""
DECODE = protobuf_decoder(MAIN, {"common/person.proto": PERSON})


def varint(number: int) -> bytes:
    return bytes((number & 127 | 128,)) + varint(number >> 7) if number > 127 else bytes((number,))


def length(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def test_a_message_is_what_json_would_have_with_the_names_of_its_file() -> None:
    payload = b"".join((
        length(1, b"e-1"), b"\x10\x09", length(4, b"\x08\xb2\xd1\xfb\xd7\x06"),
        length(5, length(1, b"ann") + b"\x1b\x08\x05\x1c"),
        b"\x30\x01", length(7, b"x"), length(7, b"y"), length(8, b"\x0a\x01k\x10\x05"), length(10, b"\x08\x01"),
        length(11, b"\x0a\x02\x0a\xbe\x18\x02"), length(12, b"\x0a\x02hi"), length(13, b"\0\xff"),
        length(14, length(1, length(1, b"a") + length(2, b"\x11\0\0\0\0\0\0\xf8?"))), length(15, b"\x08\x03"),
        length(16, b"\x08\x01\x12\x00"),
    ))  # fmt: skip
    assert DECODE(payload, (0,)) == {
        "id": "e-1", "score": 9, "at": "2026-11-19T12:16:50Z", "channel": "WEB", "tags": ["x", "y"], "counts": {"k": 5},
        "who": {"mail": "ann", "call": [{"minutes": 5}]}, "inner": {"ok": True}, "price": "27.50", "note": "hi",
        "raw": "AP8=", "more": {"a": 1.5}, "took": "3s", "flags": {"true": {"ok": False}},
    }  # fmt: skip


def test_a_score_of_zero_which_is_not_in_the_bytes_is_there_and_what_may_be_absent_is_not() -> None:
    record = DECODE(b"", (0,))
    assert (record["score"], record["tags"], record["counts"]) == (0, [], {})
    assert not {"maybe", "at", "who", "text", "inner", "note"} & set(record)


def test_the_message_is_the_one_at_the_place_that_the_record_names() -> None:
    assert DECODE(b"\x08\x05", (1,)) == {"n": 5}
    assert DECODE(b"\x08\x01", (0, 0)) == {"ok": True}
    for place in ((2,), (0, 1), (-1,), (0, 0, 0)):
        with pytest.raises(Unreadable, match="no message at the place"):
            DECODE(b"", place)


def test_a_number_that_its_enum_does_not_have_stays_a_number() -> None:
    assert DECODE(b"\x30\x63", (0,))["channel"] == 99


def test_a_message_deeper_than_any_stack_is_unreadable() -> None:
    payload = b""
    for _ in range(4000):
        payload = length(10, length(2, payload))
    with pytest.raises(Unreadable):
        DECODE(payload, (0,))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("msg x {", "is no .proto file"),
        ('syntax = "proto3"; message A { B b = 1; }', "is no .proto file"),
        ('syntax = "proto3"; message A { int32 a = 1; int32 b = 1; }', "is no .proto file"),
        ('edition = "2023"; message A {}', "only proto2 and proto3"),
        ('syntax = "proto3"; import "other.proto"; message A {}', "imports other.proto"),
        ('syntax = "proto3"; import "cxb/schema.proto"; message A {}', "imports cxb/schema.proto"),
        ("\0", "is no .proto file"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        protobuf_decoder(text, {})


def test_files_that_import_each_other_are_refused() -> None:
    text = 'syntax = "proto3"; import "{}"; message A {{}}'
    with pytest.raises(ValueError, match="imports itself"):
        protobuf_decoder(text.format("a"), {"a": text.format("b"), "b": text.format("a")})


@given(st.binary(max_size=120), st.sampled_from([(0,), (1,), (0, 0), (3,)]))
@settings(max_examples=300)
def test_whatever_the_bytes_a_message_is_read_or_unreadable(payload: bytes, place: Any) -> None:
    with suppress(Unreadable):
        json.dumps(DECODE(payload, place))
