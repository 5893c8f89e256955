"""How one field is filled: what reads it from a record, and what makes a value of ours of what is there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from metrics.events.rejection import Reason
from metrics.sources.model import FLAG_FIELDS, WHOLE_FIELDS, FieldRule, Plain
from metrics.sources.paths import Getter, compile_path
from metrics.sources.scales import amount_reader, number_of, whole_reader
from metrics.sources.times import time_reader
from metrics.sources.unfit import Unfit, entries_of

Convert = Callable[[Any], Any]

_HASH_BYTES: Final = 16
_canonical: Final = msgspec.json.Encoder(order="sorted").encode


def getter_of(source: str, field: FieldRule) -> Getter:
    """What reads a field's value from a record, or from its headers; None where there is nothing."""
    if field.header:
        name = field.header
        return lambda headers: headers.get(name)
    if field.hash:
        return _hashed(source, [compile_path(path) for path in field.hash])
    if field.join:
        return _joined([compile_path(path) for path in field.join])
    return compile_path(field.path)


def _hashed(source: str, getters: Sequence[Getter]) -> Getter:
    def get(record: Any) -> str | None:
        values = [getter(record) for getter in getters]
        if all(value is None or value == "" for value in values):
            return None
        return blake2b(_canonical([source, *values]), digest_size=_HASH_BYTES).hexdigest()

    return get


def _joined(getters: Sequence[Getter]) -> Getter:
    def get(record: Any) -> str | None:
        values = [getter(record) for getter in getters]
        if any(value is None or value == "" for value in values):
            return None  # two records without one of the parts would have the same id
        return ":".join(_key(value) for value in values)

    return get


def converter_of(field: FieldRule) -> Convert:
    """What makes a field of what is there; it raises Unfit for what cannot be one."""
    if field.table is not None:
        return _lookup(field.table, field.other)
    if field.name == "occurred_at":
        return time_reader(field.time, field.zone)
    if field.name in WHOLE_FIELDS:
        return whole_reader(field.decimal, field.scale)
    if field.name == "amount":
        return amount_reader(field.decimal)
    if field.name == "value":
        decimal = field.decimal
        return lambda value: number_of(value, decimal)
    return _flag if field.name in FLAG_FIELDS else _text


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    raise Unfit(Reason.BAD_TYPE, "must be a text or a whole number")


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise Unfit(Reason.BAD_TYPE, 'must be true or false; for other values add a table like { "yes" = true }')
    return value


def _lookup(table: Mapping[str, Plain], other: Plain | None) -> Convert:
    def read(value: Any) -> Plain:
        found = table.get(value if type(value) is str else _key(value), other)
        if found is None:
            raise Unfit(Reason.BAD_VALUE, f"is not in its table, which has {entries_of(table)}")
        return found

    return read


def _key(value: Any) -> str:
    """A value as tables and ids have it: JSON's true is "true", and 4.0 is "4"."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int or (type(value) is float and value.is_integer()):
        return str(int(value))
    if type(value) is float:
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")  # of a spreadsheet
    raise Unfit(Reason.BAD_TYPE, "must be a text, a number, or true or false")
