"""From an alert budget to a threshold: run lengths of a CUSUM with a baseline that is itself an estimate.

The unit is one long-run standard deviation of an observation, so that the statistic moves like a random walk of
variance 1 for each observation. Source: Siegmund 1985, Sequential Analysis, II.6 (run length with correction for the
overshoot); that formula is averaged over the uncertainty of the baseline.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from math import erfc, exp, expm1, inf, log, pi, sqrt
from typing import Final

from metrics.drift.rhythm import unevenness

OVERSHOOT: Final = 1.166
"""By how much a random walk of normal steps of variance 1 overshoots its two barriers, on average (Siegmund 1985)."""


Nodes = tuple[tuple[float, float], ...]


def _nodes(step: float, count: int) -> Nodes:
    """Points of the standard normal distribution from -step*count to step*count, with their weights."""
    points = [step * i for i in range(-count, count + 1)]
    return tuple((z, step * exp(-z * z / 2) / sqrt(2 * pi)) for z in points)


_LEVELS: Final = _nodes(0.75, 6)
_SPREADS: Final = _nodes(1.0, 4)
_PLACES: Final = _nodes(1.0, 3)
_GRID: Final = 48
_HALVINGS: Final = 6


def siegmund(h: float, k: float) -> float:
    """Mean number of observations until a false alarm of a two-sided CUSUM of standard normal observations.

    Args:
        h: The threshold, > 0.
        k: The reference value, > 0.

    >>> round(siegmund(5, 0.5)), round(siegmund(4, 0.5))  # exact: 465 and 168
    (469, 169)
    """
    b = h + OVERSHOOT
    return (exp(2 * k * b) - 2 * k * b - 1) / (4 * k * k)


def delay(h: float, k: float, shift: float, step_sd: float = 1.0) -> float:
    """Mean number of observations from a shift, which begins with the statistic at zero, to its alarm.

    Args:
        h: The threshold, > 0.
        k: The reference value, > 0.
        shift: The shift in standard deviations, towards the side in question; > k for a quick alarm.
        step_sd: Standard deviation of a step, in that of one observation.

    >>> round(delay(5, 0.5, 1.0), 1)  # exact: 10.4
    10.3
    """
    return _run_length(h + OVERSHOOT * step_sd, k - shift, 1.0, 0.0)


def delay_quantile(share: float, h: float, drift: float, step_sd: float = 1.0) -> float:
    """Number of observations within which a share of drifts is found, each beginning with the statistic at zero.

    An inverse Gaussian distribution, that of a random walk's way to a barrier, with the mean and the variance of one
    that is reflected at zero.

    Args:
        share: 0..1, both exclusive.
        h: The threshold, > 0.
        drift: By how much the statistic rises with an observation on average, standard deviations, > 0.
        step_sd: Standard deviation of a step, in that of one observation.

    >>> round(delay(40, 0.125, 0.25)), round(delay_quantile(0.9, 40, 0.125))  # simulated: 297 and 460
    (297, 464)
    """
    b = h + OVERSHOOT * step_sd
    back = exp(-2 * drift * b)
    mean = b / drift - (1 - back) / (2 * drift**2)
    variance = b / drift**3 - ((1 - back**2) / 4 + 1 - back * (1 + 2 * drift * b)) / drift**4
    shape = mean**3 / variance
    low, high = 0.0, mean
    while _found_within(high, mean, shape) < share:
        low, high = high, 2 * high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _found_within(middle, mean, shape) < share else (low, middle)
    return high


def _normal(z: float) -> float:
    return erfc(-z / sqrt(2)) / 2


def _found_within(observations: float, mean: float, shape: float) -> float:
    root = sqrt(shape / observations)
    tail = _normal(-root * (observations / mean + 1))
    # The factor may be greater than any float while the tail is as small: their product is at most 1.
    reflected = exp(2 * shape / mean + log(tail)) if tail > 0 else 0.0
    return _normal(root * (observations / mean - 1)) + reflected


@dataclass(frozen=True, slots=True)
class Detector:
    """The quantities on which the run length of a detector depends.

    Attributes:
        k: Reference value, half of the smallest shift worth acting on, > 0.
        step_sd: Standard deviation of a step of the statistic: 1 if observations come one by one and independently.
        skew: Third cumulant of an observation: 0 for a symmetric one.
        baseline: Number of observations from which its mean was estimated.
        freedom: Degrees of freedom of its variance.
        week: Observations a week if the level has a rhythm, estimated from the same baseline; else 0.
    """

    k: float
    step_sd: float
    skew: float
    baseline: float
    freedom: float
    week: float = 0.0


class Curve:
    """The false alarms of one side of a detector by threshold: a table to look thresholds up in."""

    def __init__(self, detector: Detector, side: int) -> None:
        """Computes nothing yet: each entry is computed when it is first needed.

        Args:
            detector: The detector.
            side: 1 for rises, -1 for falls.
        """
        least = 0.25 * detector.step_sd
        most = 30 / detector.k + 6 * detector.step_sd
        self._detector, self._side = detector, side
        self._thresholds = [least + (most - least) * (i / _GRID) * sqrt(i / _GRID) for i in range(_GRID + 1)]
        self._logs: dict[int, float] = {}

    def _log(self, i: int) -> float:
        """Logarithm of the mean time between false alarms at a threshold, computed when it is first needed."""
        if i not in self._logs:
            self._logs[i] = -log(max(false_alarms(self._detector, self._thresholds[i], self._side), 1e-300))
        return self._logs[i]

    def threshold(self, rate: float) -> float:
        """The threshold with this rate of false alarms per observation; the table's greatest if none is as rare."""
        wanted = -log(rate)
        i = bisect_left(range(_GRID + 1), wanted, key=self._log)
        if i == 0:
            return self._thresholds[0]
        if i > _GRID:
            return self._thresholds[-1]
        (h_low, h_high), low, high = self._thresholds[i - 1 : i + 1], self._log(i - 1), self._log(i)
        return h_low + (h_high - h_low) * (wanted - low) / (high - low)


