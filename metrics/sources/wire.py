"""Confluent's wire format: which schema a record was written with, by its first bytes or by a header.

Before the payload stand a byte 0 and the schema's id in four bytes; newer clients write a byte 1 and the schema's GUID
into a header instead, and the payload alone into the value. In Protobuf the place of the message in its file follows.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from metrics.sources.model import Format, RawHeaders

SCHEMA_HEADER: Final = "__value_schema_id"
_BY_ID, _BY_GUID = 0, 1
ID_END: Final = 5
"""Where the payload begins, after a schema's id."""
_GUID_END: Final = 17
_MOST_INDEXES: Final = 32
_LONGEST_VARINT: Final = 5


class SchemaKey(NamedTuple):
    """What a registry is asked for: a schema by its id, or by its GUID."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"schema {self.value}"


class Framed(NamedTuple):
    """A record taken apart: its schema, the place of its message in that (Protobuf), and its payload."""

    schema: SchemaKey
    message: tuple[int, ...]
    payload: bytes


Decoder = Callable[[bytes, Sequence[int]], Any]
"""Reads a payload by its schema, and raises Unreadable."""


class KnownSchema(NamedTuple):
    """A schema with which records can be read, and the format that these have."""

    format: Format
    decode: Decoder


Schemas = Callable[[SchemaKey], KnownSchema | str | None]
"""What is known of a schema: how to read with it; or why that cannot be; or nothing yet."""


class Unreadable(Exception):
    """The bytes are not what they should be. The message quotes nothing of the record."""


def no_schemas(key: SchemaKey) -> str:
    """The schemas where there is no registry."""
    return f"{key} is not known: no schema registry is set (CXB_SCHEMA_REGISTRY_URL)"


def unframed(value: bytes, headers: RawHeaders | None, *, has_messages: bool = False) -> Framed:
    r"""Takes a record apart.

    Args:
        value: Its value.
        headers: Its headers.
        has_messages: Whether the place of a message follows the schema: so it is in Protobuf.

    Raises:
        Unreadable: It is not framed.

    >>> unframed(b"\0\0\0\0\7payload", ())
    Framed(schema=SchemaKey(kind='ids', value='7'), message=(), payload=b'payload')
    """
    named = _in_header(headers)
    if named:
        schema, rest = _schema(named, f"the header {SCHEMA_HEADER}")
        return Framed(schema, _message(rest, 0)[0] if has_messages else (), value)
    schema, rest = _schema(value, "the value")
    if not has_messages:
        return Framed(schema, (), rest)
    message, end = _message(rest, 0)
    return Framed(schema, message, rest[end:])


def _in_header(headers: RawHeaders | None) -> bytes | None:
    return next((value for name, value in reversed(headers or ()) if name == SCHEMA_HEADER), None)


def _schema(content: bytes, where: str) -> tuple[SchemaKey, bytes]:
    if content[:1] == bytes((_BY_ID,)) and len(content) >= ID_END:
        return SchemaKey("ids", str(int.from_bytes(content[1:ID_END], "big"))), content[ID_END:]
    if content[:1] == bytes((_BY_GUID,)) and len(content) >= _GUID_END:
        digits = content[1:_GUID_END].hex()
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return SchemaKey("guids", "-".join(parts)), content[_GUID_END:]
    raise Unreadable(f"{where} does not begin with a schema id in Confluent's wire format")


def _message(content: bytes, at: int) -> tuple[tuple[int, ...], int]:
    """The indexes of a message and where they end: how many, then each; 0 alone stands for the first message."""
    count, at = _varint(content, at)
    if not 0 <= count <= _MOST_INDEXES:
        raise Unreadable("the place of its message in the schema cannot be read")
    indexes = []
    for _ in range(count):
        index, at = _varint(content, at)
        indexes.append(index)
    return tuple(indexes) or (0,), at


def _varint(content: bytes, at: int) -> tuple[int, int]:
    result = 0
    for place, byte in enumerate(content[at : at + _LONGEST_VARINT]):
        result |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return (result >> 1) ^ -(result & 1), at + place + 1  # zigzag: the sign is the last bit
    raise Unreadable("the place of its message in the schema cannot be read")
