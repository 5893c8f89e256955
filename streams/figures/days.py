"""Day cells in the store: closed days folded into decayed sums, so that figures cost days and not minutes.

A day is clean while its fold is what its cells give. Whoever computes cells again marks their days before and
after; whoever folds a day notes that it begins, and then that the day is clean, unless it was marked meanwhile. So a
fold that ran during a recomputation never stands for cells that it has not read, and a day that is not clean is read
by its minutes: figures are exact at all times, and fast once folding has caught up. What comes later has a later
version; no clock decides.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from metrics.figures.days import day_of, usable
from metrics.registry import Horizons
from streams.figures.edition import EDITION
from streams.runtime import trace
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.statements import Row, numbers, query, statement
from streams.timestamps import date_of_day, sql_microsecond

DAYS_AT_ONCE: Final = 40
"""How many days one statement folds, at most."""

FOLDED_AT_ONCE: Final = 500_000
"""Of how many combinations in all: they bound the engine's memory, for events may name touchpoints without end."""


class CleanDays(Row):
    """Days since 1970-01-01, and the version of each one's fold."""

    days: list[int]
    folds: list[int]


class FirstCellDay(Row):
    """The day of the first cell, since 1970-01-01; of no meaning without cells."""

    day: int
    has_cells: int


class FoldVersion(Row):
    """The version of a fold that begins."""

    began: datetime


class DaySize(Row):
    """About how many combinations the cells of a day (since 1970-01-01) have."""

    day: int
    combinations: int


_SIZES: Final = query(__package__, "combinations_by_day", DaySize)
_CLEAN: Final = query(__package__, "clean_days", CleanDays)
FIRST_CELL_DAY: Final = query(__package__, "first_cell_day", FirstCellDay)
_MARK: Final = statement(__package__, "mark_days")
_FOLD: Final = statement(__package__, "fold_days")
_BEGIN: Final = query(__package__, "begin_folds", FoldVersion)
_NOTE: Final = statement(__package__, "note_folds")


def clean(store: Store, horizons: Horizons) -> set[int]:
    """The days whose fold with these half-lives is up to date, as days since 1970-01-01."""
    return set(clean_folds(store, horizons))


def clean_folds(store: Store, horizons: Horizons) -> dict[int, int]:
    """The same days, each with its fold's version: what is folded again has another."""
    row = store.fetch_one(_CLEAN, half_lives(horizons))
    return dict(zip(row.days, row.folds, strict=True))


def half_lives(horizons: Horizons) -> dict[str, float]:
    """Half-lives as parameters of statements, seconds."""
    return {"short_s": float(horizons.short_s), "long_s": float(horizons.long_s)}


def usable_at(store: Store, at_s: float, horizons: Horizons) -> dict[int, int]:
    """The days whose fold may stand for their minutes at an instant (metrics.figures.days.usable), ascending.

    Each has its fold's version.
    """
    folds = clean_folds(store, horizons)
    return {day: folds[day] for day in usable(folds, at_s, horizons)}


def mark(store: Store, minutes: Sequence[int]) -> None:
    """Notes that the cells of some minutes (epoch seconds) change: their days are folded again."""
    store.run(_MARK, days=numbers(sorted({day_of(minute) for minute in minutes})))


def fold(store: Store, horizons: Horizons) -> Iterator[tuple[int, int]]:
    """Folds every closed day, from the first that has cells, that is not clean.

    Yields:
        Days done and days to do, after each statement; nothing where all are clean.
    """
    first = store.fetch_one(FIRST_CELL_DAY)
    if not first.has_cells:
        return
    today = day_of(store_time(store).timestamp())
    folded = clean(store, horizons)
    due = [day for day in range(first.day, today) if day not in folded]
    done = 0
    for batch in _batches(store, due):
        _fold(store, batch, horizons)
        done += len(batch)
        yield done, len(due)


def _batches(store: Store, days: Sequence[int]) -> Iterator[list[int]]:
    sizes = {row.day: row.combinations for row in store.fetch(_SIZES, {"dates": [date_of_day(day) for day in days]})}
    batch: list[int] = []
    size = 0
    for day in days:
        if len(batch) == DAYS_AT_ONCE or (batch and size + sizes.get(day, 0) > FOLDED_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(day)
        size += sizes.get(day, 0)
    if batch:
        yield batch


def _fold(store: Store, days: Sequence[int], horizons: Horizons) -> None:
    dates = [date_of_day(day) for day in days]
    parameters: dict[str, Any] = half_lives(horizons) | {"dates": dates}
    found = store.fetch_one(_BEGIN, parameters)
    columns: dict[str, list[Any]] = {
        "short_s": [parameters["short_s"]] * len(days),
        "long_s": [parameters["long_s"]] * len(days),
        "day": dates,
        "clean": [0] * len(days),
        "edition": [EDITION] * len(days),
        "marked_at": [found.began] * len(days),
    }
    store.insert("day_folds", tuple(columns), tuple(columns.values()))
    parameters["began"] = sql_microsecond(found.began)
    store.run(_FOLD, parameters)
    store.run(_NOTE, parameters)
    if trace.to:
        for day in dates:
            trace.to.write("fold", day=str(day))
