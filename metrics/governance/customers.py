"""Means and differences of answers that repeat customers: a customer is one observation, however many answers.

The variance between customers is the cluster-robust one (Liang and Zeger 1986), each customer's deviation corrected for
its own part in the mean (CR2: Bell and McCaffrey 2002). Where every answer is of another customer it is Welch's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, inf, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from metrics.figures import student
from metrics.governance.estimates import NO_ESTIMATE, NO_MOMENTS, Estimate, Moments
from metrics.governance.transitions import CustomerAnswers

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Answers that are compared as one group.

    Attributes:
        whole: Sums over all of them.
        alone: Sums over those that are each of another customer.
        customers: Numbers of the other customers, each once.
        counts: By customer the number of answers.
        totals: By customer their sum.
    """

    whole: Moments
    alone: Moments
    customers: Numbers
    counts: Floats
    totals: Floats

    @property
    def size(self) -> int:
        """The number of customers."""
        return self.alone.n + len(self.customers)


def pooled(groups: Iterable[tuple[Moments, Sequence[CustomerAnswers]]]) -> Sample:
    """Several groups of answers as one: of each its sums, and the same by customer (empty: all of other customers).

    >>> both = pooled([(Moments(3, 2.0, 2.0), [CustomerAnswers(7, 3, 2.0)]), (Moments(1, 1.0, 1.0), ())])
    >>> both.whole.n, both.alone.n, both.size
    (4, 1, 2)
    """
    whole, alone = NO_MOMENTS, NO_MOMENTS
    rows: list[CustomerAnswers] = []
    for of_group, by_customer in groups:
        whole += of_group
        rows += by_customer
        alone = alone if by_customer else alone + of_group
    customers, place = np.unique(np.array([row.customer for row in rows], dtype=np.int64), return_inverse=True)
    counts, totals = ([float(row.n) for row in rows], [row.total for row in rows])
    return Sample(whole, alone, customers, _sums(place, counts, len(customers)), _sums(place, totals, len(customers)))


def _sums(place: Numbers, values: Sequence[float] | Floats, n: int) -> Floats:
    return np.bincount(place, np.asarray(values, dtype=np.float64), n).astype(np.float64)


class _Side(NamedTuple):
    """A weighted mean of the means of samples.

    Attributes:
        value: That mean.
        customers: Those with several answers, each once.
        errors: By customer, what it adds to the deviation of the mean.
        alone: The variance from all other answers.
        n_eff: Effective number of customers: 1 / sum of their squared weights (Kish 1965).
    """

    value: float
    customers: Numbers
    errors: Floats
    alone: float
    n_eff: float

    @property
    def variance(self) -> float:
        return self.alone + float(self.errors @ self.errors)


def _side(parts: Sequence[tuple[float, Sample]]) -> _Side:
    errors, weights, alone, squares = [], [], [], []
    for weight, part in parts:
        n, mean = part.whole.n, part.whole.mean
        errors.append(weight / n * (part.totals - part.counts * mean) / np.sqrt(1 - part.counts / n))
        weights.append(weight / n * part.counts)
        spread = part.alone.squares - 2 * mean * part.alone.total + part.alone.n * mean**2
        alone.append(weight**2 / (n * (n - 1)) * max(0.0, spread))
        squares.append(part.alone.n * (weight / n) ** 2)
    customers, place = np.unique(np.concatenate([part.customers for _, part in parts]), return_inverse=True)
    error, share = (_sums(place, np.concatenate(of), len(customers)) for of in (errors, weights))
    value = fsum(weight * part.whole.mean for weight, part in parts)
    return _Side(value, customers, error, fsum(alone), 1 / (fsum(squares) + float(share @ share)))


def difference_of_customers(strata: Sequence[tuple[Sample, Sample]]) -> Estimate:
    """The mean of one group minus that of another, over strata in which they are comparable.

    The mean over strata is weighted by n_a * n_b / (n_a + n_b) of answers (Mantel and Haenszel 1959); strata with fewer
    than two customers on a side do not count. A customer in several strata, or on both sides, is one observation.

    Returns:
        n counts the answers of both sides, n_eff the effective customers of the smaller one. Degrees of freedom by
        Satterthwaite, from those of both sides.

    >>> groups = [pooled([(Moments(3, total, squares), ())]) for total, squares in ((18.0, 110.0), (6.0, 14.0))]
    >>> estimate = difference_of_customers([(groups[0], groups[1])])
    >>> estimate.value, [round(bound, 1) for bound in estimate.ci], estimate.n, estimate.n_eff
    (4.0, [1.7, 6.3], 6, 3.0)
    """
    kept = [both for both in strata if both[0].size > 1 and both[1].size > 1]
    if not kept:
        return NO_ESTIMATE
    sizes = [one.whole.n * other.whole.n / (one.whole.n + other.whole.n) for one, other in kept]
    weights = [size / fsum(sizes) for size in sizes]
    a, b = (_side([(w, both[place]) for w, both in zip(weights, kept, strict=True)]) for place in (0, 1))
    customers, place = np.unique(np.concatenate([a.customers, b.customers]), return_inverse=True)
    errors = _sums(place, np.concatenate([a.errors, -b.errors]), len(customers))
    variance, value = a.alone + b.alone + float(errors @ errors), a.value - b.value
    half = student.quantile(_freedom(a, b, len(kept))) * sqrt(variance)
    n = sum(one.whole.n + other.whole.n for one, other in kept)
    return Estimate(value, (value - half, value + half), n, min(a.n_eff, b.n_eff))


def _freedom(a: _Side, b: _Side, strata: int) -> float:
    both = a.variance + b.variance
    if both <= 0:
        return inf  # two constants have no spread, and so no degrees of freedom
    # With shares of the variance, because squares of small variances would vanish.
    parts = ((side.variance / both) ** 2 / max(1.0, side.n_eff - strata) for side in (a, b))
    return 1 / fsum(parts)
