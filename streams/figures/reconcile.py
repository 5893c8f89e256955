"""Reconciling: whether cells and day cells equal a recount of what they are computed from."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from metrics.registry import Horizons
from streams.figures import days
from streams.figures.batches import MINUTES_AT_ONCE, span
from streams.figures.minutes import minutes_between
from streams.store.client import Store
from streams.store.rejected import LATEST
from streams.store.statements import Row, numbers, query
from streams.timestamps import date_of_day, sql_microsecond, sql_second

LANDED_MINUTES: Final = 2_000
"""So many minutes are compared of those in which facts landed last."""


class MismatchedMinutes(Row):
    """Which minutes, epoch seconds, ascending."""

    minutes: list[int]


class LandedMinute(Row):
    """A minute in which facts have landed, epoch seconds; and whether some are too new to be compared."""

    minute_s: int
    unsettled: int


class MismatchedDays(Row):
    """How many days."""

    days: int


class HiddenCopies(Row):
    """How many rows."""

    hidden: int


_MINUTES: Final = query(__package__, "mismatched_minutes", MismatchedMinutes)
_ANSWERS: Final = query(__package__, "mismatched_answers", MismatchedMinutes)
_LANDED: Final = query(__package__, "landed_minutes", LandedMinute)
_DAYS: Final = query(__package__, "mismatched_days", MismatchedDays)
_COPIES: Final = query(__package__, "hidden_copies", HiddenCopies)


def mismatched_minutes(store: Store, first: datetime, last: datetime) -> int:
    """In how many minutes of a time the cells differ from a recount of the facts."""
    return len(mismatched(store, minutes_between(store, first, last)))


def mismatched(store: Store, minutes: Iterable[int]) -> list[int]:
    """Those of some minutes, epoch seconds, whose cells or answers differ from a recount of the facts."""
    ordered, wrong = sorted(minutes), []
    for start in range(0, len(ordered), MINUTES_AT_ONCE):
        batch = ordered[start : start + MINUTES_AT_ONCE]
        of_cells = store.fetch_one(_MINUTES, span(batch), minutes=numbers(batch))
        of_answers = store.fetch_one(_ANSWERS, span(batch), minutes=numbers(batch))
        wrong += sorted({*of_cells.minutes, *of_answers.minutes})
    return wrong


def landed_minutes(store: Store, since: datetime, settled: datetime | None = None) -> tuple[set[int], set[int]]:
    """The minutes, epoch seconds, in which facts landed last, since a version: at most LANDED_MINUTES.

    Args:
        store: The store.
        since: From which version on.
        settled: Minutes with a fact of a greater version are left out; None for none.

    Returns:
        Those minutes, and those left out.
    """
    parameters = {"since": sql_microsecond(since), "settled": sql_microsecond(settled or LATEST)}
    rows = store.fetch(_LANDED, parameters | {"most": LANDED_MINUTES})
    unsettled = {row.minute_s for row in rows if row.unsettled}
    return {row.minute_s for row in rows} - unsettled, unsettled


def mismatched_days(store: Store, horizons: Horizons, since: int) -> int:
    """How many clean days from a day on have day cells that differ from what their cells give."""
    dates = [date_of_day(day) for day in sorted(days.clean(store, horizons)) if day >= since]
    if not dates:
        return 0
    row = store.fetch_one(_DAYS, days.half_lives(horizons) | {"dates": dates})
    return row.days


def hidden_copies(store: Store, first: datetime) -> int:
    """How many stored rows of facts since an instant are copies that FINAL hides."""
    row = store.fetch_one(_COPIES, {"first": sql_second(first)})
    return row.hidden
