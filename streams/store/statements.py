"""Statements: SQL in files next to the code that runs them, and the one way to fill them.

A file `sql/NAME.sql` of a package holds one statement. Two kinds of places in it are filled, and look different:

- `{name:Type}` is a parameter. The engine binds its value, whatever it holds.
- `$name` is a fragment: text of the statement, for what cannot be a parameter. Parameters travel in the address of the
  request, which has no room for thousands of numbers, and an index is used only for ranges that stand in the text.

A fragment is made here and nowhere else, from whole numbers, from files of ours, and from texts as hexadecimal digits:
nothing from outside reaches the text of a statement as it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from operator import index
from typing import Any, Final, Generic, TypeVar

import msgspec

_COMMENT: Final = re.compile(r"^[ \t]*--.*\n?", re.MULTILINE)
_FRAGMENT: Final = re.compile(r"\$(\w+)")
_PARAMETER: Final = re.compile(r"\{(\w+):")


class Row(msgspec.Struct, gc=False):
    """A row of a query: its fields are the query's columns, by name and in their order."""

    def as_dict(self) -> dict[str, Any]:
        """By column, as answers and commands show it; what the row holds becomes dicts as well, instants stay."""
        columns: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(datetime,))
        return columns


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Fragment:
    """Text of a statement that stands in place of `$name`: made by the functions below alone."""

    text: str

    def filled(self, **parts: "Fragment") -> "Fragment":
        """The same with other fragments in its places."""
        return Fragment(_filled("a fragment", self.text, parts))


def numbers(values: Iterable[int]) -> Fragment:
    """A list of whole numbers, to stand between brackets.

    Raises:
        TypeError: Something is no whole number.

    >>> numbers([60, 120]).text
    '60,120'
    """
    return Fragment(",".join(str(index(value)) for value in values))


def constant_texts(values: Iterable[str]) -> Fragment:
    """A constant list of texts; as digits, whatever they hold is no SQL.

    >>> constant_texts(["it", "es"]).text
    "arrayMap(t -> unhex(t), splitByChar(',', '6974,6573'))"
    """
    digits = ",".join(value.encode().hex() for value in values)
    return Fragment(f"arrayMap(t -> unhex(t), splitByChar(',', '{digits}'))")


def constant_numbers(values: Iterable[int]) -> Fragment:
    """A constant list of whole numbers, >= 0: the engine reads one text much faster than thousands of literals.

    >>> constant_numbers([60, 120]).text
    "CAST('[60,120]', 'Array(UInt64)')"
    """
    return Fragment(f"CAST('[{numbers(values).text}]', 'Array(UInt64)')")


def constant_triples(lists: Iterable[Iterable[tuple[int, int, int]]]) -> Fragment:
    """A constant list of lists of three whole numbers each, >= 0.

    >>> constant_triples([[(1, 2, 3)], []]).text
    "CAST('[[(1,2,3)],[]]', 'Array(Array(Tuple(UInt32, UInt32, UInt32)))')"
    """
    texts = (",".join(f"({numbers(triple).text})" for triple in triples) for triples in lists)
    return Fragment(
        f"CAST('[{','.join(f'[{text}]' for text in texts)}]', 'Array(Array(Tuple(UInt32, UInt32, UInt32)))')"
    )


def either(expressions: Iterable[Fragment]) -> Fragment:
    """Several expressions as the arguments of a function.

    >>> either([numbers([1]), numbers([2])]).text
    '1, 2'
    """
    return Fragment(", ".join(expression.text for expression in expressions))


def ranges(column: str, bounds: Iterable[tuple[int | None, int | None]]) -> Fragment:
    """The condition that a column lies in one of some ranges.

    Args:
        column: The column, a plain name.
        bounds: First, inclusive, and last, exclusive, of each range; None where it has no such end.

    Raises:
        ValueError: The column is no plain name.
        TypeError: A bound is no whole number.

    >>> ranges("minute_s", [(None, 60), (120, 180)]).text
    '(minute_s < 60) OR (minute_s >= 120 AND minute_s < 180)'
    >>> ranges("minute_s", []).text
    'false'
    """
    name = column_named(column).text
    return Fragment(" OR ".join(_range(name, *bound) for bound in bounds) or "false")


