"""Recorded figures of the end of each day, also of days before the service ran: dashboards show imported history.

A day's end is due while the folds of the days up to it are not those that its figures reflect. What they reflect is
noted after they are there, so that whoever is cut off goes on where it stopped, and two at once do the same work twice.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from metrics.catalogue import HORIZONS
from metrics.durations import DAY_S
from metrics.figures.balances import Balance
from metrics.figures.days import day_of
from streams.figures import kept_repeats, snapshot
from streams.figures.day_states import DayState, ownership_hash, registry_hash, states
from streams.figures.edition import EDITION
from streams.figures.snapshot import Snapshot
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.versions import MICROSECOND
from streams.timestamps import date_of_day, from_epoch

WRITE_FOR_S: Final = 0.5
"""How long one refresh records figures of past days; what is left, the oldest, waits for the next."""
FIRST_LOOK_S: Final = 10.0
"""So long after its start a refresher looks first which are due: the figures of now come first."""
PAST_EVERY_S: Final = 60.0
"""How often a refresh looks which are due."""
_SHARE: Final = 10
"""Facts may come late to old days for ever: at most one part in so many of the time goes into past days then."""


class DueDay(NamedTuple):
    """A day, since 1970-01-01, at whose end figures are due; what they will reflect; when they were written last."""

    day: int
    folds: int
    written: datetime


_SAVED: Final = tuple(field.name for field in fields(Balance) if field.name not in ("at", "term"))


def due(folded: Sequence[DayState], today: int, registry: int | None) -> list[DueDay]:
    """The days at whose end figures are due, the newest first.

    Args:
        folded: Folded days, ascending.
        today: The first day, since 1970-01-01, that is not over.
        registry: The hash of a registry: figures of another one are due as well. None for those of any.
    """
    return [
        DueDay(state.day, state.folds, state.written)
        for state in folded[::-1]
        if state.day < today and not (state.is_reflected and registry in (None, state.registry))
    ]


def due_in(store: Store, compiled: CompiledRegistry, *, of_any_registry: bool) -> list[DueDay]:
    """The same of a store, with the half-lives of a registry, by the store's clock.

    Args:
        store: The store.
        compiled: The registry.
        of_any_registry: Whether figures that were computed under another registry may stand.
    """
    today = day_of(store_time(store).timestamp())
    return due(states(store, compiled), today, None if of_any_registry else registry_hash(compiled))


def write(store: Store, compiled: CompiledRegistry, days: Sequence[DueDay]) -> Iterator[DueDay]:
    """Records the figures of the ends of some days, in both views.

    Yields:
        Each day when its figures are there and it is noted.
    """
    registry, ownership = registry_hash(compiled), ownership_hash(compiled)
    for day in days:
        written = max(store_time(store), day.written + MICROSECOND)
        taken = snapshot.record(store, compiled, from_epoch((day.day + 1) * DAY_S))
        _save(store, taken, date_of_day(day.day), written)
        kept_repeats.record_repeats(store, taken.repeats, date_of_day(day.day), written)
        noted = {
            "day": date_of_day(day.day), "edition": EDITION, "registry": registry, "ownership": ownership,
            "folds": day.folds, "written": written,
        }  # fmt: skip
        store.insert("day_snapshots", tuple(noted), tuple([value] for value in noted.values()))
        yield day


def _save(store: Store, taken: Snapshot, day: date, written: datetime) -> None:
    """Writes the figures of the end of a day to `day_balances`, in one insert with a row that stands for all."""
    columns: dict[str, list[Any]] = {name: [] for name in ("day", *_SAVED, "written")}
    for view, rows in taken.balances.items():
        marks = {"view": view, "horizon": HORIZONS[0], "n": 0, "n_eff": 0.0, "sampled_one_in": 1}
        texts = dict.fromkeys(("department", "metric", "suppressed"), "")
        for name in _SAVED:
            columns[name] += [(marks | texts).get(name), *(getattr(row, name) for row in rows)]
    size = len(columns["view"])
    columns |= {"day": [day] * size, "written": [written] * size}
    store.insert("day_balances", tuple(columns), tuple(columns.values()))


class PastDays:
    """What a refresher records of past days, a little at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: list[DueDay] = []
        self._look_s: float | None = None
        self._spent_s = 0.0

    @property
    def due(self) -> int:
        """How many days' ends were due at the last look, and still are."""
        return len(self._due)

    def go_on(self, compiled: CompiledRegistry, now_s: float) -> None:
        """Records some of what is due.

        Args:
            compiled: The registry.
            now_s: A clock that only counts on, seconds: it decides when to look again.
        """
        if self._look_s is None:
            self._look_s = now_s + FIRST_LOOK_S
        if not self._due:
            if now_s < self._look_s:
                return
            self._due = due_in(self._store, compiled, of_any_registry=True)
            self._spent_s = 0.0
        began_s = time.monotonic()
        for _ in write(self._store, compiled, tuple(self._due)):
            self._due.pop(0)
            if time.monotonic() - began_s > WRITE_FOR_S:
                break
        self._spent_s += time.monotonic() - began_s
        self._look_s = now_s + max(PAST_EVERY_S, _SHARE * self._spent_s)
