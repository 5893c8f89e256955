"""Cells in the store: recomputed from the facts of the minutes that changed.

A cell is never incremented. The minutes in which facts have landed are computed again from what FINAL
shows of them and replaced, so that late, repeated and replayed events need no special case.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from streams.figures import days, edition
from streams.figures.batches import list_of_minutes, newest_first, span
from streams.runtime import failpoints, trace
from streams.store.client import Store
from streams.store.statements import Row, fragment, query, statement
from streams.store.versions import MICROSECOND, Reading, Watermarks
from streams.timestamps import EPOCH, sql_microsecond, sql_second

KEPT_S: Final = 3_600.0
"""How long it is kept what was seen when: as far as sweeps and reconciliations look back."""

NOTED_EVERY_S: Final = 5.0
"""Where nothing changes, it is noted so often that cells are up to date: each note is a part for the store to merge."""


NOTES_BACK: Final = 300
"""A refresher that starts looks back so many notes of refreshes: five minutes at least, whatever any clock shows."""


WINNING_STEP: Final = 1_000
"""How many microseconds a version goes beyond the one it replaces where it has to win over those that go one."""


class RefreshedUpto(Row):
    """What the last refreshes have noted; without meaning before the first.

    Attributes:
        upto: What the last one has noted.
        finished_at: When it did, by the store's clock then.
        earliest: What the earliest of those asked for has noted.
        refreshes: How many there are of those asked for.
    """

    upto: datetime
    finished_at: datetime
    earliest: datetime
    refreshes: int


class FilledMinute(Row):
    """A minute that has facts or cells, epoch seconds."""

    minute_s: int


class ChangedMinutes(Row):
    """Minutes, epoch seconds, with facts that have landed lately, and with facts that landed before."""

    new: list[int]
    earlier: list[int]


_UPTO: Final = query(__package__, "refreshed_upto", RefreshedUpto)
_BETWEEN: Final = query(__package__, "minutes_to_rebuild", FilledMinute)
_CHANGED: Final = query(__package__, "changed_minutes", ChangedMinutes)
_RECOMPUTE: Final = statement(__package__, "recompute_cells")
_RECOMPUTE_ANSWERS: Final = statement(__package__, "recompute_answers")
_TOUCHED: Final = fragment(__package__, "touched_and_copied")
_COPY_REPEATS: Final = statement(__package__, "copy_repeats", touched_and_copied=_TOUCHED)
_MARK_COPIED: Final = statement(__package__, "mark_copied", touched_and_copied=_TOUCHED)


def last_refreshes(store: Store, notes: int = 1) -> RefreshedUpto | None:
    """What the last refreshes have noted, so many of them; None before the first."""
    row = store.fetch_one(_UPTO, {"notes": notes})
    return row if row.refreshes else None


def refreshed_upto(store: Store) -> datetime | None:
    """Up to which version facts are reflected by the cells, as far as they had landed; None before the first refresh.

    It is the store's time of a refresh, where its clock has not gone back.
    """
    found = last_refreshes(store)
    return found.upto if found else None


def _start(store: Store, overlap: timedelta, sweep: timedelta) -> datetime:
    """From which version on to look first: with a sweep, whatever the store's clock did meanwhile."""
    found = last_refreshes(store, NOTES_BACK)
    if found is None:
        return EPOCH
    if not sweep:
        return found.upto - overlap
    return found.earliest if found.refreshes == NOTES_BACK else found.earliest - sweep


