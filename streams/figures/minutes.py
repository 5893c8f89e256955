"""Cells in the store: recomputed from the facts of the minutes that changed.

A cell is never incremented. The minutes in which facts have landed are computed anew from what FINAL
shows of them and replaced, so that late, repeated and replayed events need no special case.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from typing import Final

from metrics.durations import MINUTE_S
from streams.figures import days
from streams.runtime import failpoints
from streams.store.client import Store

MINUTES_AT_ONCE: Final = 2_000
"""How many minutes one statement recomputes: it bounds the statement's text and the engine's memory."""

NOTED_EVERY: Final = timedelta(seconds=5)
"""Where nothing changes, it is noted so often that cells are up to date: each note is a part for the store to merge."""

_FIRST: Final = datetime.fromtimestamp(0, UTC)
_NOW: Final = "SELECT now64(6, 'UTC') AS now"
_UPTO: Final = "SELECT max(upto) AS upto, count() AS refreshes FROM refreshes"
_CHANGED: Final = """
SELECT groupArrayIf(minute, is_new) AS new, groupArrayIf(minute, NOT is_new) AS seen
FROM
(
    SELECT toUnixTimestamp(toStartOfMinute(occurred_at)) AS minute,
        max(ingested_at) >= {new:DateTime64(6, 'UTC')} AS is_new
    FROM events WHERE ingested_at >= {since:DateTime64(6, 'UTC')} GROUP BY minute
)
"""
# The second half of the union puts a zero over each cell whose last fact has moved elsewhere: a fact that was sent
# again with another touchpoint, say.
_RECOMPUTE: Final = """
INSERT INTO cells (minute, touchpoint, segment, region, kind, n, sum_score, sum_score_sq, promoters, passives,
    detractors, satisfied, sum_count, amount_by_currency, refreshed_at)
SELECT minute, touchpoint, segment, region, kind, sum(n_), sum(score_), sum(score_sq_), sum(promoters_),
    sum(passives_), sum(detractors_), sum(satisfied_), sum(count_), sumMap(amount_), now64(6)
FROM
(
    SELECT toStartOfMinute(occurred_at) AS minute, touchpoint, segment, region, kind,
        count() AS n_,
        sum(toUInt64(ifNull(score, 0))) AS score_,
        sum(toUInt64(ifNull(score, 0)) * ifNull(score, 0)) AS score_sq_,
        countIf(kind = 'nps' AND score >= 9) AS promoters_,
        countIf(kind = 'nps' AND score BETWEEN 7 AND 8) AS passives_,
        countIf(kind = 'nps' AND score <= 6) AS detractors_,
        countIf(kind = 'csat' AND score >= 4) AS satisfied_,
        sum(toUInt64(count)) AS count_,
        sumMapIf(map(currency, CAST(ifNull(amount, 0) AS Decimal(38, 4))), isNotNull(amount)) AS amount_
    FROM events FINAL
    WHERE toStartOfMinute(occurred_at) IN ({minutes}) AND occurred_at >= '{first}' AND occurred_at < '{last}'
    GROUP BY minute, touchpoint, segment, region, kind
    UNION ALL
    SELECT minute, touchpoint, segment, region, kind, 0, 0, 0, 0, 0, 0, 0, 0,
        CAST(map() AS Map(LowCardinality(String), Decimal(38, 4)))
    FROM cells FINAL
    WHERE minute IN ({minutes}) AND minute >= '{first}' AND minute < '{last}' AND n > 0
)
GROUP BY minute, touchpoint, segment, region, kind
"""


def store_time(store: Store) -> datetime:
    """The store's clock: `ingested_at` is set by it, so freshness is measured by it."""
    now: datetime = store.query(_NOW)[0]["now"]
    return now


def refreshed_upto(store: Store) -> datetime | None:
    """Up to which time of the store's clock the cells reflect what had landed; None before the first refresh."""
    row = store.query(_UPTO)[0]
    upto: datetime = row["upto"]
    return upto if row["refreshes"] else None


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
            overlap: How far to look back beyond that. A fact's `ingested_at` is set when its insert begins and seen
                when it ends; an insert that takes longer than this is found by a later look that sweeps.
            sweep: How far to look back beyond the overlap. Nearly all minutes found there have been recomputed: they
                wait until no others are due, or the newest end of a history being filled would be recomputed for ever.
        """
        began, upto = store_time(self._store), self._looked or refreshed_upto(self._store)
        new = _FIRST if upto is None else upto - overlap
        since = new if upto is None else new - sweep
        found = self._store.query(_CHANGED, {"new": f"{new:%F %T.%f}", "since": f"{since:%F %T.%f}"})[0]
        self._due.update(found["new"])
        # After a start nobody knows what has been seen.
        (self._again if self._looked else self._due).update(found["seen"])
        self._again -= self._due
        self._looked = began

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
    first, last = (datetime.fromtimestamp(second, UTC) for second in (minutes[0], minutes[-1] + MINUTE_S))
    numbers = ",".join(str(minute) for minute in minutes)
    days.mark(store, minutes)  # before, so that no fold stands for them though this is cut off
    store.command(_RECOMPUTE.format(minutes=numbers, first=f"{first:%F %T}", last=f"{last:%F %T}"))
    days.mark(store, minutes)  # after, for a fold that began meanwhile and did not see them
