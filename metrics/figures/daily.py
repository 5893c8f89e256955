"""Rates and ratios with intervals from daily sums: the days of UTC are clusters.

What happens within a day may depend on itself as it likes: crowds, counts, campaigns, good and bad days. The variance
is that between days (sandwich: Liang and Zeger 1986; of a ratio of totals: Cochran 1977, ch. 6), and for volumes not
below that of a weighted compound Poisson stream (Campbell 1909).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp2, expm1, log, sqrt
from operator import mul
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
    return -scale * exp2(-(at_s - end_s) / half_life_s) * expm1(-(end_s - begin_s) / half_life_s * log(2))


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
    return _variance(sum(error * error for error in errors), clusters)


def _variance(errors_squared: float, clusters: float) -> float:
    return errors_squared * clusters / (clusters - 1)


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


def whole_days(days: Iterable[int], at_s: float, half_life_s: float) -> dict[int, float]:
    """The weights of days that are over at an instant."""
    return {day: exposure(day * DAY_S, (day + 1) * DAY_S, at_s, half_life_s) for day in days}


@dataclass(frozen=True, slots=True)
class RatioSums:
    """What a ratio of totals over days takes from some of them: sums, whatever the number of days.

    The errors of days are the small difference of large numbers. So they are summed as they are at a ratio near the
    final one, that of these days alone: nothing is lost then, by as much as the other days may move it.

    Attributes:
        numerator: The total of their numerators.
        denominator: Of their denominators.
        centre: Their ratio, 0 without days.
        squares: Sum of squares of each day's numerator - centre * denominator.
        products: Sum of the same times the day's denominator.
        denominator_squares: Sum of squared denominators.
    """

    numerator: float = 0.0
    denominator: float = 0.0
    centre: float = 0.0
    squares: float = 0.0
    products: float = 0.0
    denominator_squares: float = 0.0

    def errors_squared(self, ratio: float) -> float:
        """The sum of squares of each day's numerator - ratio * denominator."""
        moved = ratio - self.centre
        return max(0.0, self.squares - 2 * moved * self.products + moved * moved * self.denominator_squares)

    def decayed(self, factor: float) -> "RatioSums":
        """The same where the weights of all days have decayed by a factor."""
        square = factor * factor
        return RatioSums(
            self.numerator * factor, self.denominator * factor, self.centre, self.squares * square,
            self.products * square, self.denominator_squares * square,
        )  # fmt: skip


NO_DAYS: Final = RatioSums()


def ratio_sums(numerators: Sequence[float], denominators: Sequence[float]) -> RatioSums:
    """The sums over some days, of each its numerator and its denominator.

    >>> ratio_sums([2, 3, 0], [4, 4, 4]).errors_squared(0.5)
    5.0
    """
    numerator, denominator = sum(numerators), sum(denominators)
    if not denominator:
        return NO_DAYS
    centre = numerator / denominator
    errors = [of - centre * weight for of, weight in zip(numerators, denominators, strict=True)]
    return RatioSums(
        numerator,
        denominator,
        centre,
        sum(map(mul, errors, errors)),
        sum(map(mul, errors, denominators)),
        sum(map(mul, denominators, denominators)),
    )


