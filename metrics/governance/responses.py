"""What follows a week in which a leading series was higher than its own past foretold.

A local projection (Jorda 2005): the series so many weeks later, on the leader in that week, with the past of both, the
trend and the season held equal. So neither a level that both share nor what was known before counts as a response.
"""

from math import sqrt
from typing import Final, NamedTuple

import numpy as np

from metrics.figures import student
from metrics.governance.customers import Floats
from metrics.governance.evidence import LEVEL
from metrics.governance.forecasting import LAGS, carried, lagged, residuals, trend_and_season, wandering
from metrics.governance.serial import long_run_variance

FEWEST: Final = 30
"""Weeks, at least, of a response."""
_SHARE_OF_COSINES: Final = 6
"""Weeks for each cosine of the error: what two weeks are followed by overlaps."""


class Response(NamedTuple):
    """The response of a series to a leader.

    Attributes:
        slope: Change of the series for a leader higher by 1.
        low: Lower end of its interval, which holds at 95 % for all lags together: choosing the best is paid for.
        high: Its upper end.
        recent: By how much the leader was higher than its past foretold in the last weeks, as many as the lag: what
            is still to follow.
    """

    slope: float
    low: float
    high: float
    recent: float


def response(series: Floats, leader: Floats, lag: int) -> Response | None:
    """The response of a series, `lag` weeks later; None where there are too few weeks or the leader never surprises.

    Args:
        series: By week; NaN where there is no figure.
        leader: By week, as long as the series.
        lag: 1..LAGS.
    """
    weeks = np.arange(LAGS, len(series))
    # Of the series the week itself is known as well: what moves both at once is no response.
    known = [*wandering(lagged(series)[1:]), *wandering(lagged(leader)[:-1])]
    before = np.stack([*trend_and_season(weeks), *known], axis=1)
    leading = carried(leader)[LAGS:]
    later = np.append(series[LAGS:][lag:], np.full(lag, np.nan))
    there = ~np.isnan(later)
    own = before[there]
    if len(own) < FEWEST:
        return None
    outcome, moved = residuals(own, later[there]), residuals(own, leading[there])
    squares = float(moved @ moved)
    if squares < 1e-9:
        return None
    slope = float(moved @ outcome) / squares
    variance, freedom = long_run_variance(moved * (outcome - slope * moved), _SHARE_OF_COSINES)
    half = student.quantile(freedom, LEVEL / LAGS / 2) * sqrt(variance * len(own)) / squares
    return Response(slope, slope - half, slope + half, _surprise(before, leading, lag))


def _surprise(before: Floats, leading: Floats, lag: int) -> float:
    """By how much the leader's last weeks are higher than foretold, by a fit to the weeks before them."""
    fit = np.linalg.lstsq(before[:-lag], leading[:-lag], rcond=None)[0]
    return float((leading[-lag:] - before[-lag:] @ fit).mean())