def among(column: str, values: Iterable[int]) -> Fragment:
    """The condition that a column has one of some whole numbers.

    Raises:
        ValueError: The column is no plain name.
        TypeError: Something is no whole number.

    >>> among("line_begins", [0, 120]).text
    'line_begins IN (0,120)'
    >>> among("line_begins", []).text
    'false'
    """
    name, listed = column_named(column).text, numbers(values).text
    return Fragment(f"{name} IN ({listed})" if listed else "false")


def column_named(name: str) -> Fragment:
    """A column.

    Raises:
        ValueError: The name is not a plain one.

    >>> column_named("touchpoint").text
    'touchpoint'
    """
    if not (name.isascii() and name.isidentifier()):
        raise ValueError(f"{name!r} is no plain name of a column")
    return Fragment(name)


def _range(column: str, first: int | None, last: int | None) -> str:
    conditions = [] if first is None else [f"{column} >= {index(first)}"]
    conditions += [] if last is None else [f"{column} < {index(last)}"]
    return f"({' AND '.join(conditions) or 'true'})"


def fragment(package: str, name: str) -> Fragment:
    """An expression of ours that several statements have in common, from `sql/NAME.sql` of a package."""
    return Fragment(_read(package, name))


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in a file.

    Attributes:
        name: Where it is from: package and file.
        text: Its text, without comments.
    """

    name: str
    text: str

    def filled(self, fragments: Mapping[str, Fragment]) -> str:
        """The text with a fragment in each place for one.

        Raises:
            ValueError: A fragment is missing, or there is no place for it.
        """
        return _filled(self.name, self.text, fragments)

    def chosen(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Those of some parameters that the statement names; several statements may share what they are given.

        Raises:
            ValueError: One is missing.
        """
        names = set(_PARAMETER.findall(self.text))
        if missing := names - parameters.keys():
            raise ValueError(f"{self.name} lacks the parameters {sorted(missing)}")
        return {name: parameters[name] for name in parameters if name in names}


@dataclass(frozen=True, slots=True)
class Query(Statement, Generic[R]):
    """A statement with a result.

    Attributes:
        row: The type of its rows.
    """

    row: type[R]

    def rows(self, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> list[R]:
        """The rows of a result, typed.

        Raises:
            TypeError: The columns are not the fields of the row.
        """
        # The driver names no columns where there are no rows.
        if columns and tuple(columns) != self.row.__struct_fields__:
            raise TypeError(f"{self.name} has the columns {tuple(columns)}, not {self.row.__struct_fields__}")
        return [self.row(*row) for row in values]


def statement(package: str, name: str, **common: Fragment) -> Statement:
    """The statement in `sql/NAME.sql` of a package; `common` fills places that never differ."""
    return Statement(f"{package}/{name}", _text(package, name, common))


def query(package: str, name: str, row: type[R], **common: Fragment) -> Query[R]:
    """The same, with the type of its rows."""
    return Query(f"{package}/{name}", _text(package, name, common), row)


def _filled(what: str, text: str, fragments: Mapping[str, Fragment]) -> str:
    places = set(_FRAGMENT.findall(text))
    if places != fragments.keys():
        raise ValueError(f"{what} takes the fragments {sorted(places)}, not {sorted(fragments)}")
    return _FRAGMENT.sub(lambda match: fragments[match[1]].text, text)


def _text(package: str, name: str, common: Mapping[str, Fragment]) -> str:
    text = _read(package, name)
    for place, part in common.items():
        if f"${place}" not in text:
            raise ValueError(f"{package}/{name} has no place ${place}")
        text = re.sub(rf"\${place}\b", lambda _, part=part: part.text, text)  # type: ignore[misc]
    return text


def _read(package: str, name: str) -> str:
    file = resources.files(package).joinpath("sql", f"{name}.sql")
    return without_comments(file.read_text(encoding="utf-8")).strip()


def without_comments(text: str) -> str:
    """SQL without the lines that are comments."""
    return _COMMENT.sub("", text)
