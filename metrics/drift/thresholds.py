"""From an alert budget to a threshold: run lengths of a CUSUM with a baseline that is itself an estimate.

The unit is one long-run standard deviation of an observation, so that the statistic moves like a random walk of
variance 1 for each observation. Source: Siegmund 1985, Sequential Analysis, II.6 (run length with correction for the
overshoot); that formula is averaged over the uncertainty of the baseline.
"""

from bisect import bisect_left
from dataclasses import dataclass
from math import erfc, exp, expm1, log, sqrt
from typing import Final

OVERSHOOT: Final = 1.166
"""By how much a random walk of normal steps of variance 1 overshoots its two barriers, on average (Siegmund 1985)."""


_GRID: Final = 48


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
    b, drift = h + OVERSHOOT * step_sd, k - shift
    x = 2 * drift * b
    return b * b if abs(x) < 1e-4 else (expm1(x) - x) / (2 * drift * drift)


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
            # Imported when first needed: most commands know of detectors and compute none.
            from metrics.drift.false_alarms import false_alarms  # noqa: PLC0415

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
