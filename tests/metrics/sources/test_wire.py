"""Records in Confluent's wire format: taken apart, or told why not."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.sources.wire import SCHEMA_HEADER, Framed, SchemaKey, Unreadable, unframed

GUID = bytes(range(16))
BY_GUID = SchemaKey("guids", "00010203-0405-0607-0809-0a0b0c0d0e0f")


@pytest.mark.parametrize(
    ("value", "headers", "expected"),
    [
        (b"\0\0\0\1\0rest", None, Framed(SchemaKey("ids", "256"), (), b"rest")),
        (b"\0\xff\xff\xff\xff", (), Framed(SchemaKey("ids", "4294967295"), (), b"")),
        (b"\1" + GUID + b"x", (), Framed(BY_GUID, (), b"x")),
        (b"bare", [(SCHEMA_HEADER, b"\1" + GUID)], Framed(BY_GUID, (), b"bare")),
        (b"bare", [(SCHEMA_HEADER, b"\0\0\0\0\7")], Framed(SchemaKey("ids", "7"), (), b"bare")),
        (b"\0\0\0\0\1x", [(SCHEMA_HEADER, b"")], Framed(SchemaKey("ids", "1"), (), b"x")),
        (b"bare", [(SCHEMA_HEADER, b"\0\0\0\0\1"), (SCHEMA_HEADER, b"\0\0\0\0\2")],
         Framed(SchemaKey("ids", "2"), (), b"bare")),
    ],
)  # fmt: skip
def test_the_schema_is_in_the_first_bytes_or_in_the_header(value: bytes, headers: object, expected: Framed) -> None:
    assert unframed(value, headers) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("indexes", "message"),
    [(b"\0", (0,)), (b"\2\2", (1,)), (b"\4\0\4", (0, 2)), (b"\2\x80\1", (64,)), (b"\2\1", (-1,))],
)
def test_in_protobuf_the_place_of_the_message_follows(indexes: bytes, message: tuple[int, ...]) -> None:
    before = b"\0\0\0\0\7" + indexes
    assert unframed(before + b"payload", (), has_messages=True) == Framed(SchemaKey("ids", "7"), message, b"payload")
    in_header = [(SCHEMA_HEADER, b"\1" + GUID + indexes)]
    assert unframed(b"payload", in_header, has_messages=True) == Framed(BY_GUID, message, b"payload")


@pytest.mark.parametrize("value", [b"", b"\0", b"\0\0\0\0", b'{"id": 1}', b"\2\0\0\0\1", b"\1" + GUID[:15]])
def test_what_is_not_framed_is_unreadable(value: bytes) -> None:
    with pytest.raises(Unreadable, match="does not begin with a schema id"):
        unframed(value, ())


@pytest.mark.parametrize("indexes", [b"", b"\1", b"\x42", b"\xff\xff\xff\xff\xff\xff", b"\4\0"])
def test_a_place_that_cannot_be_read_is_unreadable(indexes: bytes) -> None:
    with pytest.raises(Unreadable, match="the place of its message"):
        unframed(b"\0\0\0\0\7" + indexes, (), has_messages=True)


@given(st.binary(max_size=60), st.booleans(), st.one_of(st.none(), st.binary(max_size=40)))
def test_whatever_the_bytes_nothing_else_is_raised(value: bytes, is_protobuf: bool, header: bytes | None) -> None:
    with suppress(Unreadable):
        unframed(value, [(SCHEMA_HEADER, header)], has_messages=is_protobuf)
