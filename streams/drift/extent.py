"""How much there is in the cells, and what of it is new: asked before it is read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import sql_microsecond

CELLS_AT_ONCE: Final = 100_000
"""Cells of so many are read at once, or of a day if it has more: it bounds what a long history takes to be read."""


class EarliestChange(Row):
    """The first minute, epoch seconds, of so many cells; of no meaning without cells."""

    minute_s: int
    cells: int


class LateFacts(Row):
    """How many facts."""

    facts: int


class DayCells(Row):
    """How many cells a day of UTC has, by its start, epoch seconds."""

    day_s: int
    cells: int


_EARLIEST: Final = query(__package__, "earliest_change", EarliestChange)
_LATE: Final = query(__package__, "late_facts", LateFacts)
_BY_DAY: Final = query(__package__, "cells_by_day", DayCells)


def earliest_change(store: Store, since: datetime) -> int | None:
    """The earliest minute, epoch seconds, of cells refreshed since an instant of the store's clock; None for none."""
    row = store.fetch_one(_EARLIEST, {"since": sql_microsecond(since)})
    return row.minute_s if row.cells else None


def late_facts(store: Store, before_s: int, since: datetime) -> int:
    """How many facts older than an epoch second have landed since an instant of the store's clock."""
    row = store.fetch_one(_LATE, {"before": before_s, "since": sql_microsecond(since)})
    return row.facts


def parts_of_history(store: Store, since_s: int, until_s: int) -> Iterator[tuple[int, int]]:
    """The time between two epoch seconds in parts of at most CELLS_AT_ONCE cells, each of whole days but at the ends.

    A day that has more is a part by itself.
    """
    begin_s, cells = since_s, 0
    for row in store.fetch(_BY_DAY, {"since": since_s, "until": until_s}):
        if cells and cells + row.cells > CELLS_AT_ONCE and row.day_s > begin_s:
            yield begin_s, row.day_s
            begin_s, cells = row.day_s, 0
        cells += row.cells
    yield begin_s, until_s
