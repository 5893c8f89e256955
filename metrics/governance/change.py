"""Before and after a change of owner, against touchpoints that did not change: difference in differences.

The unit is the day: the figure of the touchpoint minus the mean of the others, each relative to its own mean before
the change. Days are the observations, weighted by their number of answers. So what moves all touchpoints in the same
way, and what one day has in common, is not taken for an effect. It describes what moved with the change, no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Final

from metrics.figures import student
from metrics.governance.estimates import NO_ESTIMATE, Estimate, Moments, difference

LEAST_DAYS: Final = 5
"""Days needed on either side of the change."""

Days = Mapping[int, Moments]
"""Sums over the observations of each day, by the day's number since 1970-01-01."""


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """What moved with a change of owner, in the figure's unit.

    Attributes:
        before: Mean of the days before, over all observations.
        after: Mean of the days after.
        moved: After minus before, of the touchpoint alone.
        effect: The same minus the movement of the others; n is the number of days compared.
        trend: By how much a day the touchpoint moved away from the others before the change: if this is not 0, the
            others are no measure for it.
        is_parallel: Whether that trend may be 0; only then does the effect mean anything.
    """

    before: Estimate
    after: Estimate
    moved: Estimate
    effect: Estimate
    trend: Estimate
    is_parallel: bool


def change(touchpoint: Days, others: Sequence[Days], first_day: int) -> OwnerChange:
    """Compares the days from `first_day` on (days since 1970-01-01) with those before.

    >>> flat = {day: Moments(10, 50.0 + 10 * (day % 2), 300.0 + 90 * (day % 2)) for day in range(40)}
    >>> risen = {day: Moments(10, 50.0 + 10 * (day % 2) + 20 * (day >= 20), 600.0) for day in range(40)}
    >>> found = change(risen, [flat], 20)
    >>> round(found.effect.value, 9), found.is_parallel
    (2.0, True)
    """
    early, late = _sum(touchpoint, first_day, before=True), _sum(touchpoint, first_day, before=False)
    days = _differences(touchpoint, others, first_day)
    pre = [day for day in days if day[0] < first_day]
    post = [day for day in days if day[0] >= first_day]
    effect, trend = _effect(pre, post), _slope(pre)
    parallel = trend.ci is not None and trend.ci[0] <= 0 <= trend.ci[1]
    return OwnerChange(
        before=Estimate(early.mean if early.n else None, None, early.n, float(early.n)),
        after=Estimate(late.mean if late.n else None, None, late.n, float(late.n)),
        moved=difference(late, early),
        effect=effect,
        trend=trend,
        is_parallel=parallel,
    )


_Day = tuple[int, float, float]
"""The day's number, the touchpoint minus the others, and the weight of that difference."""


def _sum(days: Days, first_day: int, before: bool) -> Moments:
    total = Moments()
    for day, moments in days.items():
        if (day < first_day) == before:
            total += moments
    return total


def _differences(touchpoint: Days, others: Sequence[Days], first_day: int) -> list[_Day]:
    bases = [(other, _sum(other, first_day, before=True)) for other in others]
    kept = [(other, base.mean) for other, base in bases if base.n]
    own = _sum(touchpoint, first_day, before=True).mean
    rows = []
    for day, here in sorted(touchpoint.items()):
        there = [(other[day], base) for other, base in kept if day in other and other[day].n]
        if here.n and there:
            level = fsum(moments.mean - base for moments, base in there) / len(there)
            # The variance of a difference of means, up to that of one observation.
            weight = 1 / (1 / here.n + fsum(1 / moments.n for moments, _ in there) / len(there) ** 2)
            rows.append((day, here.mean - own - level, weight))
    return rows


def _effect(pre: Sequence[_Day], post: Sequence[_Day]) -> Estimate:
    n = len(pre) + len(post)
    if min(len(pre), len(post)) < LEAST_DAYS:
        return Estimate(None, None, n, 0.0)
    (a, var_a, free_a), (b, var_b, free_b) = _weighted(pre), _weighted(post)
    both = var_a + var_b
    freedom = both**2 / (var_a**2 / free_a + var_b**2 / free_b) if both > 0 else free_a + free_b
    half = student.quantile(freedom) * sqrt(both)
    return Estimate(b - a, (b - a - half, b - a + half), n, float(min(len(pre), len(post))))


def _weighted(days: Sequence[_Day]) -> tuple[float, float, float]:
    """Weighted mean, its variance, and degrees of freedom by Kish's effective number of days."""
    whole = fsum(weight for _, _, weight in days)
    middle = fsum(value * weight for _, value, weight in days) / whole
    squares = fsum((weight / whole) ** 2 for _, _, weight in days)
    free = max(1.0, 1 / squares - 1)
    spread = fsum(weight / whole * (value - middle) ** 2 for _, value, weight in days)
    return middle, spread / free, free


def _slope(days: Sequence[_Day]) -> Estimate:
    if len(days) < LEAST_DAYS:
        return NO_ESTIMATE
    whole = fsum(weight for _, _, weight in days)
    centre = fsum(day * weight for day, _, weight in days) / whole
    level = fsum(value * weight for _, value, weight in days) / whole
    reach = fsum(weight * (day - centre) ** 2 for day, _, weight in days)
    slope = fsum(weight * (day - centre) * (value - level) for day, value, weight in days) / reach
    left = fsum(weight * (value - level - slope * (day - centre)) ** 2 for day, value, weight in days)
    half = student.quantile(len(days) - 2) * sqrt(left / (len(days) - 2) / reach)
    return Estimate(slope, (slope - half, slope + half), len(days), float(len(days)))
