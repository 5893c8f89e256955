"""What a trend is asked of: whose metrics, and when they are looked at over a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, Literal

from metrics.catalogue import Horizon
from metrics.durations import DAY_S, MINUTE_S
from metrics.figures.balances import View

MOST_POINTS: Final = 400
"""Points of one trend at most: a year of days."""
MOST_POINTS_APART: Final = 60
"""Points at most where touchpoints, segments or regions are told apart."""
MOST_VALUES: Final = 50
"""So many touchpoints, segments or regions are told apart: those with the most observations."""


TrendDimension = Literal["touchpoint", "segment", "region"]


@dataclass(frozen=True, slots=True)
class TrendQuestion:
    """What a trend is asked of.

    Attributes:
        department: Whose figures; `company` for all.
        metrics: Names of the catalogue.
        horizons: Which half-lives.
        view: Who a group counts for.
        instants: Whole minutes, epoch seconds, ascending.
        by: What is told apart; None for nothing.
    """

    department: str
    metrics: Sequence[str]
    horizons: Sequence[Horizon]
    view: View
    instants: Sequence[int]
    by: TrendDimension | None = None


def trend_instants(start_s: float, end_s: float, points: int | None, most: int = MOST_POINTS) -> list[int]:
    """When a metric is looked at: whole minutes, ascending.

    Args:
        start_s: Start of the period, epoch seconds.
        end_s: Its end, later; the last instant is its minute.
        points: How many instants at equal distances, both ends included; fewer where minutes would repeat. None for
            the begin of each day of UTC, and the end.
        most: Of days there are at most so many; of a longer period every second, third ... day, counted back from the
            last.

    Returns:
        At least one, at most `points` or `most`.

    >>> trend_instants(0, 3 * 86_400 + 90, None)
    [0, 86400, 172800, 259200, 259260]
    >>> trend_instants(30, 3_630, 3)
    [0, 1800, 3600]
    >>> trend_instants(0, 10 * 86_400, None, 4)
    [172800, 518400, 864000]
    """
    last = _minute(end_s)
    if points is None:
        return _days(start_s, last, most)
    step = (end_s - start_s) / max(1, points - 1)
    return sorted({_minute(end_s - step * back) for back in range(points)})


def _days(start_s: float, last: int, most: int) -> list[int]:
    days = range(ceil(start_s / DAY_S) * DAY_S, last + 1, DAY_S)
    every = max(1, ceil(len(days) / max(1, most - 1)))
    chosen: Sequence[int] = days[::-1][::every][::-1]
    return [*chosen, *(() if last in chosen else (last,))]


def _minute(at_s: float) -> int:
    return int(at_s // MINUTE_S) * MINUTE_S
