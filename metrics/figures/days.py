"""Folded days, and when a folded day may replace its minutes.

The decayed sums of a closed day, taken at the day's end, are carried to a later instant T by one factor,
2^(-(T - end)/h) (its square for sums of squared weights), since 2^(-(T-m)/h) = 2^(-(T-end)/h) * 2^(-(end-m)/h).
So the cost of a figure depends on the number of days, not of minutes. One factor cannot carry the day of T itself
and the day in which the window begins, of which some observations count and some do not: these days are summed by the
minute, and so is, of any day, what changes its owner within it.
"""

from collections.abc import Collection, Sequence
from typing import Final

from metrics.durations import DAY_S
from metrics.registry import Horizons

HALF_LIVES_COUNTED: Final = 10
"""The window: what is older, and weighs 2^-10 or less, does not count."""

_EDGE_S: Final = 1.0  # more than rounding can move an instant


def day_of(at_s: float) -> int:
    """The day of an instant: days since 1970-01-01, UTC.

    >>> day_of(86_399.9), day_of(86_400)
    (0, 1)
    """
    return int(at_s // DAY_S)


def usable(folded: Collection[int], at_s: float, horizons: Horizons) -> list[int]:
    """The days whose fold gives exactly what their minutes would give at an instant.

    Args:
        folded: The days with an up-to-date fold.
        at_s: The instant, epoch seconds.
        horizons: The half-lives.

    Returns:
        Those of `folded`, ascending.
    """
    needed = set[int]()
    for half_life_s in (horizons.short_s, horizons.long_s):
        edge_s = at_s - HALF_LIVES_COUNTED * half_life_s
        needed |= {day_of(edge_s - _EDGE_S), day_of(edge_s + _EDGE_S)}
    today = day_of(at_s)
    return sorted(day for day in folded if day < today and day not in needed)


def spans(days: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending days as stretches of consecutive days, each with its first and last day.

    >>> spans([1, 2, 3, 7])
    [(1, 3), (7, 7)]
    """
    stretches: list[tuple[int, int]] = []
    for day in days:
        if stretches and stretches[-1][1] == day - 1:
            stretches[-1] = stretches[-1][0], day
        else:
            stretches.append((day, day))
    return stretches


def between(stretches: Sequence[tuple[int, int]]) -> list[tuple[int | None, int | None]]:
    """The gaps between ascending stretches of days: first and last day, None at an open end.

    >>> between([(1, 3), (7, 7)])
    [(None, 0), (4, 6), (8, None)]
    >>> between([])
    [(None, None)]
    """
    starts = [None, *(last + 1 for _, last in stretches)]
    ends = [*(first - 1 for first, _ in stretches), None]
    return list(zip(starts, ends, strict=True))
