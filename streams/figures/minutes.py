"""Cells in the store: recomputed from the facts of the minutes that changed.

A cell is never incremented. The minutes in which facts have landed are computed again from what FINAL
shows of them and replaced, so that late, repeated and replayed events need no special case.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Final

from metrics.durations import MINUTE_S
from streams.figures import days
from streams.runtime import failpoints, trace
from streams.store.client import Store
from streams.store.clock import store_time
from streams.store.statements import Row, numbers, query, statement
from streams.timestamps import EPOCH, from_epoch, sql_microsecond, sql_second

MINUTES_AT_ONCE: Final = 2_000
"""How many minutes one statement recomputes: it bounds the statement's text and the engine's memory."""

NOTED_EVERY: Final = timedelta(seconds=5)
"""Where nothing changes, it is noted so often that cells are up to date: each note is a part for the store to merge."""


class RefreshedUpto(Row):
    """What the refreshes so far have noted; `upto` is of no meaning before the first."""

    upto: datetime
    refreshes: int


class ChangedMinutes(Row):
    """Minutes, epoch seconds, with facts that have landed lately, and with facts that landed before."""

    new: list[int]
    earlier: list[int]


_UPTO: Final = query(__package__, "refreshed_upto", RefreshedUpto)
_CHANGED: Final = query(__package__, "changed_minutes", ChangedMinutes)
_RECOMPUTE: Final = statement(__package__, "recompute_cells")


def refreshed_upto(store: Store) -> datetime | None:
    """Up to which time of the store's clock the cells reflect what had landed; None before the first refresh."""
    [row] = store.fetch(_UPTO)
    return row.upto if row.refreshes else None


class Changes:
    """Minutes in which facts have landed that their cells do not reflect yet.

    A refresh may stop midway: what is due stays due, and the newest minutes come first, so that a long history
    that is being filled does not keep today's figures waiting.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: set[int] = set()
        self._again: set[int] = set()
        self._looked: datetime | None = None
        self._noted: datetime | None = None

    def look(self, overlap: timedelta, sweep: timedelta = timedelta(0)) -> None:
        """Adds the minutes in which facts have landed since the last look, or the last refresh that came to its end.

        Args:
            overlap: How far to look back beyond that. A fact's `ingested_at` is set when its insert begins and visible
                when it ends; an insert that takes longer than this is found by a later look that sweeps.
            sweep: How far to look back beyond the overlap. Nearly all minutes found there have been recomputed: they
                wait until no others are due, or the newest end of a history being filled would be recomputed for ever.
        """
        began, upto = store_time(self._store), self._looked or refreshed_upto(self._store)
        new = EPOCH if upto is None else upto - overlap
        since = new if upto is None else new - sweep
        [changed] = self._store.fetch(_CHANGED, {"new": sql_microsecond(new), "since": sql_microsecond(since)})
        self._due.update(changed.new)
        # After a start it is not known what an earlier look has covered.
        (self._again if self._looked else self._due).update(changed.earlier)
        self._again -= self._due
        self._looked = began
        if trace.to:
            trace.to.write("refresh_look", upto=sql_microsecond(self._looked))

    def recompute(self) -> Iterator[tuple[int, int]]:
        """Recomputes the cells of the minutes that are due, then of those that a sweep has found again.

        Yields:
            Minutes done and minutes to do, after each statement; at least once, at the end.
        """
        due, total = len(self._due), len(self._due) + len(self._again)
        for left in self._batches(self._due):
            yield due - left, total
        failpoints.reach("refreshing")
        if due or self._noted is None or self._looked is None or self._looked - self._noted >= NOTED_EVERY:
            self._store.insert("refreshes", ("upto", "minutes"), ([self._looked], [due]))
            self._noted = self._looked
            if trace.to and self._looked:
                trace.to.write("refresh_note", upto=sql_microsecond(self._looked))
        for left in self._batches(self._again):
            yield total - left, total
        yield total, total

    def _batches(self, minutes: set[int]) -> Iterator[int]:
        while minutes:
            batch = nlargest(MINUTES_AT_ONCE, minutes)
            recompute(self._store, batch[::-1])
            minutes.difference_update(batch)
            yield len(minutes)


def refresh(store: Store, overlap: timedelta) -> Iterator[tuple[int, int]]:
    """One whole refresh: looks once (Changes.look), and recomputes all that is due (Changes.recompute)."""
    changes = Changes(store)
    changes.look(overlap)
    yield from changes.recompute()


def recompute(store: Store, minutes: Sequence[int]) -> None:
    """Replaces the cells of some minutes (epoch seconds, ascending) by what their facts give now."""
    days.mark(store, minutes)  # before, so that no fold stands for them though this is cut off
    span = {"first": sql_second(from_epoch(minutes[0])), "last": sql_second(from_epoch(minutes[-1] + MINUTE_S))}
    store.run(_RECOMPUTE, span, minutes=numbers(minutes))
    days.mark(store, minutes)  # after, for a fold that began meanwhile and did not read them
