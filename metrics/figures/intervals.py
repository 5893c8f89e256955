"""Confidence intervals at 95 % on effective sample sizes.

Each takes Kish's effective sample size: the raw count would make it too narrow, the sum of weights far too wide.
"""

from math import sqrt
from typing import Final

Z: Final = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""

Interval = tuple[float, float]


def wilson(share: float, n_eff: float) -> Interval:
    """Wilson's score interval of a proportion (Wilson 1927).

    Args:
        share: The proportion, 0..1.
        n_eff: Effective sample size, > 0.

    Returns:
        Lower and upper bound, 0..1 up to rounding.

    >>> [round(bound, 4) for bound in wilson(0.5, 100)]
    [0.4038, 0.5962]
    """
    z2 = Z * Z / n_eff
    middle = (share + z2 / 2) / (1 + z2)
    half = Z * sqrt(max(0.0, share * (1 - share) / n_eff + z2 / (4 * n_eff))) / (1 + z2)
    return middle - half, middle + half


def adjusted_wald_nps(promoters: float, detractors: float, n_eff: float) -> Interval:
    """The adjusted Wald interval of a net promoter score (Rocks 2016).

    Args:
        promoters: Share of promoters, 0..1.
        detractors: Share of detractors, 0..1.
        n_eff: Effective sample size, > 0.

    Returns:
        Lower and upper bound in points, clipped to -100..100.

    >>> [round(bound, 2) for bound in adjusted_wald_nps(0.5, 0.2, 100)]
    [14.05, 44.2]
    """
    n = n_eff + 3
    up, down = (promoters * n_eff + 0.75) / n, (detractors * n_eff + 0.75) / n
    net = up - down
    half = Z * sqrt((up + down - net * net) / n)
    return max(-100.0, 100 * (net - half)), min(100.0, 100 * (net + half))


def mean_interval(value: float, variance: float, n_eff: float, low: float, high: float) -> Interval:
    """The normal interval of a weighted mean, clipped to the scale.

    Args:
        value: The weighted mean, in the scale's unit.
        variance: The weighted variance, in that unit squared, >= 0.
        n_eff: Effective sample size, > 0.
        low: The scale's least value.
        high: The scale's greatest value.

    Returns:
        Lower and upper bound, in the scale's unit.

    >>> mean_interval(6.9, 1.0, 4, 1, 7)[1]
    7
    """
    half = Z * sqrt(variance / n_eff)
    return max(low, value - half), min(high, value + half)


def rate(value: float, n_eff: float) -> Interval:
    """The normal interval of a Poisson rate, floored at 0.

    Args:
        value: The rate, any unit, >= 0.
        n_eff: Effective number of observations, > 0.

    Returns:
        Lower and upper bound, in the unit of `value`: value -+ Z * value / sqrt(n_eff).

    >>> rate(10.0, 1.0)[0]
    0.0
    """
    half = Z * value / sqrt(n_eff)
    return max(0.0, value - half), value + half
