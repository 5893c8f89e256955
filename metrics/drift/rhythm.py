"""The rhythm of a week: the expected events of each hour, by the clocks that people live by.

An hour is one of UTC, as cells are; which hour of the week it is, the clocks of a zone say when it begins. When clocks
are put forward, one hour of a week is missing; when they are put back, one comes twice.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, TypeVar

from metrics.drift.subjects import Observation
from metrics.durations import DAY_S, HOUR_S
from metrics.zones import UTC_ZONE, Zone

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEEK_HOURS: Final = 168
_MONDAY_S: Final = 4 * DAY_S  # 1 January 1970 was a Thursday

Reach = TypeVar("Reach", float, "NDArray[np.float64]")

Rhythm = tuple[float, ...]
"""Expected events of each hour of a week, Monday 00:00 by the clocks of a zone first; empty for none."""


def hour_of_week(second: int, zone: Zone = UTC_ZONE) -> int:
    """The hour of the week of an epoch second, 0..167; 0 is Monday 00:00 by the clocks of a zone.

    >>> hour_of_week(4 * 86_400), hour_of_week(4 * 86_400 - 1)
    (0, 167)
    """
    return (second + zone.offset_s(second) - _MONDAY_S) // HOUR_S % WEEK_HOURS


def hourly(rhythm: Rhythm, end_s: int, zone: Zone = UTC_ZONE) -> float:
    """Events expected in the hour that ends at an epoch second."""
    return rhythm[hour_of_week(end_s - HOUR_S, zone)]


def expected_between(rhythm: Rhythm, start_s: int, end_s: int, zone: Zone = UTC_ZONE) -> float:
    """Events expected between two epoch seconds, parts of hours in proportion.

    >>> expected_between((2.0,) * 168, 1800, 9000)
    4.0
    """
    expected, at = 0.0, start_s
    while at < end_s:
        until = min(end_s, (at // HOUR_S + 1) * HOUR_S)
        expected += rhythm[hour_of_week(at // HOUR_S * HOUR_S, zone)] * (until - at) / HOUR_S
        at = until
    return expected


def rhythm_of(steps: Iterable[Observation], start_s: int, end_s: int, zone: Zone = UTC_ZONE) -> Rhythm:
    """The rhythm of the whole hours between two epoch seconds: the weekday's share times the hour's share.

    In four weeks, each of the 168 hours would be estimated from four values; as a product, each factor has a hundred
    or more. Half an event is added to each factor, so that an hour without events so far is not impossible.
    """
    first = -(-start_s // HOUR_S) * HOUR_S
    hours = range(first, end_s - HOUR_S + 1, HOUR_S)
    occurrences = [0] * WEEK_HOURS
    for begin in hours:
        occurrences[hour_of_week(begin, zone)] += 1
    days, day_hours = [0.5] * 7, [0.5] * 24
    total = 0.0
    for step in steps:
        begin = step.end_s - HOUR_S
        if first <= begin and step.end_s <= end_s:
            place = hour_of_week(begin, zone)
            days[place // 24] += step.total
            day_hours[place % 24] += step.total
            total += step.total
    raw = [days[place // 24] * day_hours[place % 24] for place in range(WEEK_HOURS)]
    covered = sum(value * count for value, count in zip(raw, occurrences, strict=True))
    return tuple(value * total / covered for value in raw) if covered > 0 else (0.0,) * WEEK_HOURS


def unevenness(parts: int, reach: Reach) -> Reach:
    """Variance of a mean over `reach` consecutive parts of a cycle of `parts`, each estimated apart; 1 for a cycle.

    An interpolation between its two limits: that of one part, and for many cycles that of a Brownian bridge's ends.

    >>> unevenness(7, 0), round(unevenness(7, 70), 3)
    (7.0, 1.003)
    """
    return 1 + (parts - 1) / (1 + 3 * reach * reach / parts)
