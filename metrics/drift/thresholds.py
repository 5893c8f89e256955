"""From an alert budget to a threshold: run lengths of a CUSUM whose baseline is itself only an estimate.

Unit of everything: one standard deviation of an observation, the long-run one, so that the statistic moves like a
random walk of variance 1 an observation. Sources: Siegmund 1985, Sequential Analysis, II.6 (run length with correction
for the overshoot); the rest is that formula averaged over what the baseline leaves uncertain.
"""

from bisect import bisect_left
from dataclasses import dataclass
from math import exp, expm1, inf, log, pi, sqrt
from typing import Final

OVERSHOOT: Final = 1.166
"""What a random walk of normal steps of variance 1 jumps over both of its barriers, on average (Siegmund 1985)."""

MONTH_S: Final = 86_400 * 365.25 / 12

Nodes = tuple[tuple[float, float], ...]


def _nodes(step: float, count: int) -> Nodes:
    """Points of the standard normal distribution from -step*count to step*count, with their weights."""
    points = [step * i for i in range(-count, count + 1)]
    return tuple((z, step * exp(-z * z / 2) / sqrt(2 * pi)) for z in points)


_LEVELS: Final = _nodes(0.5, 10)
_SPREADS: Final = _nodes(0.75, 5)
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
    """Mean number of observations from a shift, met with the statistic at zero, to its alarm.

    Args:
        h: The threshold, > 0.
        k: The reference value, > 0.
        shift: The shift in standard deviations, towards the side watched, > k for a quick answer.
        step_sd: Standard deviation of a step, in that of one observation.

    >>> round(delay(5, 0.5, 1.0), 1)  # exact: 10.4
    10.3
    """
    return _run_length(h + OVERSHOOT * step_sd, k - shift, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Detector:
    """What the run length of one detector depends on.

    Attributes:
        k: Reference value, half of the smallest shift worth acting on, > 0.
        step_sd: Standard deviation of a step of the statistic: 1 where observations come one by one.
        skew: Third cumulant of an observation: 0 for a symmetric one.
        baseline: Observations that its mean was estimated from.
        freedom: Degrees of freedom of its variance.
    """

    k: float
    step_sd: float
    skew: float
    baseline: float
    freedom: float


class Curve:
    """False alarms of one side of a detector by threshold, for looking thresholds up."""

    def __init__(self, detector: Detector, side: int) -> None:
        """Computes it.

        Args:
            detector: The detector.
            side: 1 for rises, -1 for falls.
        """
        least = 0.25 * detector.step_sd
        most = 30 / detector.k + 6 * detector.step_sd
        self._thresholds = [least + (most - least) * (i / _GRID) * sqrt(i / _GRID) for i in range(_GRID + 1)]
        rates = [false_alarms(detector, h, side) for h in self._thresholds]
        # Descending by nature; minute bumps of the quadrature must not break the search.
        self._logs = [-log(max(rate, 1e-300)) for rate in rates]
        for i in range(1, len(self._logs)):
            self._logs[i] = max(self._logs[i], self._logs[i - 1])

    def threshold(self, rate: float) -> float:
        """The threshold with so many false alarms an observation; the greatest known where none is as rare."""
        wanted = -log(rate)
        i = bisect_left(self._logs, wanted)
        if i == 0:
            return self._thresholds[0]
        if i == len(self._logs):
            return self._thresholds[-1]
        (low, high), (h_low, h_high) = self._logs[i - 1 : i + 1], self._thresholds[i - 1 : i + 1]
        return h_low + (h_high - h_low) * (wanted - low) / (high - low)


def false_alarms(detector: Detector, h: float, side: int) -> float:
    """False alarms an observation of one side, averaged over what the true mean and variance may be.

    The true mean lies as far from the baseline's as its sampling error, a normal one, says; the true variance as far
    as that of a chi-squared (Wilson and Hilferty's cube root).

    Args:
        detector: The detector.
        h: The threshold, > 0.
        side: 1 for rises, -1 for falls.

    >>> known = Detector(k=0.5, step_sd=1, skew=0, baseline=1e9, freedom=1e9)
    >>> round(1 / (2 * false_alarms(known, 5, 1)) / siegmund(5, 0.5), 2)  # a return to zero takes its time too
    1.01
    """
    found = 0.0
    for z_spread, weight in _SPREADS:
        spread = 2 / (9 * detector.freedom)
        variance = 1 / float(max(0.05, 1 - spread + z_spread * sqrt(spread)) ** 3)
        b = h + OVERSHOOT * detector.step_sd * sqrt(variance)
        error = sqrt(variance / detector.baseline)
        for z_level, share in _LEVELS:
            k = detector.k - z_level * error
            # An alarm ends when the statistic has found back to zero; only then can there be the next.
            back = b / max(k, detector.k / 4)
            found += weight * share / (_run_length(b, k, variance, side * detector.skew) + back)
    return found


def _run_length(b: float, k: float, variance: float, skew: float) -> float:
    """Mean time of a random walk of drift -k, reflected at 0, to b > 0; skewed ones by their conjugate exponent."""
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
