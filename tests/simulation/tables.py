"""Tables in memory with the engine's semantics: of the rows with one sorting key, FINAL shows that of the last version.

Which table has which key and version is read from the migrations that we ship.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from streams.store.migrations import shipped

Row = Mapping[str, Any]

_TABLE: Final = re.compile(
    r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*\((.*?)\nENGINE = (\w+)(?:\((\w+)\))?.*?ORDER BY (.+?)\s*(?:;|\n|$)",
    re.DOTALL,
)
_COLUMN: Final = re.compile(r"\w+(?:\(\w+\))?")
_DATED: Final = re.compile(r"(\w+) DateTime64\((\d)[^)]*\) DEFAULT now64")
MINUTE_MS: Final = 60_000


def _expression(text: str) -> Callable[[Row], Hashable]:
    if text == "toStartOfMinute(occurred_at)":
        return lambda row: row["occurred_at"] // MINUTE_MS
    if not text.isidentifier():
        raise ValueError(f"a sorting key has the expression {text!r}: teach it to the simulation")
    return lambda row: row[text]


class Table:
    """Rows in the order in which they were inserted, and what FINAL shows of them.

    `dated` is the column that the store fills with its clock, and in how many microseconds it counts.
    """

    def __init__(self, key: Iterable[str], definition: "_Definition") -> None:
        self._key = [_expression(text) for text in key]
        self._version = definition.version
        self._replacing = definition.replacing
        self.dated = definition.dated
        self.rows: list[Row] = []
        self.final: dict[Hashable, Row] = {}

    def put(self, rows: Iterable[Row]) -> None:
        """Inserts rows. Of equal versions the last stays."""
        for row in rows:
            self.rows.append(row)
            key = tuple(part(row) for part in self._key) if self._replacing else len(self.rows)
            shown = self.final.get(key)
            if shown is None or self._version is None or row[self._version] >= shown[self._version]:
                self.final[key] = row

    def delete(self, doomed: Callable[[Row], bool], among: int) -> None:
        """Deletes rows, of the first `among`: a mutation does not see what is inserted after it began."""
        left = [row for number, row in enumerate(self.rows) if number >= among or not doomed(row)]
        self.rows, self.final = [], {}
        self.put(left)


@dataclass(frozen=True)
class _Definition:
    key: list[str]
    version: str | None
    replacing: bool
    dated: tuple[str, int] | None


@lru_cache(maxsize=1)
def _definitions() -> Mapping[str, _Definition]:
    text = ";\n".join(statement for migration in shipped() for statement in migration.statements)
    return {
        name: _Definition(_COLUMN.findall(key), version or None, engine == "ReplacingMergeTree", _dated(columns))
        for name, columns, engine, version, key in _TABLE.findall(text)
    }


def _dated(columns: str) -> tuple[str, int] | None:
    found = _DATED.search(columns)
    return (found[1], 10 ** (6 - int(found[2]))) if found else None


def tables(without: Mapping[str, str] | None = None) -> dict[str, Table]:
    """The tables of our migrations, empty.

    Args:
        without: Tables whose sorting key lacks a column: a breach, planted.
    """
    lacking = without or {}
    return {
        name: Table([column for column in table.key if column != lacking.get(name)], table)
        for name, table in _definitions().items()
    }
