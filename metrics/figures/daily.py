"""Rates and ratios with intervals from daily sums: the days of UTC are clusters.

What happens within a day may depend on itself as it likes: crowds, counts, campaigns, good and bad days. The variance
is that between days (sandwich: Liang and Zeger 1986; of a ratio of totals: Cochran 1977, ch. 6), and for volumes not
below that of a weighted compound Poisson stream (Campbell 1909).
"""

from collections.abc import Iterator, Mapping
from math import exp2, log, sqrt
from typing import Final

from metrics.durations import DAY_S
from metrics.figures import student
from metrics.figures.intervals import Interval, Z

DAYS_OF_AN_INTERVAL: Final = 2.0
"""So many days of equal weight an interval takes at least."""

ROUNDING: Final = 1e-9
"""Relative rounding error of sums of weights."""


def exposure(begin_s: float, end_s: float, at_s: float, half_life_s: float) -> float:
    """The weight of a stretch of time at an instant, days: the integral of 2^(-(at - t)/half_life) over it.

    >>> round(exposure(0, 86_400, 86_400, 1e12), 6)
    1.0
    """
    scale = half_life_s / log(2) / DAY_S
    return scale * (exp2(-(at_s - end_s) / half_life_s) - exp2(-(at_s - begin_s) / half_life_s))


def rate_a_day(
    daily: Mapping[int, float], spread: float, begin_s: float, at_s: float, half_life_s: float
) -> tuple[float, Interval | None]:
    """A volume: so much a day, with its interval.

    Args:
        daily: Weighted sum of each day that has observations, by days since 1970-01-01.
        spread: Weighted mean size of the event that an observation of size 1 is part of: 1 without counts.
        begin_s: From when it was observed, epoch seconds.
        at_s: The instant, later.
        half_life_s: The half-life, seconds.

    Returns:
        The value, >= 0; and None instead of the interval where fewer than DAYS_OF_AN_INTERVAL days carry it.
    """
    whole = exposure(begin_s, at_s, at_s, half_life_s)
    value = sum(daily.values()) / whole
    squares = errors = 0.0
    for day, weight in _days(begin_s, at_s, half_life_s):
        squares += weight * weight
        errors += (daily.get(day, 0.0) - value * weight) ** 2
    days = whole * whole / squares
    if days < DAYS_OF_AN_INTERVAL * (1 - ROUNDING):
        return value, None
    between_days = errors / whole**2 * days / (days - 1)
    poisson = value * spread * exposure(begin_s, at_s, at_s, half_life_s / 2) / whole**2
    return value, _around(value, max(student.quantile(days - 1) * sqrt(between_days), Z * sqrt(poisson)))


def _days(begin_s: float, at_s: float, half_life_s: float) -> Iterator[tuple[int, float]]:
    """Every day of a stretch of time with its weight."""
    for day in range(int(begin_s // DAY_S), int(at_s // DAY_S) + 1):
        start, end = max(begin_s, day * DAY_S), min(at_s, (day + 1) * DAY_S)
        if end > start:
            yield day, exposure(start, end, at_s, half_life_s)


def ratio(numerator: Mapping[int, float], denominator: Mapping[int, float]) -> tuple[float, Interval | None]:
    """A ratio of totals with its interval.

    Args:
        numerator: Weighted sums by day, of no other days than those on which the denominator was observed.
        denominator: Likewise; their total > 0.

    Returns:
        The value, >= 0; and None instead of the interval where fewer than DAYS_OF_AN_INTERVAL days carry it.
    """
    whole = sum(denominator.values())
    value = sum(numerator.values()) / whole
    days = whole * whole / sum(weight * weight for weight in denominator.values())
    if days < DAYS_OF_AN_INTERVAL * (1 - ROUNDING):
        return value, None
    errors = sum(
        (numerator.get(day, 0.0) - value * denominator.get(day, 0.0)) ** 2
        for day in numerator.keys() | denominator.keys()
    )
    return value, _around(value, student.quantile(days - 1) * sqrt(errors / whole**2 * days / (days - 1)))


def _around(value: float, half: float) -> Interval:
    """From half below to as far above as the score interval of a Poisson rate goes (Rao 1948)."""
    if value <= 0:
        return 0.0, 0.0
    x = half / value
    return max(0.0, value - half), value * (1 + x * x / 2 + x * sqrt(1 + x * x / 4))
