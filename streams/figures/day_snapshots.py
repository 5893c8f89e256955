"""Recorded figures of the end of each day, also of days before the service ran: dashboards show imported history.

A day's end is due while a day up to it has changed since its figures were recorded. What they reflect is noted after
they are there, so that whoever is cut off goes on where it stopped, and two at once do the same work twice.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from metrics.durations import DAY_S
from metrics.figures.days import day_of
from streams.figures import snapshot
from streams.figures.days import half_lives
from streams.figures.edition import EDITION
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.statements import Row, query
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
    """A folded day (since 1970-01-01), its last change, and what the recorded figures of its end reflect and are of."""

    day: int
    changed_at: datetime
    reflects: datetime
    registry: int


class DueDay(NamedTuple):
    """A day, since 1970-01-01, at whose end figures are due; and what they will reflect."""

    day: int
    reflects: datetime


_STATES: Final = query(__package__, "day_states", DayState)


def due(states: Sequence[DayState], today: int, registry: int | None) -> list[DueDay]:
    """The days at whose end figures are due, the newest first.

    Args:
        states: Folded days, ascending.
        today: The first day, since 1970-01-01, that is not over.
        registry: The hash of a registry: figures of another one are due as well. None for those of any.
    """
    found: list[DueDay] = []
    changed = EPOCH
    for state in states:
        changed = max(changed, state.changed_at)
        if state.day < today and (state.reflects < changed or registry not in (None, state.registry)):
            found.append(DueDay(state.day, changed))
    return found[::-1]


def due_in(store: Store, compiled: CompiledRegistry, *, of_any_registry: bool) -> list[DueDay]:
    """The same of a store, with the half-lives of a registry, by the store's clock.

    Args:
        store: The store.
        compiled: The registry.
        of_any_registry: Whether figures that were computed under another registry may stand.
    """
    states = store.fetch(_STATES, half_lives(compiled.registry.horizons) | {"edition": EDITION})
    return due(states, day_of(store_time(store).timestamp()), None if of_any_registry else registry_hash(compiled))


def registry_hash(compiled: CompiledRegistry) -> int:
    """A hash of all that a registry says, 64 bits: its version alone may stay while its rules change."""
    said = msgspec.json.encode(compiled.registry, order="sorted")
    return int.from_bytes(sha256(said).digest()[:8])


def write(store: Store, compiled: CompiledRegistry, days: Sequence[DueDay]) -> Iterator[DueDay]:
    """Records the figures of the ends of some days, in both views.

    Yields:
        Each day when its figures are there and it is noted.
    """
    registry = registry_hash(compiled)
    for day in days:
        snapshot.record(store, compiled, from_epoch((day.day + 1) * DAY_S))
        noted = {"day": date_of_day(day.day), "edition": EDITION, "registry": registry, "reflects": day.reflects}
        store.insert("day_snapshots", tuple(noted), tuple([value] for value in noted.values()))
        yield day


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
