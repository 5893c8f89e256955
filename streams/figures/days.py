"""Day cells in the store: closed days folded into decayed sums, so that figures cost days and not minutes.

A day is clean while its fold is what its cells give. Whoever computes cells again marks their days before and
after; whoever folds a day notes it as clean as of the time at which it began to read. So a fold that ran beside
a recomputation never stands for cells that it has not seen, and a day that is not clean is read by its minutes:
figures are exact at all times, and fast once folding has caught up.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from metrics.catalogue import HORIZONS
from metrics.durations import DAY_S
from metrics.figures.days import day_of, usable
from metrics.registry import Horizons
from streams.store.client import Store

DAYS_AT_ONCE: Final = 40
"""How many days one statement folds: it bounds the engine's memory."""

COUNT: Final = "if(kind IN ('awareness', 'visit'), sum_count, n)"
"""The observations of a cell: for kinds that carry a count, counts."""

WEIGHTED: Final = {
    "w": "w_{h} * c",
    "w2": "w_{h} * w_{h} * c",
    "promoters": "w_{h} * promoters",
    "detractors": "w_{h} * detractors",
    "satisfied": "w_{h} * satisfied",
    "score": "w_{h} * sum_score",
    "score_sq": "w_{h} * sum_score_sq",
}
"""Decayed sums of cells by the fields of metrics.figures.sums.Sums, {h} the horizon."""

_NOW: Final = "SELECT now64(6, 'UTC') AS now"
_CLEAN: Final = """
SELECT groupArray(toUInt16(day)) AS days FROM day_folds FINAL
WHERE short_s = {short_s:Float64} AND long_s = {long_s:Float64} AND clean
"""
_SPAN: Final = "SELECT toUInt16(toDate(min(minute))) AS first, count() > 0 AS any FROM cells"
_MARK: Final = """
INSERT INTO day_folds (short_s, long_s, day, clean, marked_at)
SELECT short_s, long_s, day, 0, now64(6) FROM day_folds FINAL WHERE clean AND toUInt16(day) IN ({days})
"""
_SUMS: Final = [f"{horizon}_{name}" for horizon in HORIZONS for name in WEIGHTED]
# The second half of the union puts a zero over each combination that the day no longer has.
_FOLD: Final = """
INSERT INTO day_cells (short_s, long_s, day, touchpoint, segment, region, kind, n, first_minute, {columns}, folded_at)
SELECT {short_s!r}, {long_s!r}, day, touchpoint, segment, region, kind, sum(n_), min(first_), {totals}, now64(6)
FROM
(
    SELECT toDate(minute) AS day, touchpoint, segment, region, kind, sum(c) AS n_, min(minute) AS first_, {sums}
    FROM
    (
        SELECT *, {count} AS c,
            (toUInt16(toDate(minute)) + 1) * 86400 - toUnixTimestamp(minute) AS age,
            exp2(-age / {short_s!r}) AS w_short, exp2(-age / {long_s!r}) AS w_long
        FROM cells FINAL
        WHERE n > 0 AND toDate(minute) IN ({dates})
    )
    GROUP BY day, touchpoint, segment, region, kind
    UNION ALL
    SELECT day, touchpoint, segment, region, kind, 0, toDateTime(4294967295, 'UTC'), {zeros}
    FROM day_cells FINAL
    WHERE short_s = {short_s!r} AND long_s = {long_s!r} AND day IN ({dates}) AND n > 0
)
GROUP BY day, touchpoint, segment, region, kind
"""
_MISMATCHED: Final = """
SELECT uniqExact(day) AS days FROM
(
    SELECT day, touchpoint, segment, region, kind, sum(n_) AS n, sum(w_) AS w
    FROM
    (
        SELECT toDate(minute) AS day, touchpoint, segment, region, kind, toInt64({count}) AS n_,
            n_ * exp2(-((toUInt16(toDate(minute)) + 1) * 86400 - toUnixTimestamp(minute)) / {short_s!r}) AS w_
        FROM cells FINAL WHERE n > 0 AND toDate(minute) IN ({dates})
        UNION ALL
        SELECT day, touchpoint, segment, region, kind, -toInt64(n), -short_w FROM day_cells FINAL
        WHERE short_s = {short_s!r} AND long_s = {long_s!r} AND day IN ({dates}) AND n > 0
    )
    GROUP BY day, touchpoint, segment, region, kind
    HAVING n != 0 OR abs(w) > 1e-6
)
"""


def clean(store: Store, horizons: Horizons) -> set[int]:
    """The days whose fold with these half-lives is up to date, as days since 1970-01-01."""
    return set(store.query(_CLEAN, {"short_s": horizons.short_s, "long_s": horizons.long_s})[0]["days"])


def usable_at(store: Store, at_s: float, boundaries: Sequence[int], horizons: Horizons) -> list[int]:
    """The days whose fold may stand for their minutes at an instant (metrics.days.usable)."""
    return usable(clean(store, horizons), at_s, boundaries, horizons)


def mark(store: Store, minutes: Sequence[int]) -> None:
    """Notes that the cells of some minutes (epoch seconds) change: their days are folded again."""
    days = sorted({day_of(minute) for minute in minutes})
    store.command(_MARK.format(days=",".join(map(str, days))))


def fold(store: Store, horizons: Horizons) -> Iterator[tuple[int, int]]:
    """Folds every closed day, from the first that has cells, that is not clean.

    Yields:
        Days done and days to do, after each statement; nothing where all are clean.
    """
    span = store.query(_SPAN)[0]
    if not span["any"]:
        return
    today = day_of(_now(store).timestamp())
    folded = clean(store, horizons)
    due = [day for day in range(span["first"], today) if day not in folded]
    for start in range(0, len(due), DAYS_AT_ONCE):
        some = due[start : start + DAYS_AT_ONCE]
        _fold(store, some, horizons)
        yield start + len(some), len(due)


def _fold(store: Store, days: Sequence[int], horizons: Horizons) -> None:
    began = _now(store)
    short_s, long_s = float(horizons.short_s), float(horizons.long_s)
    sums = (f"sum({WEIGHTED[name].format(h=horizon)}) AS {horizon}_{name}" for horizon in HORIZONS for name in WEIGHTED)
    statement = _FOLD.format(
        columns=", ".join(_SUMS),
        totals=", ".join(f"sum({name})" for name in _SUMS),
        sums=", ".join(sums),
        zeros=", ".join("0" for _ in _SUMS),
        count=COUNT,
        dates=",".join(f"'{_date(day)}'" for day in days),
        short_s=short_s,
        long_s=long_s,
    )
    store.command(statement)
    count = len(days)
    columns: dict[str, list[Any]] = {
        "short_s": [short_s] * count,
        "long_s": [long_s] * count,
        "day": [_date(day) for day in days],
        "clean": [1] * count,
        "marked_at": [began] * count,
    }
    store.insert("day_folds", tuple(columns), tuple(columns.values()))


def mismatched(store: Store, horizons: Horizons, since: int) -> int:
    """How many clean days from a day on have day cells that differ from what their cells give."""
    days = sorted(day for day in clean(store, horizons) if day >= since)
    if not days:
        return 0
    dates = ",".join(f"'{_date(day)}'" for day in days)
    short_s, long_s = float(horizons.short_s), float(horizons.long_s)
    found = store.query(_MISMATCHED.format(dates=dates, count=COUNT, short_s=short_s, long_s=long_s))
    return int(found[0]["days"])


def _now(store: Store) -> datetime:
    now: datetime = store.query(_NOW)[0]["now"]
    return now


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * DAY_S, UTC).date()
