"""Avro: a schema's text compiled to what reads a payload that was written with it."""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any, Final

import fastavro
from fastavro import _read_py
from fastavro.schema import SchemaParseException, UnknownType

from metrics.sources.natural import natural
from metrics.sources.wire import Decoder, Unreadable

UNDECODABLE: Final = (
    EOFError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError, AttributeError, MemoryError,
    struct.error,
)  # fmt: skip
"""What the library raises on bytes that are not of the schema."""
_BAD_SCHEMA: Final = (SchemaParseException, UnknownType, *UNDECODABLE)
_NOTHING: Final = "null"
_AS_IN_JSON: Final = frozenset((_NOTHING, "boolean", "int", "long", "float", "double", "string"))


class SchemaFault(ValueError):
    """A schema cannot be used; the message says why."""


def avro_decoder(schema: str, references: Sequence[str] = ()) -> Decoder:
    """What reads payloads.

    Args:
        schema: The schema with which they were written, as JSON.
        references: The schemas whose names it uses, each after those that it uses itself.

    Raises:
        SchemaFault: It cannot be used.
    """
    try:
        named: dict[str, Any] = {}
        for text in references:
            fastavro.parse_schema(json.loads(text), named_schemas=named)
        # Within a record, which has no bytes of its own: only of one the library remembers the names of references.
        around = {"type": "record", "name": "cxb.Payload", "fields": [{"name": "value", "type": json.loads(schema)}]}
        parsed: Any = fastavro.parse_schema(around, named_schemas=named)
    except _BAD_SCHEMA as error:
        raise SchemaFault(f"is no Avro schema: {error or type(error).__name__}") from None
    read = _read_py.schemaless_reader if looked_at(parsed, named) else fastavro.schemaless_reader
    return _decoder(parsed, read, _to_convert(parsed["fields"][0]["type"]))


def _to_convert(node: Any) -> Sequence[str] | None:
    """The fields of a record that are not as JSON has them, by its schema; None where it is no record."""
    if not isinstance(node, dict) or node["type"] != "record":
        return None
    return [field["name"] for field in node["fields"] if not _is_as_in_json(field["type"])]


def _is_as_in_json(node: Any) -> bool:
    if isinstance(node, list):
        return all(map(_is_as_in_json, node))
    if isinstance(node, str):
        return node in _AS_IN_JSON
    return "logicalType" not in node and (node["type"] == "enum" or node["type"] in _AS_IN_JSON)


def _decoder(parsed: Any, read: Callable[..., Any], to_convert: Sequence[str] | None) -> Decoder:
    def decode(payload: bytes, _: Sequence[int] = ()) -> Any:
        content = BytesIO(payload)
        try:
            record = read(content, parsed, None)["value"]
            if to_convert is None:
                record = natural(record)
            else:
                for name in to_convert:  # in place: nobody else has it
                    record[name] = natural(record[name])
        except UNDECODABLE as error:
            raise Unreadable(f"the bytes do not fit the Avro schema ({type(error).__name__})") from None
        if content.tell() != len(payload):
            raise Unreadable(f"{len(payload) - content.tell()} bytes follow what the Avro schema describes")
        return record

    return decode


def looked_at(parsed: Any, named: Mapping[str, Any]) -> bool:
    """Whether a schema refers to itself: in C the library would go as deep as the bytes say, and end the process.

    Raises:
        SchemaFault: It has an array of what takes no bytes: ten bytes of a record would fill the memory.
    """
    look = _Look(named)
    look.least(parsed)
    return look.is_recursive


class _Look:
    """Looks through a parsed schema, in which names are whole."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        self.is_recursive = False
        self._named, self._known, self._within = named, dict[str, int](), set[str]()

    def least(self, node: Any) -> int:
        """How many bytes a value has at least; beyond 1 it does not matter."""
        if isinstance(node, list):
            for branch in node:
                self.least(branch)
            return 1
        if isinstance(node, str):
            return self._of_name(node)
        return self._of_type(node)

    def _of_name(self, name: str) -> int:
        if name in self._within:
            self.is_recursive = True
            return 1
        if name in self._named and name not in self._known:
            self._known[name] = self.least(self._named[name])
        return self._known.get(name, int(name != _NOTHING))

    def _of_type(self, node: Mapping[str, Any]) -> int:
        kind = node["type"]
        if kind == "array" and self.least(node["items"]) == 0:
            raise SchemaFault("has an array of items that take no bytes")
        if kind == "map":
            self.least(node["values"])
        if kind in ("array", "map", "enum"):
            return 1
        if kind == "fixed":
            return int(node["size"])
        return self._of_record(node) if kind in ("record", "error") else self.least(kind)

    def _of_record(self, node: Mapping[str, Any]) -> int:
        name = node["name"]
        if name in self._within:
            self.is_recursive = True
            return 1
        self._within.add(name)
        size = sum([self.least(field["type"]) for field in node["fields"]])
        self._within.discard(name)
        return size