def false_alarms(detector: Detector, h: float, side: int) -> float:
    """False alarms of one side per observation, averaged over possible true means and variances.

    The true mean differs from the baseline's by its normal sampling error; the true variance by that of a chi-squared
    variable (Wilson and Hilferty's cube root).

    Args:
        detector: The detector.
        h: The threshold, > 0.
        side: 1 for rises, -1 for falls.

    >>> known = Detector(k=0.5, step_sd=1, skew=0, baseline=1e9, freedom=1e9)
    >>> round(1 / (2 * false_alarms(known, 5, 1)) / siegmund(5, 0.5), 2)  # a return to zero takes its time too
    1.01
    """
    alarms = 0.0
    for z_spread, weight in _SPREADS:
        spread = 2 / (9 * detector.freedom)
        variance = 1 / float(max(0.05, 1 - spread + z_spread * sqrt(spread)) ** 3)
        b = h + OVERSHOOT * detector.step_sd * sqrt(variance)
        error = sqrt(variance * _level_variance(detector))
        for z_level, share in _LEVELS:
            for k, part in _drifts(detector, b, detector.k - z_level * error, variance):
                # An alarm ends when the statistic is back at zero; only then can the next one begin.
                back = b / max(k, detector.k / 4)
                alarms += weight * share * part / (_run_length(b, k, variance, side * detector.skew) + back)
    return alarms


def _level_variance(detector: Detector) -> float:
    """Variance of the baseline's mean, plus that of its skewness: an error of both moves the exponent in the same way.

    An error g of the third cumulant acts like an error 2/3*k^2*g of the mean; with n normal steps its variance is 6/n.
    """
    return (1 + 8 / 3 * (detector.k * detector.step_sd) ** 4) / detector.baseline


def _drifts(detector: Detector, b: float, k: float, variance: float) -> Iterator[tuple[float, float]]:
    """The drifts at which the statistic falls in calm, with weights, given a mean drift k and an uncertain rhythm.

    An error of the rhythm acts like an error of the mean over the time that an alarm takes, b/k observations. The
    longer that is, the more its weekdays even out: so a drift is the root of an increasing function, found by halving.
    """
    if not detector.week:
        yield k, 1.0
        return
    for z, weight in _PLACES:
        low, high = k - z * _rhythm_error(detector, b / max(k, detector.k / 4), variance), k
        for _ in range(_HALVINGS if z > 0 else 0):
            middle = (low + high) / 2
            if middle < k - z * _rhythm_error(detector, b / max(middle, detector.k / 4), variance):
                low = middle
            else:
                high = middle
        yield low, weight


def _rhythm_error(detector: Detector, reach: float, variance: float) -> float:
    """Standard error of the level over a stretch of `reach` observations, beyond that of the mean.

    The level of a single day is known only from the same weekdays, a seventh of the baseline, and that of an hour only
    from the same hours of the day; that of whole weeks is known from all of it.
    """
    days = 7 * reach / detector.week
    return sqrt(variance / detector.baseline * (unevenness(7, days) + unevenness(24, 24 * days) - 2))


def _run_length(b: float, k: float, variance: float, skew: float) -> float:
    """Mean time to b > 0 of a random walk with drift -k, reflected at 0; skewed walks use their conjugate exponent."""
    theta = _exponent(k, variance, skew)
    x = theta * b
    if abs(x) < 1e-4:
        return b * b / variance
    if x > 600:
        return inf
    return (expm1(x) - x) / (k * theta)


def _exponent(k: float, variance: float, skew: float) -> float:
    """The root other than 0 of -k*t + variance*t^2/2 + skew*t^3/6 = 0."""
    if abs(skew * k) < 1e-6 * variance * variance:
        return 2 * k / variance
    inside = max(0.0, variance * variance / 4 + 2 * skew * k / 3)
    return (sqrt(inside) - variance / 2) * 3 / skew
