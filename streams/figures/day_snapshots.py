"""Recorded figures of the end of each day, also of days before the service ran: dashboards show imported history.

A day's end is due while the folds of the days up to it are not those that its figures reflect. What they reflect is
noted after they are there, so that whoever is cut off goes on where it stopped, and two at once do the same work twice.
Each fold has a version of its own (streams.figures.days), so a hash of all of them tells whether any has changed.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from metrics.catalogue import HORIZONS
from metrics.durations import DAY_S
from metrics.figures.balances import Balance
from metrics.figures.days import day_of
from streams.figures import snapshot
from streams.figures.days import half_lives
from streams.figures.edition import EDITION
from streams.figures.snapshot import Snapshot
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.statements import Row, query
from streams.store.versions import MICROSECOND
from streams.timestamps import EPOCH, date_of_day, from_epoch

WRITE_FOR_S: Final = 0.5
"""How long one refresh records figures of past days; what is left, the oldest, waits for the next."""
FIRST_LOOK_S: Final = 10.0
"""So long after its start a refresher looks first which are due: the figures of now come first."""
PAST_EVERY_S: Final = 60.0
"""How often a refresh looks which are due."""
_SHARE: Final = 10
"""Facts may come late to old days for ever: at most one part in so many of the time goes into past days then."""


class DayState(Row):
    """A folded day (since 1970-01-01), and what the recorded figures of its end are of.

    Attributes:
        day: The day.
        folds: A hash of the folds of all days up to it.
        reflects: That of the folds that the figures reflect; 0, as what follows, where none are recorded.
        registry: The hash of the registry they were computed under.
        ownership: That of what they depend on of it.
        written: When they were written: which rows are theirs.
    """

    day: int
    folds: int
    reflects: int
    registry: int
    ownership: int
    written: datetime

    @property
    def is_reflected(self) -> bool:
        """Whether the recorded figures reflect the folds of today."""
        return self.reflects == self.folds and self.written > EPOCH


class DueDay(NamedTuple):
    """A day, since 1970-01-01, at whose end figures are due; what they will reflect; when they were written last."""

    day: int
    folds: int
    written: datetime


_SAVED: Final = tuple(field.name for field in fields(Balance) if field.name not in ("at", "term"))

_STATES: Final = query(__package__, "day_states", DayState)


def due(states: Sequence[DayState], today: int, registry: int | None) -> list[DueDay]:
    """The days at whose end figures are due, the newest first.

    Args:
        states: Folded days, ascending.
        today: The first day, since 1970-01-01, that is not over.
        registry: The hash of a registry: figures of another one are due as well. None for those of any.
    """
    return [
        DueDay(state.day, state.folds, state.written)
        for state in states[::-1]
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


def states(store: Store, compiled: CompiledRegistry) -> list[DayState]:
    """The days whose fold with a registry's half-lives is up to date, ascending."""
    return store.fetch(_STATES, half_lives(compiled.registry.horizons) | {"edition": EDITION})


def registry_hash(compiled: CompiledRegistry) -> int:
    """A hash of all that a registry says, 64 bits: its version alone may stay while its rules change."""
    return _hash(compiled.registry)


def ownership_hash(compiled: CompiledRegistry) -> int:
    """A hash of what figures depend on of a registry, 64 bits: who owns what, and the half-lives."""
    rules = [
        (rule.touchpoint, rule.segment, rule.region, rule.kind, rule.owner, rule.valid_from, rule.valid_to)
        for rule in compiled.registry.ownerships
        if rule.facet is None
    ]
    return _hash((rules, compiled.registry.horizons))


def _hash(said: object) -> int:
    return int.from_bytes(sha256(msgspec.json.encode(said, order="sorted")).digest()[:8])


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
