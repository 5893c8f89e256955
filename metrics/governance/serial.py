"""Means of observations in order of time that may depend on each other: errors and p-values.

The long-run variance is the mean square of the first cosine coefficients, as many as a third of the observations; the
mean over its error then follows Student's distribution with that many degrees of freedom (Lazarus, Lewis, Stock and
Watson 2018). Few observations are thus met by wide tails, and not by an error that is too small.
"""

from math import pi, sqrt
from typing import Final, NamedTuple

import numpy as np

from metrics.figures.student import upper_tail
from metrics.governance.customers import Floats

SHARE_OF_COSINES: Final = 3
"""Observations for each cosine: for errors of forecasts, which depend on each other little."""


class SerialMean(NamedTuple):
    """A mean.

    Attributes:
        value: The mean.
        error: Its standard error, >= 0.
        freedom: Degrees of freedom of that error, >= 1.
    """

    value: float
    error: float
    freedom: int

    @property
    def p_above(self) -> float:
        """The one-sided p-value against a mean of 0 or less."""
        if self.error == 0:
            return 0.0 if self.value > 0 else 1.0
        return upper_tail(self.value / self.error, self.freedom)


def serial_mean(values: Floats) -> SerialMean:
    """The mean of values in order of time.

    >>> mean = serial_mean(np.array([1.0, 2.0, 3.0, 2.0, 1.0, 3.0]))
    >>> mean.value, mean.freedom
    (2.0, 2)

    Raises:
        ValueError: There are fewer than three.
    """
    n = len(values)
    if n < SHARE_OF_COSINES:
        raise ValueError(f"{n} values have no serial mean")
    mean = float(values.mean())
    variance, freedom = long_run_variance(values - mean)
    return SerialMean(mean, sqrt(variance / n), freedom)


def long_run_variance(deviations: Floats, share: int = SHARE_OF_COSINES) -> tuple[float, int]:
    """The long-run variance of deviations from a mean in order of time; and its degrees of freedom.

    Args:
        deviations: At least as many as `share`.
        share: How many of them for each cosine: the more, the longer a dependence is allowed for.

    >>> variance, freedom = long_run_variance(np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0]))
    >>> variance < 1, freedom
    (True, 2)
    """
    n = len(deviations)
    freedom = n // share
    waves = np.cos(pi / n * np.outer(np.arange(1, freedom + 1), np.arange(n) + 0.5))
    coefficients = sqrt(2 / n) * waves @ deviations
    return float((coefficients**2).mean()), freedom
