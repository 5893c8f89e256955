"""False alarms of a CUSUM by its threshold: the mean of many run lengths, over what a baseline leaves uncertain."""

from math import pi, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metrics.drift.rhythm import unevenness
from metrics.drift.thresholds import OVERSHOOT, Detector

Array = NDArray[np.float64]


def _nodes(step: float, count: int, axis: int) -> tuple[Array, Array]:
    """Points of the standard normal distribution from -step*count to step*count along an axis of three; their weights.

    >>> points, weights = _nodes(0.75, 6, 1)
    >>> points.shape, round(float(weights.sum()), 4)
    ((1, 13, 1), 1.0)
    """
    points = np.expand_dims(step * np.arange(-count, count + 1.0), tuple({0, 1, 2} - {axis}))
    return points, step * np.exp(-points * points / 2) / sqrt(2 * pi)


_SPREADS: Final = _nodes(1.0, 4, 0)
_LEVELS: Final = _nodes(0.75, 6, 1)
_PLACES: Final = _nodes(1.0, 3, 2)
_HALVINGS: Final = 6
_MOST_EXPONENT: Final = 600.0


def false_alarms(detector: Detector, h: float, side: int) -> float:
    """False alarms of one side per observation, averaged over possible true means and variances.

    The true mean differs from the baseline's by its normal sampling error; the true variance by that of a chi-squared
    variable (Wilson and Hilferty's cube root).

    Args:
        detector: The detector.
        h: The threshold, > 0.
        side: 1 for rises, -1 for falls.

    >>> from metrics.drift.thresholds import siegmund
    >>> known = Detector(k=0.5, step_sd=1, skew=0, baseline=1e9, freedom=1e9)
    >>> round(1 / (2 * false_alarms(known, 5, 1)) / siegmund(5, 0.5), 2)  # a return to zero takes its time too
    1.01
    """
    (z_spread, spread_weights), (z_level, level_weights) = _SPREADS, _LEVELS
    spread = 2 / (9 * detector.freedom)
    variance = 1 / np.maximum(0.05, 1 - spread + z_spread * sqrt(spread)) ** 3
    b = h + OVERSHOOT * detector.step_sd * np.sqrt(variance)
    level = detector.k - z_level * np.sqrt(variance * _level_variance(detector))
    k, place_weights = _drifts(detector, b, level, variance)
    # An alarm ends when the statistic is back at zero; only then can the next one begin.
    rates = 1 / (_run_length(b, k, variance, side * detector.skew) + b / np.maximum(k, detector.k / 4))
    return float((spread_weights * level_weights * place_weights * rates).sum())


def _level_variance(detector: Detector) -> float:
    """Variance of the baseline's mean, plus that of its skewness: an error of both moves the exponent in the same way.

    An error g of the third cumulant acts like an error 2/3*k^2*g of the mean; with n normal steps its variance is 6/n.
    """
    return (1 + 8 / 3 * (detector.k * detector.step_sd) ** 4) / detector.baseline


def _drifts(detector: Detector, b: Array, k: Array, variance: Array) -> tuple[Array, Array]:
    """The drifts at which the statistic falls in calm, and weights, given a mean drift k and an uncertain rhythm.

    An error of the rhythm acts like an error of the mean over the time that an alarm takes, b/k observations. The
    longer that is, the more its weekdays even out: so a drift is the root of an increasing function, found by halving.
    """
    if not detector.week:
        return k, np.ones((1, 1, 1))
    z, weights = _PLACES
    low = k - z * _rhythm_error(detector, b / np.maximum(k, detector.k / 4), variance)
    lowest, high = low, k + 0 * low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = middle < k - z * _rhythm_error(detector, b / np.maximum(middle, detector.k / 4), variance)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(z > 0, low, lowest), weights


def _rhythm_error(detector: Detector, reach: Array, variance: Array) -> Array:
    """Standard error of the level over a stretch of `reach` observations, beyond that of the mean.

    The level of a single day is known only from the same weekdays, a seventh of the baseline, and that of an hour only
    from the same hours of the day; that of whole weeks is known from all of it.
    """
    days = 7 * reach / detector.week
    uneven = unevenness(7, days) + unevenness(24, 24 * days) - 2
    return np.asarray(np.sqrt(variance / detector.baseline * uneven))


def _run_length(b: Array, k: Array, variance: Array, skew: float) -> Array:
    """Mean time to b > 0 of a random walk with drift -k, reflected at 0; skewed walks use their conjugate exponent."""
    theta = _exponent(k, variance, skew)
    x = theta * b
    level = np.abs(x) < 1e-4
    grown = np.minimum(x, _MOST_EXPONENT)
    falling = (np.expm1(grown) - grown) / np.where(level, 1.0, k * theta)
    return np.where(level, b * b / variance, np.where(x > _MOST_EXPONENT, np.inf, falling))


def _exponent(k: Array, variance: Array, skew: float) -> Array:
    """The root other than 0 of -k*t + variance*t^2/2 + skew*t^3/6 = 0."""
    symmetric = 2 * k / variance
    if skew == 0:
        return symmetric
    inside = np.maximum(0.0, variance * variance / 4 + 2 * skew * k / 3)
    return np.where(np.abs(skew * k) < 1e-6 * variance**2, symmetric, (np.sqrt(inside) - variance / 2) * 3 / skew)
