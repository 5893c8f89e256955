"""How much must be behind a figure: below one bound it is not shown, below another it is marked uncertain.

Effective numbers of observations are ratios of sums of weights: five answers of one minute come to 5 only up to a
rounding error. So a bound is met by what is below it by no more than that.
"""

from typing import Final

from metrics.figures.daily import ROUNDING

MIN_N_EFF: Final = 5.0
"""A ratio or mean of a smaller effective sample size is not shown."""
UNCERTAIN_BELOW: Final = 30
"""Effective observations below which a figure is shown, but marked uncertain and used against nobody."""
TOO_FEW: Final = "n_eff<5"
"""Why such a figure is not shown."""


def is_too_few(n_eff: float) -> bool:
    """Whether a figure of so many effective observations (>= 0) is not shown.

    >>> is_too_few(4.999), is_too_few(5 - 1e-12), is_too_few(5)
    (True, False, False)
    """
    return n_eff < MIN_N_EFF * (1 - ROUNDING)


def makes_uncertain(n_eff: float) -> bool:
    """Whether a figure of so many effective observations (>= 0) is marked uncertain, if it is shown.

    The page has the same rule (streams/web/static/shared.js).

    >>> makes_uncertain(29.999), makes_uncertain(30 - 1e-12), makes_uncertain(30)
    (True, False, False)
    """
    return n_eff < UNCERTAIN_BELOW * (1 - ROUNDING)
