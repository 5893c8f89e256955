"""Reconciling: whether cells and day cells equal a recount of what they are computed from."""

from datetime import datetime
from typing import Final

from metrics.registry import Horizons
from streams.figures import days
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import date_of_day, sql_second


class MismatchedMinutes(Row):
    """How many minutes."""

    minutes: int


class MismatchedDays(Row):
    """How many days."""

    days: int


class HiddenCopies(Row):
    """How many rows."""

    hidden: int


_MINUTES: Final = query(__package__, "mismatched_minutes", MismatchedMinutes)
_DAYS: Final = query(__package__, "mismatched_days", MismatchedDays)
_COPIES: Final = query(__package__, "hidden_copies", HiddenCopies)


def mismatched_minutes(store: Store, first: datetime, last: datetime) -> int:
    """In how many minutes of a time the cells differ from a recount of the facts."""
    [row] = store.fetch(_MINUTES, {"first": sql_second(first), "last": sql_second(last)})
    return row.minutes


def mismatched_days(store: Store, horizons: Horizons, since: int) -> int:
    """How many clean days from a day on have day cells that differ from what their cells give."""
    dates = [date_of_day(day) for day in sorted(days.clean(store, horizons)) if day >= since]
    if not dates:
        return 0
    [row] = store.fetch(_DAYS, days.half_lives(horizons) | {"dates": dates})
    return row.days


def hidden_copies(store: Store, first: datetime) -> int:
    """How many stored rows of facts since an instant are copies that FINAL hides."""
    [row] = store.fetch(_COPIES, {"first": sql_second(first)})
    return row.hidden
