"""Before and after a change of owner, against touchpoints that did not change: difference in differences.

The unit is the day: the figure of the touchpoint minus the mean of the others, each relative to its own mean before
the change. Days are the observations, weighted by their number of answers. So what moves all touchpoints in the same
way, and what one day has in common, is not taken for an effect. It describes what moved with the change, no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Final, NamedTuple

import numpy as np

from metrics.figures import student
from metrics.governance.customers import Floats
from metrics.governance.estimates import NO_ESTIMATE, Days, Estimate, Moments, difference

LEAST_DAYS: Final = 5
"""Days needed on either side of the change."""


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


class MovedBy(NamedTuple):
    """What others did on a day: the mean of their distances to before the change, and its variance in answers' own."""

    value: float
    variance: float


class Unchanged:
    """The touchpoints that did not change: what they did on each day depends on the day of a change alone.

    So thousands of changes cost the days on which they were, and not each all other touchpoints.
    """

    def __init__(self, others: Sequence[Days]) -> None:
        """Takes the days of each."""
        self._days = sorted({day for other in others for day in other})
        column = {day: position for position, day in enumerate(self._days)}
        self._n, self._totals = (np.zeros((len(others), len(self._days))) for _ in range(2))
        for row, other in enumerate(others):
            columns = [column[day] for day in other]
            self._n[row, columns] = [moments.n for moments in other.values()]
            self._totals[row, columns] = [moments.total for moments in other.values()]
        self._by_first_day: dict[int, Mapping[int, MovedBy]] = {}

    def levels(self, first_day: int) -> Mapping[int, MovedBy]:
        """What they did, by day, around a change; of days on which one of those had answers that had some before it."""
        if first_day not in self._by_first_day:
            self._by_first_day[first_day] = self._levels(first_day)
        return self._by_first_day[first_day]

    def _levels(self, first_day: int) -> Mapping[int, MovedBy]:
        early = np.array(self._days) < first_day
        n_before = self._n[:, early].sum(axis=1)
        n, totals = self._n[n_before > 0], self._totals[n_before > 0]
        base = totals[:, early].sum(axis=1) / n_before[n_before > 0]
        has_any = n > 0
        moved = _quotients(totals, n) - np.where(has_any, base[:, None], 0.0)
        inverse, count = _quotients(has_any.astype(np.float64), n), has_any.sum(axis=0)
        columns = zip(self._days, count, moved.sum(axis=0), inverse.sum(axis=0), strict=True)
        return {day: MovedBy(float(sum_ / k), float(noise / k**2)) for day, k, sum_, noise in columns if k}


def _quotients(of: Floats, by: Floats) -> Floats:
    """Quotients, 0 where there is nothing to divide by."""
    return np.divide(of, by, out=np.zeros_like(of), where=by > 0)


def change(touchpoint: Days, others: Unchanged, first_day: int) -> OwnerChange:
    """Compares the days from `first_day` on (days since 1970-01-01) with those before.

    >>> flat = {day: Moments(10, 50.0 + 10 * (day % 2), 300.0 + 90 * (day % 2)) for day in range(40)}
    >>> risen = {day: Moments(10, 50.0 + 10 * (day % 2) + 20 * (day >= 20), 600.0) for day in range(40)}
    >>> found = change(risen, Unchanged([flat]), 20)
    >>> round(found.effect.value, 9), found.is_parallel
    (2.0, True)
    """
    early, late = (_sum(touchpoint, first_day, before=before) for before in (True, False))
    days = _differences(touchpoint, others.levels(first_day), early)
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


def _differences(touchpoint: Days, levels: Mapping[int, MovedBy], before: Moments) -> list[_Day]:
    rows = []
    for day, here in sorted(touchpoint.items()):
        if here.n and day in levels:
            level, variance = levels[day]
            # The variance of a difference of means, up to that of one observation.
            rows.append((day, here.mean - before.mean - level, 1 / (1 / here.n + variance)))
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
