"""Does one weekly series foretell another, beyond that one's own past? Judged on weeks that were not looked at.

Each week from the TRAINED-th on is forecast twice from the weeks before it: by the series' own past alone, and with the
leading series at the lag that fitted those weeks best (rolling origin). The lag is chosen again for each week, so that
the choice is part of what is tested. Clark and West's test (2007) compares the nested forecasts: it rewards nothing
that a useless leader would gain by chance, and takes its error over serially dependent weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from metrics.governance.customers import Floats
from metrics.governance.serial import serial_mean

LAGS: Final = 12
"""Weeks that a leader may be ahead, from 1 on; also how many weeks of the own past count."""
TRAINED: Final = 26
"""Weeks before the first forecast."""
FEWEST_FORECASTS: Final = 24
FEWEST_WEEKS: Final = LAGS + TRAINED + FEWEST_FORECASTS
"""Weeks with a figure, at least, that can be told from."""
YEAR_WEEKS: Final = 365.2425 / 7
_RIDGE: Final = 1e-9
_LAGS_WITHIN: Final = 3.841459
"""The 95 % quantile of chi squared with one degree of freedom: lags that fit no worse than by that are possible."""


class Leader(NamedTuple):
    """By how many weeks one leading series is ahead.

    Attributes:
        lag: Where it fits best, 1..LAGS.
        first: The least lag that fits about as well: with `last` a 95 % likelihood interval.
        last: The greatest one.
    """

    lag: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Foretold:
    """How well one or more leaders foretell a series.

    Attributes:
        forecasts: How many weeks were forecast.
        skill: Part of the squared error of forecasts from the own past alone that the leaders take away, at most 1;
            below 0 they do worse.
        p: The p-value of Clark and West's test, 0..1: that they add nothing.
        leaders: In the order given.
    """

    forecasts: int
    skill: float
    p: float
    leaders: tuple[Leader, ...]


class _Rows(NamedTuple):
    """Weeks with a figure, in order.

    Attributes:
        own: What is known without the leaders: level, trend, season and own past.
        rest: First the series, then each leader's LAGS lags.
    """

    own: Floats
    rest: Floats


def weeks_told_from(series: Floats) -> int:
    """How many weeks of a series (NaN: no figure) can be forecast or trained on."""
    return int((~np.isnan(series[LAGS:])).sum())


def foretold(series: Floats, leaders: Sequence[Floats]) -> Foretold | None:
    """Whether leaders foretell a series; None where there are too few weeks, or where one of them never moves.

    Args:
        series: By week; NaN where there is no figure. Such a week is not forecast; as past it is the last one known.
        leaders: By week, as long as the series; at least one.
    """
    if weeks_told_from(series) < TRAINED + FEWEST_FORECASTS:
        return None
    rows = _rows(series, leaders)
    if not (rows.rest.std(axis=0) > 0).all():
        return None
    errors, changes = _forecast(rows, len(leaders))
    with_leaders = errors - changes
    # Their squared errors compared, and what a leader without effect would cost given back.
    test = serial_mean(errors**2 - (with_leaders**2 - changes**2))
    skill = 1 - float((with_leaders**2).sum() / (errors**2).sum()) if errors.any() else 0.0
    left = residuals(rows.own, _scaled(rows.rest))
    found = tuple(_leader(left.T @ left, position, len(left)) for position in range(len(leaders)))
    return Foretold(len(errors), skill, test.p_above, found)


def _rows(series: Floats, leaders: Sequence[Floats]) -> _Rows:
    weeks = np.arange(len(series))
    there = weeks[LAGS:][~np.isnan(series[LAGS:])]
    own = [*trend_and_season(there), *wandering(lagged(series)[there - LAGS])]
    lags = [lagged(leader)[there - LAGS][:, ::-1] for leader in leaders]
    return _Rows(np.stack(own, axis=1), np.hstack([series[there][:, None], *lags]))


def carried(series: Floats) -> Floats:
    """A series without gaps: the last figure known, before the first one that one.

    >>> carried(np.array([np.nan, 1.0, np.nan, 2.0])).tolist()
    [1.0, 1.0, 1.0, 2.0]
    """
    there = ~np.isnan(series)
    if not there.any():
        return np.zeros_like(series)
    last = np.maximum.accumulate(np.where(there, np.arange(len(series)), -1))
    return np.asarray(series[np.where(last < 0, int(there.argmax()), last)])


def lagged(series: Floats) -> Floats:
    """By week from the LAGS-th on, also the one after the last, the LAGS weeks before it, the latest last."""
    return np.lib.stride_tricks.sliding_window_view(carried(series), LAGS)


def trend_and_season(weeks: npt.NDArray[np.integer[Any]]) -> list[Floats]:
    """Columns that only the calendar decides: a level, a straight line and a wave of a year."""
    angle = 2 * pi * weeks / YEAR_WEEKS
    return [np.ones(len(weeks)), weeks / YEAR_WEEKS, np.sin(angle), np.cos(angle)]


def wandering(past: Floats) -> list[Floats]:
    """Columns that forecast a level that wanders: means over the last weeks, to be weighted by a fit (Corsi 2009)."""
    return [past[:, -1], past[:, -4:].mean(axis=1), past.mean(axis=1)]


def residuals(own: Floats, rest: Floats) -> Floats:
    """What a regression on some columns leaves of others."""
    return np.asarray(rest - own @ np.linalg.lstsq(own, rest, rcond=None)[0])


def _forecast(rows: _Rows, leaders: int) -> tuple[Floats, Floats]:
    """By forecast the error of the own past alone, and by how much leaders change that forecast.

    All weeks at once, each from the sums of squares and products of the weeks before it.
    """
    own, rest = _scaled(rows.own), _scaled(rows.rest)
    both, size = np.hstack([own, rest]), own.shape[1]
    sums = np.cumsum(both[:, :, None] * both[:, None, :], axis=0)[TRAINED - 1 : -1]
    within = sums[:, :size, :size] + _RIDGE * np.eye(size)
    known = np.linalg.solve(within, sums[:, :size, size:])
    left = sums[:, size:, size:] - np.swapaxes(sums[:, :size, size:], 1, 2) @ known
    columns = np.stack([_best(left, position) for position in range(leaders)], axis=1)
    week = np.arange(len(left))[:, None]
    among = left[week[:, :, None], columns[:, :, None], columns[:, None, :]] + _RIDGE * np.eye(leaders)
    slopes = np.linalg.solve(among, left[week, columns, 0][:, :, None])[:, :, 0]
    ahead = rest[TRAINED:] - np.einsum("wi,wij->wj", own[TRAINED:], known)
    return ahead[:, 0], (ahead[week, columns] * slopes).sum(axis=1)


def _scaled(columns: Floats) -> Floats:
    """Columns of a like size, which changes no forecast; a level stays one."""
    spread = columns.std(axis=0)
    return np.where(spread > 0, (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0), 1.0)


def _fits(left: Floats, position: int) -> Floats:
    """By lag of a leader the squares that it explains; of sums of squares and products over the own past."""
    lags = slice(1 + LAGS * position, 1 + LAGS * (position + 1))
    squares = np.diagonal(left, axis1=-2, axis2=-1)[..., lags]
    # What hardly moved by then explains nothing.
    return np.asarray(left[..., lags, 0] ** 2 / np.maximum(squares, 1e3 * _RIDGE))


def _best(left: Floats, position: int) -> npt.NDArray[np.int64]:
    return np.asarray(1 + LAGS * position + _fits(left, position).argmax(axis=-1))


def _leader(left: Floats, position: int, n: int) -> Leader:
    fits = _fits(left, position)
    unexplained = np.maximum(float(left[0, 0]) - fits, 1e-12)
    possible = np.flatnonzero(n * np.log(unexplained / unexplained.min()) <= _LAGS_WITHIN) + 1
    return Leader(int(fits.argmax()) + 1, int(possible[0]), int(possible[-1]))
