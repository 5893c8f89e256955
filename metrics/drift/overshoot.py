"""How far a CUSUM's steps pass its barriers: more where steps resemble their neighbours, and where some are busier."""

from collections.abc import Sequence
from math import pi, sqrt
from typing import Final

SMOOTH: Final = sqrt(pi / 2)
"""A walk with a memory passes its barrier by |zeta(1/2)| of its steps (Milne's problem for Brownian particles: Marshall
and Watson 1985), one without a memory by |zeta(1/2)|/sqrt(2 pi) (Siegmund 1985). This is half of their ratio, because
a step of memory t has 2t times its own variance in the long run."""


def jump(step_sd: float, dependence: float, exposures: Sequence[float]) -> float:
    """Standard deviation of even, independent steps that pass a barrier as far as these do, in that of an observation.

    Args:
        step_sd: Standard deviation of these steps, >= 0.
        dependence: Their variance in the long run, in their own; below 1 counts as 1.
        exposures: The exposure of each, not all 0.
    """
    return step_sd * (1 + SMOOTH * max(0.0, dependence - 1)) * uneven(exposures)


def uneven(exposures: Sequence[float]) -> float:
    """How many times as far steps pass a barrier as even ones of the same mean: sum e^1.5 / sum e / sqrt(mean e).

    A step of exposure e has the variance e. So e is its share of the time in which the walk diffuses, and of the chance
    that it is the one that passes the barrier; it does so by 0.583 sqrt(e) (Siegmund 1985). Weighting the second by the
    first is the limit of a slow rhythm: neighbours are alike, so the walk is near the barrier as that of even steps is.
    In any order it is there less often: the flux through a barrier of a walk whose density falls to it in a line gives
    sqrt(sum e^1.5 / sum sqrt(e)) / sqrt(mean e) then, which is less. Simulated steps of a week whose hours differ as 1
    to 19 passed a barrier 1.15 times as far as even ones, with a memory of 0.7 1.18 times, and 1.11 times in any order;
    this says 1.18, and the other one 1.13. Where noise multiplies, so that variances are as e^2, they pass it further
    still (1.3 to 1.4 times), which is left out: thresholds err towards calm.

    Args:
        exposures: The exposure of each step, >= 0, not all 0.

    >>> uneven([4, 4, 4]), round(uneven([1, 9]), 3)
    (1.0, 1.252)
    """
    total = sum(exposures)
    return sum(exposure * sqrt(exposure) for exposure in exposures) / total / sqrt(total / len(exposures))
