"""Rebuilding: everything right of the facts computed again, while ingest goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from streams.figures import day_snapshots, days, snapshot
from streams.figures import minutes as cells
from streams.figures.batches import newest_first
from streams.figures.edition import EDITION
from streams.figures.refresh import RECORDED_AFTER_S
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import sql_second


class SavedSnapshot(Row):
    """The instant of figures that were saved."""

    at: datetime


_SNAPSHOTS: Final = query(__package__, "saved_snapshots", SavedSnapshot)
_OUTDATED: Final = query(__package__, "outdated_snapshots", SavedSnapshot)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is.

    Attributes:
        what: "minutes" of cells, "days" folded, "snapshots" of figures, or "outdated" ones that are recorded again.
        done: How many are done.
        total: How many there are.
    """

    what: str
    done: int
    total: int


def rebuild(store: Store, compiled: CompiledRegistry, first: datetime, last: datetime) -> Iterator[Progress]:
    """Computes the cells and the stored figures of a time again, from facts alone.

    Args:
        store: The store.
        compiled: The registry under which figures are computed.
        first: From this instant, inclusive.
        last: To this one, exclusive.
    """
    minutes = cells.minutes_between(store, first, last)
    done = 0
    for batch in newest_first(store, minutes):
        cells.recompute(store, batch, wins=True)
        done += len(batch)
        yield Progress("minutes", done, len(minutes))
    yield from fold(store, compiled)
    instants = [row.at for row in store.fetch(_SNAPSHOTS, {"first": sql_second(first), "last": sql_second(last)})]
    for position, at in enumerate(instants, start=1):
        snapshot.record(store, compiled, at)
        yield Progress("snapshots", position, len(instants))


def past_days(store: Store, compiled: CompiledRegistry) -> Iterator[Progress]:
    """Records the figures of the end of each past day, where it is due or another registry was in force.

    Days are folded first. Then the figures of other recorded instants that late facts have outdated are recorded again,
    the newest first. One that is cut off goes on where it stopped.
    """
    yield from fold(store, compiled)
    days_due = day_snapshots.due_in(store, compiled, of_any_registry=False)
    for position, _ in enumerate(day_snapshots.write(store, compiled, days_due), start=1):
        yield Progress("snapshots", position, len(days_due))
    after = {"edition": EDITION, "recorded_after_s": int(RECORDED_AFTER_S)}
    outdated = [row.at for row in store.fetch(_OUTDATED, after)]
    for position, at in enumerate(outdated, start=1):
        snapshot.record(store, compiled, at)
        yield Progress("outdated", position, len(outdated))


def fold(store: Store, compiled: CompiledRegistry) -> Iterator[Progress]:
    """Folds the closed days that are due with a registry's half-lives, which need not be those of the service."""
    for folded, due in days.fold(store, compiled.registry.horizons):
        yield Progress("days", folded, due)
