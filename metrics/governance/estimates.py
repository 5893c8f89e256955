"""Figures with their uncertainty: shares, means, medians and differences, each with interval and sample size."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import inf, sqrt
from typing import Final

from metrics.figures import sample_sizes, student
from metrics.figures.intervals import Interval, Z, wilson


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure.

    Attributes:
        value: The figure; None if there is no data for it.
        ci: Its 95 % interval, which contains it; None if it was not sampled or cannot be bounded.
        n: Raw number of observations.
        n_eff: Effective number of observations; for a comparison, that of the smaller side.
    """

    value: float | None
    ci: Interval | None
    n: int
    n_eff: float

    @property
    def is_uncertain(self) -> bool:
        """Whether the figure rests on too little data to act on it."""
        return self.value is None or sample_sizes.makes_uncertain(self.n_eff)

    @property
    def differs(self) -> bool:
        """Whether the interval excludes 0, on enough observations: for a difference, that there is one."""
        return not self.is_uncertain and self.ci is not None and not self.ci[0] <= 0 <= self.ci[1]


NO_ESTIMATE: Final = Estimate(None, None, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over observations: a store sends them instead of the observations.

    Attributes:
        n: The number of observations.
        total: Their sum.
        squares: The sum of their squares.
    """

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """The mean; 0 without observations."""
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """The sample variance (n - 1); 0 below two observations."""
        return max(0.0, self.squares - self.n * self.mean**2) / (self.n - 1) if self.n > 1 else 0.0


NO_MOMENTS: Final = Moments()

Days = Mapping[int, Moments]
"""Sums over the observations of each day, by the day's number since 1970-01-01."""


def moments(values: Iterable[float]) -> Moments:
    """The sums over single observations.

    >>> moments([1, 2, 3])
    Moments(n=3, total=6, squares=14)
    """
    kept = tuple(values)
    return Moments(len(kept), sum(kept), sum(value * value for value in kept))


def share(part: float, whole: float, n_eff: float | None = None) -> Estimate:
    """A share, 0..1, with Wilson's interval (Wilson 1927).

    Args:
        part: Number, or sum of weights, of the observations in question; 0..whole.
        whole: The same of all observations, >= 0.
        n_eff: Effective sample size if the observations have weights; None: their number.

    >>> share(50, 100).value, share(0, 0) == NO_ESTIMATE
    (0.5, True)
    """
    if whole <= 0:
        return NO_ESTIMATE
    effective = whole if n_eff is None else n_eff
    value = part / whole
    low, high = wilson(value, effective)
    return Estimate(value, (min(value, max(0.0, low)), max(value, min(1.0, high))), round(whole), effective)


def mean(of: Moments) -> Estimate:
    """A mean with Student's interval (Student 1908), in the unit of the observations; no interval below two of them.

    >>> estimate = mean(moments([1, 2, 3, 4, 5]))
    >>> estimate.value, [round(bound, 1) for bound in estimate.ci]
    (3.0, [1.0, 5.0])
    """
    if of.n == 0:
        return NO_ESTIMATE
    if of.n == 1:
        return Estimate(of.mean, None, 1, 1.0)
    half = student.quantile(of.n - 1) * sqrt(of.variance / of.n)
    return Estimate(of.mean, (of.mean - half, of.mean + half), of.n, float(of.n))


def difference(one: Moments, other: Moments) -> Estimate:
    """The mean of one group minus that of another, with Welch's interval (Welch 1947).

    >>> estimate = difference(moments([5, 6, 7]), moments([1, 2, 3]))
    >>> estimate.value, [round(bound, 1) for bound in estimate.ci]
    (4.0, [1.7, 6.3])
    """
    if not one.n or not other.n:
        return Estimate(None, None, one.n + other.n, 0.0)
    value, n, n_eff = one.mean - other.mean, one.n + other.n, float(min(one.n, other.n))
    if n_eff < 2:
        return Estimate(value, None, n, n_eff)
    a, b = one.variance / one.n, other.variance / other.n
    # Welch and Satterthwaite, with shares of the variance, because squares of small variances would vanish; two
    # constants have no spread, and so no degrees of freedom.
    both = a + b
    freedom = 1 / ((a / both) ** 2 / (one.n - 1) + (b / both) ** 2 / (other.n - 1)) if both > 0 else inf
    half = student.quantile(freedom) * sqrt(both)
    return Estimate(value, (value - half, value + half), n, n_eff)


def difference_of_shares(one: tuple[float, float], other: tuple[float, float]) -> Estimate:
    """A share minus another, -1..1, with Newcombe's interval from two Wilson intervals (Newcombe 1998, method 10).

    Args:
        one: Part and whole of the first share.
        other: Part and whole of the second share.

    >>> estimate = difference_of_shares((56, 70), (48, 80))
    >>> round(estimate.value, 4), [round(bound, 4) for bound in estimate.ci]
    (0.2, [0.0524, 0.3339])
    """
    a, b = share(*one), share(*other)
    if a.value is None or b.value is None or a.ci is None or b.ci is None:
        return Estimate(None, None, a.n + b.n, 0.0)
    value = a.value - b.value
    low = value - sqrt((a.value - a.ci[0]) ** 2 + (b.ci[1] - b.value) ** 2)
    high = value + sqrt((a.ci[1] - a.value) ** 2 + (b.value - b.ci[0]) ** 2)
    return Estimate(value, (low, high), a.n + b.n, min(a.n_eff, b.n_eff))


def median(counts: Mapping[float, int]) -> Estimate:
    """A median with the distribution-free interval of order statistics; no interval below six observations.

    Args:
        counts: The number of observations by value.

    >>> median({1.0: 1, 2.0: 1, 9.0: 1}).value
    2.0
    >>> median({1.0: 50, 2.0: 50}).ci
    (1.0, 2.0)
    """
    ordered = sorted((value, n) for value, n in counts.items() if n > 0)
    reach = list(accumulate(n for _, n in ordered))
    if not reach:
        return NO_ESTIMATE

    def ranked(rank: int) -> float:
        return next(value for (value, _), upto in zip(ordered, reach, strict=True) if upto >= rank)

    n = reach[-1]
    value = (ranked((n + 1) // 2) + ranked(n // 2 + 1)) / 2
    half = Z * sqrt(n) / 2
    low, high = round(n / 2 - half), round(n / 2 + 1 + half)
    # Below six, even the extremes do not contain the median in 95 % of cases.
    ci = (ranked(max(1, low)), ranked(min(n, high))) if n >= 6 else None
    return Estimate(value, ci, n, float(n))
