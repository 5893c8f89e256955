"""Days that were folded, and when a folded day may stand for its minutes.

The decayed sums of a closed day, taken at the day's end, are carried to a later instant T by one factor,
2^(-(T - end)/h) (its square for the sum of squared weights), since 2^(-(T-m)/h) = 2^(-(T-end)/h) * 2^(-(end-m)/h).
So a figure costs the number of days and not of minutes. What one factor cannot carry is left to the minutes: the
day of T itself, a day in which an owner changes, and the day in which weights pass NEGLIGIBLE_WEIGHT, where some
observations count for n and some do not.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from metrics.durations import DAY_S
from metrics.registry import Horizons

HALF_LIVES_COUNTED: Final = 10
"""After so many half-lives a weight is NEGLIGIBLE_WEIGHT, 2^-10."""

_EDGE_S: Final = 1.0  # beyond what rounding may do to an instant


def day_of(at_s: float) -> int:
    """The day of an instant: days since 1970-01-01, UTC.

    >>> day_of(86_399.9), day_of(86_400)
    (0, 1)
    """
    return int(at_s // DAY_S)


def usable(folded: Collection[int], at_s: float, boundaries: Iterable[int], horizons: Horizons) -> list[int]:
    """The days whose fold gives exactly what their minutes would give at an instant.

    Args:
        folded: Days whose fold is up to date.
        at_s: The instant, epoch seconds.
        boundaries: Instants at which an owner may change, epoch seconds.
        horizons: The half-lives.

    Returns:
        Ascending.
    """
    needed = {day_of(boundary) for boundary in boundaries if boundary % DAY_S}
    for half_life_s in (horizons.short_s, horizons.long_s):
        edge_s = at_s - HALF_LIVES_COUNTED * half_life_s
        needed |= {day_of(edge_s - _EDGE_S), day_of(edge_s + _EDGE_S)}
    today = day_of(at_s)
    return sorted(day for day in folded if day < today and day not in needed)


def spans(days: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending days as stretches, each with its first and last day.

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
    """What ascending stretches of days leave out: first and last day, None where there is no end.

    >>> between([(1, 3), (7, 7)])
    [(None, 0), (4, 6), (8, None)]
    >>> between([])
    [(None, None)]
    """
    starts = [None, *(last + 1 for _, last in stretches)]
    ends = [*(first - 1 for first, _ in stretches), None]
    return list(zip(starts, ends, strict=True))