class Changes:
    """Minutes in which facts have landed that their cells do not reflect yet.

    A refresh may stop midway: what is due stays due, and the newest minutes come first, so that a long history
    that is being filled does not keep today's figures waiting.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due: set[int] = set()
        self._again: set[int] = set()
        self._looked: Reading | None = None
        self._looked_s = 0.0
        self._seen = Watermarks(EPOCH, 0.0)
        self._noted_s = float("-inf")
        self._renewing = False

    @property
    def renewing(self) -> bool:
        """Whether all minutes are computed again, for cells of an earlier edition."""
        return self._renewing

    @property
    def looked(self) -> bool:
        """Whether it has looked since the start."""
        return self._looked is not None

    @property
    def behind_s(self) -> float:
        """How far the store's clock was behind the greatest version at the last look, seconds."""
        return self._looked.behind_s if self._looked else 0.0

    def waiting(self) -> set[int]:
        """Minutes, epoch seconds, that are known to be computed again."""
        return self._due | self._again

    def seen(self, back_s: float) -> datetime:
        """The greatest version that was there so many seconds before the last look, or at the start."""
        return self._seen.at(self._looked_s - back_s)

    def _after(self, back: timedelta) -> datetime:
        return self.seen(back.total_seconds()) + MICROSECOND

    def look(self, overlap: timedelta, sweep: timedelta = timedelta(0), now_s: float = 0.0) -> None:
        """Adds the minutes in which facts have landed since the last look, or the last refresh that came to its end.

        Args:
            overlap: How far to look back beyond that. A fact's version is given when its insert begins and visible
                when it ends; an insert that takes longer than this, or during which the store's clock is set, is
                found by a later look that sweeps.
            sweep: How far to look back beyond the overlap. Nearly all minutes found there have been recomputed: they
                wait until no others are due, or the newest end of a history being filled would be recomputed for ever.
            now_s: A clock that only counts on, seconds: a sweep counts by it.
        """
        reading = self._store.reading()
        if self._looked is None:
            self._renewing = not edition.is_noted(self._store)
            new = since = EPOCH if self._renewing else _start(self._store, overlap, sweep)
            self._seen = Watermarks(since, KEPT_S)
        else:
            new = self._looked.next() - overlap
            if self._looked.behind_s > overlap.total_seconds():
                # Versions are close together until the clock has caught up: what landed lately is known by ours alone.
                new = max(new, self._after(overlap))
            since = min(new, self._after(sweep)) if sweep else new
        changed = self._store.fetch_one(_CHANGED, {"new": sql_microsecond(new), "since": sql_microsecond(since)})
        self._due.update(changed.new)
        # After a start it is not known what an earlier look has covered.
        (self._again if self._looked else self._due).update(changed.earlier)
        self._again -= self._due
        self._looked, self._looked_s = reading, now_s
        self._seen.note(now_s, reading.seen)
        if trace.to:
            trace.to.write("refresh_look", upto=sql_microsecond(reading.next()))

    def recompute(self) -> Iterator[tuple[int, int]]:
        """Recomputes the cells of the minutes that are due, then of those that a sweep has found again.

        Yields:
            Minutes done and minutes to do, after each statement; at least once, at the end.
        """
        due, total = len(self._due), len(self._due) + len(self._again)
        for left in self._batches(self._due):
            yield due - left, total
        failpoints.reach("refreshing")
        if self._renewing and self._looked:
            edition.note_renewed(self._store)
            self._renewing = False
        if self._looked and (due or self._looked_s - self._noted_s >= NOTED_EVERY_S):
            self._store.insert("refreshes", ("upto", "minutes"), ([self._looked.next()], [due]))
            self._noted_s = self._looked_s
            if trace.to:
                trace.to.write("refresh_note", upto=sql_microsecond(self._looked.next()))
        for left in self._batches(self._again):
            yield total - left, total
        yield total, total

    def _batches(self, minutes: set[int]) -> Iterator[int]:
        for batch in newest_first(self._store, minutes):
            recompute(self._store, batch)
            minutes.difference_update(batch)
            yield len(minutes)


def refresh(store: Store, overlap: timedelta) -> Iterator[tuple[int, int]]:
    """One whole refresh: looks once (Changes.look), and recomputes all that is due (Changes.recompute)."""
    changes = Changes(store)
    changes.look(overlap)
    yield from changes.recompute()


def minutes_between(store: Store, first: datetime, last: datetime) -> list[int]:
    """The minutes of a time that have facts or cells, epoch seconds, ascending; the last instant is exclusive."""
    return [row.minute_s for row in store.fetch(_BETWEEN, {"first": sql_second(first), "last": sql_second(last)})]


def recompute(store: Store, minutes: Sequence[int], *, wins: bool = False) -> None:
    """Replaces the cells of some minutes (epoch seconds, ascending) by what their facts give now.

    Args:
        store: The store.
        minutes: Which.
        wins: Whether over whatever a refresh writes that read the facts earlier: for facts that went, which no later
            look finds.
    """
    days.mark(store, minutes)  # before, so that no fold stands for them though this is cut off
    chosen = list_of_minutes(minutes)
    seen = sql_microsecond(store.reading().seen)
    parameters = {**span(minutes), "seen": seen, "step": WINNING_STEP if wins else 1}
    store.run(_RECOMPUTE, parameters, minutes=chosen)
    store.run(_RECOMPUTE_ANSWERS, parameters, minutes=chosen)
    # Whoever copies last has seen the answers of all others.
    store.run(_COPY_REPEATS, parameters, minutes=chosen)
    days.mark(store, minutes)  # after, for a fold that began meanwhile and did not read them
    store.run(_MARK_COPIED, parameters, minutes=chosen)
