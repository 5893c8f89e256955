"""Rates and ratios with intervals from daily sums: the days of UTC are clusters.

What happens within a day may depend on itself as it likes: crowds, counts, campaigns, good and bad days. The variance
is that between days (sandwich: Liang and Zeger 1986; of a ratio of totals: Cochran 1977, ch. 6), and for volumes not
below that of a weighted compound Poisson stream (Campbell 1909).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp2, log, sqrt
from typing import Final

from metrics.durations import DAY_S
from metrics.figures import student
from metrics.figures.intervals import Interval, Z

DAYS_OF_AN_INTERVAL: Final = 2.0
"""So many days of equal weight an interval takes at least."""

ROUNDING: Final = 1e-9
"""Relative rounding error of sums of weights."""


@lru_cache(maxsize=8192)  # the same days' for each department
def exposure(begin_s: float, end_s: float, at_s: float, half_life_s: float) -> float:
    """The weight of a stretch of time at an instant, days: the integral of 2^(-(at - t)/half_life) over it.

    >>> round(exposure(0, 86_400, 86_400, 1e12), 6)
    1.0
    """
    scale = half_life_s / log(2) / DAY_S
    return scale * (exp2(-(at_s - end_s) / half_life_s) - exp2(-(at_s - begin_s) / half_life_s))


@dataclass(frozen=True, slots=True)
class ByDay:
    """A figure that is a ratio of totals over days, and what each day adds to its error.

    Attributes:
        value: The figure, >= 0.
        errors: By days since 1970-01-01, in the unit of the value; their sum is 0.
        weights: How much of the denominator each day has; their sum is 1.
    """

    value: float
    errors: Mapping[int, float]
    weights: Mapping[int, float]

    @property
    def days(self) -> float:
        """How many days of equal weight would carry it as well (Kish 1965)."""
        return effective(self.weights.values())


def effective(weights: Iterable[float]) -> float:
    """How many clusters of equal weight are as good as some whose weights add up to 1."""
    return 1 / sum(weight * weight for weight in weights)


def variance(errors: Iterable[float], clusters: float) -> float:
    """The variance of a sum of errors, each of a cluster that depends on no other (Liang and Zeger 1986).

    Args:
        errors: What each cluster adds.
        clusters: How many of equal weight would be as good, > 1.
    """
    return sum(error * error for error in errors) * clusters / (clusters - 1)


def rate_by_day(daily: Mapping[int, float], begin_s: float, at_s: float, half_life_s: float) -> ByDay:
    """A volume, so much a day, with every day of its time; arguments as of rate_a_day."""
    whole = exposure(begin_s, at_s, at_s, half_life_s)
    value = sum(daily.values()) / whole
    weights = dict(_days(begin_s, at_s, half_life_s))
    errors = {day: (daily.get(day, 0.0) - value * weight) / whole for day, weight in weights.items()}
    return ByDay(value, errors, {day: weight / whole for day, weight in weights.items()})


def ratio_by_day(numerator: Mapping[int, float], denominator: Mapping[int, float]) -> ByDay:
    """A ratio of totals with every day that has observations; arguments as of ratio."""
    whole = sum(denominator.values())
    value = sum(numerator.values()) / whole
    errors = {
        day: (numerator.get(day, 0.0) - value * denominator.get(day, 0.0)) / whole
        for day in numerator.keys() | denominator.keys()
    }
    return ByDay(value, errors, {day: weight / whole for day, weight in denominator.items()})


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
    of = rate_by_day(daily, begin_s, at_s, half_life_s)
    if of.days < DAYS_OF_AN_INTERVAL * (1 - ROUNDING):
        return of.value, None
    whole = exposure(begin_s, at_s, at_s, half_life_s)
    poisson = of.value * spread * exposure(begin_s, at_s, at_s, half_life_s / 2) / whole**2
    return of.value, _around(of.value, max(_half(of), Z * sqrt(poisson)))


def _half(of: ByDay) -> float:
    return student.quantile(of.days - 1) * sqrt(variance(of.errors.values(), of.days))


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
    of = ratio_by_day(numerator, denominator)
    if of.days < DAYS_OF_AN_INTERVAL * (1 - ROUNDING):
        return of.value, None
    return of.value, _around(of.value, _half(of))


def _around(value: float, half: float) -> Interval:
    """From half below to as far above as the score interval of a Poisson rate goes (Rao 1948)."""
    if value <= 0:
        return 0.0, 0.0
    x = half / value
    return max(0.0, value - half), value * (1 + x * x / 2 + x * sqrt(1 + x * x / 4))
