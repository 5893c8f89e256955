"""Of which days folds and recorded figures are up to date, and what recorded figures are of.

Each fold of a day has a version of its own that only grows (streams.figures.days), so a hash of the folds of all days
up to one tells whether any has changed since.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from streams.figures.days import FIRST_CELL_DAY, half_lives
from streams.figures.edition import EDITION
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import EPOCH


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


class FirstErasedAnswer(Row):
    """The day of the first answer of an erased person, since 1970-01-01; and how many there are."""

    day: int
    answers: int


class CurrentEnds(NamedTuple):
    """The day of the first cell, since 1970-01-01, and when the figures were written that count, by day."""

    first: int
    written: Mapping[int, datetime]


_STATES: Final = query(__package__, "day_states", DayState)
_ERASED: Final = query(__package__, "first_erased_answer", FirstErasedAnswer)


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


def up_to_date(store: Store, compiled: CompiledRegistry) -> CurrentEnds | None:
    """The writing that counts of each day whose end's figures are those that a computation would give now.

    From the first day on that may have changed there is none.

    Returns:
        None where there are no cells.
    """
    # In this order: who erases somebody notes it, computes the days again, and only then are the answers gone.
    gone, first = store.fetch_one(_ERASED), store.fetch_one(FIRST_CELL_DAY)
    if not first.has_cells:
        return None
    doubtful = gone.day if gone.answers else None
    ownership = ownership_hash(compiled)
    found: dict[int, datetime] = {}
    folded = (state for state in states(store, compiled) if state.day >= first.day)
    for day, state in enumerate(folded, start=first.day):
        if state.day != day or day == doubtful:
            break
        if state.is_reflected and state.ownership == ownership:
            found[day] = state.written
    return CurrentEnds(first.day, found)