def rate_a_day(
    daily: Mapping[int, float],
    spread: float,
    begin_s: float,
    at_s: float,
    half_life_s: float,
    folded: RatioSums = NO_DAYS,
) -> tuple[float, Interval | None]:
    """A volume: so much a day, with its interval.

    Args:
        daily: Weighted sum of each day that has observations, by days since 1970-01-01.
        spread: Weighted mean size of the event that an observation of size 1 is part of: 1 without counts.
        begin_s: From when it was observed, epoch seconds.
        at_s: The instant, later.
        half_life_s: The half-life, seconds.
        folded: Other days with observations, whole ones between the two instants; their denominators are exposures.

    Returns:
        The value, >= 0; and None instead of the interval where fewer than DAYS_OF_AN_INTERVAL days carry it.
    """
    whole = exposure(begin_s, at_s, at_s, half_life_s)
    value = (folded.numerator + sum(daily.values())) / whole
    squares = _exposure_squares(begin_s, at_s, half_life_s)
    days = whole * whole / squares
    if days < DAYS_OF_AN_INTERVAL * (1 - ROUNDING):
        return value, None
    errors, unobserved = folded.errors_squared(value), squares - folded.denominator_squares
    for day, total in daily.items():
        weight = _day_exposure(day, begin_s, at_s, half_life_s)
        if weight > 0:
            errors += (total - value * weight) ** 2
            unobserved -= weight * weight
    errors += value * value * max(0.0, unobserved)
    poisson = value * spread * exposure(begin_s, at_s, at_s, half_life_s / 2) / whole**2
    return value, _around(value, max(_half(errors, whole, days), Z * sqrt(poisson)))


def _half(errors_squared: float, whole: float, days: float) -> float:
    return student.quantile(days - 1) * sqrt(_variance(errors_squared, days)) / whole


def _day_exposure(day: int, begin_s: float, at_s: float, half_life_s: float) -> float:
    """The weight of what a stretch of time has of a day; 0 without any."""
    start, end = max(begin_s, day * DAY_S), min(at_s, (day + 1) * DAY_S)
    return exposure(start, end, at_s, half_life_s) if end > start else 0.0


def _days(begin_s: float, at_s: float, half_life_s: float) -> Iterator[tuple[int, float]]:
    """Every day of a stretch of time with its weight."""
    for day in range(int(begin_s // DAY_S), int(at_s // DAY_S) + 1):
        weight = _day_exposure(day, begin_s, at_s, half_life_s)
        if weight > 0:
            yield day, weight


@lru_cache(maxsize=8192)
def _exposure_squares(begin_s: float, at_s: float, half_life_s: float) -> float:
    """The sum of the squares of the days' weights; those of whole days are a geometric series."""
    first, last = int(begin_s // DAY_S), int(at_s // DAY_S)
    edges = sum(_day_exposure(day, begin_s, at_s, half_life_s) ** 2 for day in {first, last})
    if last - first < 2:
        return edges
    newest, decay = _day_exposure(last - 1, begin_s, at_s, half_life_s), -2 * DAY_S / half_life_s * log(2)
    return edges + newest * newest * expm1((last - first - 1) * decay) / expm1(decay)


def ratio(
    numerator: Mapping[int, float], denominator: Mapping[int, float], folded: RatioSums = NO_DAYS
) -> tuple[float, Interval | None]:
    """A ratio of totals with its interval.

    Args:
        numerator: Weighted sums by day, of no other days than those on which the denominator was observed.
        denominator: Likewise; their total > 0.
        folded: Other days of which the same is true.

    Returns:
        The value, >= 0; and None instead of the interval where fewer than DAYS_OF_AN_INTERVAL days carry it.
    """
    whole = folded.denominator + sum(denominator.values())
    value = (folded.numerator + sum(numerator.values())) / whole
    days = whole * whole / (folded.denominator_squares + sum(weight * weight for weight in denominator.values()))
    if days < DAYS_OF_AN_INTERVAL * (1 - ROUNDING):
        return value, None
    errors = folded.errors_squared(value) + sum(
        (numerator.get(day, 0.0) - value * denominator.get(day, 0.0)) ** 2
        for day in numerator.keys() | denominator.keys()
    )
    return value, _around(value, _half(errors, whole, days))


def _around(value: float, half: float) -> Interval:
    """From half below to as far above as the score interval of a Poisson rate goes (Rao 1948)."""
    if value <= 0:
        return 0.0, 0.0
    x = half / value
    return max(0.0, value - half), value * (1 + x * x / 2 + x * sqrt(1 + x * x / 4))
