"""Native blocks as newer clients of ClickHouse expect them, made of those that the engine writes without a version.

A block is the number of its columns, of its rows, and each column: name, type and data. For a client of a version it
has a head of its own; from 54454 on each column says whether its data have another layout than its type, which ours
never have. Nothing in a block says how long a column is, so the types are read for where the next one begins.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from streams.embedded.protocol import ClickHouseError

CUSTOM_SERIALIZATION: Final = 54454
"""The first version in which each column has the byte that says whether its layout is another."""
_OTHER: Final = "another format, such as RowBinaryWithNamesAndTypes"
_HEAD: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"  # no overflow row, no bucket, and no field after these
_BYTES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("Nothing", "Bool", "Int8", "UInt8", "Enum8", "Tuple"), 1),  # a Tuple of nothing, that is
    **dict.fromkeys(("Int16", "UInt16", "Enum16", "Date", "BFloat16"), 2),
    **dict.fromkeys(("Int32", "UInt32", "Float32", "Date32", "DateTime", "IPv4", "Time"), 4),
    **dict.fromkeys(("Int64", "UInt64", "Float64", "DateTime64", "Time64"), 8),
    **dict.fromkeys(("Int128", "UInt128", "UUID", "IPv6"), 16),
    **dict.fromkeys(("Int256", "UInt256"), 32),
    **{f"Interval{unit}": 8 for unit in ("Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour")},
    **{f"Interval{unit}": 8 for unit in ("Day", "Week", "Month", "Quarter", "Year")},
}
_ALIASES: Final[Mapping[str, str]] = {
    "Point": "Tuple(Float64, Float64)",
    **dict.fromkeys(("Ring", "LineString"), "Array(Point)"),
    **dict.fromkeys(("Polygon", "MultiLineString"), "Array(Array(Point))"),
    "MultiPolygon": "Array(Array(Array(Point)))",
}
_DECIMALS: Final = ((9, 4), (18, 8), (38, 16), (76, 32))  # digits up to which, and bytes
_PIECE: Final = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[(),]|[^'`(),]+")
_FIELD: Final = re.compile(r"^(?:`(?:[^`\\]|\\.)*`|\w+)\s+(?=\S)", re.DOTALL)


def versioned(body: bytes, version: int) -> bytes:
    """The blocks of an answer as a client of that protocol version reads them.

    Args:
        body: what the engine wrote; nothing where there is no row.
        version: 1 or above.

    Raises:
        ClickHouseError: a column is of a type whose layout differs by version, or is not known here.
    """
    try:
        return b"".join(_versioned(_Blocks(memoryview(body)), custom_serialization=version >= CUSTOM_SERIALIZATION))
    except (IndexError, ValueError) as error:
        text = f"The answer is not in the layout of Native that is known here ({error}): ask for {_OTHER}."
        raise ClickHouseError.refused(1002, "UNKNOWN_EXCEPTION", text) from error


def _versioned(blocks: "_Blocks", *, custom_serialization: bool) -> Iterator[bytes | memoryview]:
    while blocks.place < len(blocks.raw):
        yield _HEAD
        start = blocks.place
        columns, rows = blocks.number(), blocks.number()
        for _ in range(columns):
            _, typed = blocks.text(), blocks.text()
            if custom_serialization:
                yield from (blocks.raw[start : blocks.place], b"\0")
                start = blocks.place
            kind = parsed(typed)
            if rows:
                blocks.skip_prefix(kind)
                blocks.skip(kind, rows)
        yield blocks.raw[start : blocks.place]
    if blocks.place != len(blocks.raw):
        raise ValueError(f"its last block would end at byte {blocks.place} of {len(blocks.raw)}")


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """A type by its layout: its `name`, the `width` of a value in bytes if that is fixed, and the types within it."""

    name: str
    width: int = 0
    parts: Sequence["ColumnLayout"] = ()


def parsed(typed: str) -> ColumnLayout:
    """A type of ClickHouse by its layout.

    >>> parsed("Map(String, Tuple(a UInt8, `b c` Array(Date)))").parts[1].parts[1]
    ColumnLayout(name='Array', width=0, parts=(ColumnLayout(name='Date', width=2, parts=()),))

    Raises:
        ClickHouseError: its layout differs by version, or is not known here.
    """
    name, arguments = _split(_ALIASES.get(typed, typed))
    if (name, bool(arguments)) in _LAYOUTS:
        return _LAYOUTS[name, bool(arguments)](arguments)
    if name in _BYTES:
        return ColumnLayout(name, _BYTES[name])
    text = (
        f"The embedded store cannot write a column of type {typed} in Native for a client that names its protocol "
        f"version: select toString of it, or ask for {_OTHER}."
    )
    raise ClickHouseError.refused(48, "NOT_IMPLEMENTED", text)


def _decimal(arguments: Sequence[str]) -> ColumnLayout:
    return ColumnLayout("Decimal", next(width for digits, width in _DECIMALS if int(arguments[0]) <= digits))


def _tuple(fields: Sequence[str]) -> ColumnLayout:
    return ColumnLayout("Tuple", parts=tuple(parsed(_FIELD.sub("", field, count=1)) for field in fields))


_LAYOUTS: Final[Mapping[tuple[str, bool], Callable[[Sequence[str]], ColumnLayout]]] = {
    ("String", False): lambda _: ColumnLayout("String"),
    ("FixedString", True): lambda arguments: ColumnLayout("FixedString", int(arguments[0])),
    ("Decimal", True): _decimal,
    ("Nullable", True): lambda arguments: ColumnLayout("Nullable", parts=(parsed(arguments[0]),)),
    ("LowCardinality", True): lambda arguments: ColumnLayout("LowCardinality", parts=(parsed(arguments[0]),)),
    ("Array", True): lambda arguments: ColumnLayout("Array", parts=(parsed(arguments[0]),)),
    ("Map", True): lambda arguments: ColumnLayout("Array", parts=(_tuple(arguments),)),
    ("Nested", True): lambda arguments: ColumnLayout("Array", parts=(_tuple(arguments),)),
    ("Tuple", True): _tuple,
    ("SimpleAggregateFunction", True): lambda arguments: parsed(arguments[1]),
}
"""Types that are not of one width, by their name and whether they have arguments."""


def _split(typed: str) -> tuple[str, list[str]]:
    name, _, rest = typed.partition("(")
    arguments, depth = [""], 0
    for piece in _PIECE.findall(rest.removesuffix(")")):
        depth += (piece == "(") - (piece == ")")
        if piece == "," and not depth:
            arguments.append("")
        else:
            arguments[-1] += piece
    return name.strip(), [argument.strip() for argument in arguments if argument.strip()]


class _Blocks:
    """Bytes of blocks, and the place that is read."""

    def __init__(self, raw: memoryview) -> None:
        self.raw, self.place = raw, 0

    def number(self) -> int:
        """A number of the variable length that counts and lengths have (LEB128)."""
        value = shift = 0
        while True:
            byte = self.raw[self.place]
            self.place += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def text(self) -> str:
        length = self.number()
        self.place += length
        if self.place > len(self.raw):
            raise IndexError("a name is cut off")
        return str(self.raw[self.place - length : self.place], "utf-8")

    def skip_prefix(self, kind: ColumnLayout) -> None:
        """What comes once, before the data."""
        if kind.name == "LowCardinality":
            self.place += 8
        else:
            for part in kind.parts:
                self.skip_prefix(part)

    def skip(self, kind: ColumnLayout, rows: int) -> None:
        if kind.width:
            self.place += rows * kind.width
        elif kind.name == "String":
            self._skip_texts(rows)
        elif kind.name == "LowCardinality":
            self._skip_dictionary(kind.parts[0], rows)
        else:
            if kind.name == "Array":
                self.place += 8 * rows
                rows = self._number_of_8(self.place - 8) if rows else 0
            elif kind.name == "Nullable":
                self.place += rows
            for part in kind.parts:
                self.skip(part, rows)

    def _skip_texts(self, rows: int) -> None:
        raw, place = self.raw, self.place
        for _ in range(rows):  # by hand, since this is nearly all that an answer costs
            length = raw[place]
            place += 1
            if length < 0x80:
                place += length
            else:
                self.place = place - 1
                length = self.number()
                place = self.place + length
        self.place = place

    def _skip_dictionary(self, values: ColumnLayout, rows: int) -> None:
        if not rows:
            return
        flags = self._number_of_8(self.place)
        keys = self._number_of_8(self.place + 8)
        self.place += 16
        self.skip(values.parts[0] if values.name == "Nullable" else values, keys)
        self.place += 8 + rows * (1 << (flags & 0xFF))

    def _number_of_8(self, place: int) -> int:
        return int.from_bytes(self.raw[place : place + 8], "little")
