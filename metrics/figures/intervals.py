"""Confidence intervals at 95 % on effective sample sizes.

Each takes Kish's effective sample size: the raw count would make it too narrow, the sum of weights far too wide.
"""

from math import sqrt
from typing import Final

from metrics.figures import student

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


def student_mean(value: float, variance: float, n_eff: float, low: float, high: float) -> Interval:
    """Student's interval of a weighted mean, with one pseudo-answer: half of it the least, half the greatest value.

    The pseudo-answer (after Agresti and Coull 1998) keeps equal scores from having an interval without width.

    Args:
        value: The weighted mean, in the scale's unit.
        variance: The weighted variance, in that unit squared, >= 0.
        n_eff: Effective sample size, >= 1.
        low: The scale's least value.
        high: The scale's greatest value.

    Returns:
        Lower and upper bound, in the scale's unit, clipped to the scale.

    >>> [round(bound, 3) for bound in student_mean(6.0, 0.0, 5, 1, 7)]
    [4.162, 7]
    """
    n = n_eff + 1
    mean = (n_eff * value + (low + high) / 2) / n
    spread = (n_eff * (variance + value * value) + (low * low + high * high) / 2) / n - mean * mean
    half = student.quantile(n_eff) * sqrt(max(0.0, spread) / n)
    return max(low, mean - half), min(high, mean + half)


def wider(one: Interval, other: Interval) -> Interval:
    """What holds both.

    >>> wider((0, 2), (1, 3))
    (0, 3)
    """
    return min(one[0], other[0]), max(one[1], other[1])
