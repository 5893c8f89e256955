"""How much a detector sees in a month: its threshold follows that, so that false alarms a month stay what they were."""

from array import array
from bisect import bisect_left
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from math import inf
from typing import Final, NamedTuple

from metrics.drift.baselines import Baseline
from metrics.drift.subjects import Observation
from metrics.durations import DAY_S, MONTH_S


class DaySum(NamedTuple):
    """Exposure and total of a day of UTC."""

    exposure: float
    total: float


DaySums = Mapping[int, DaySum]
"""What there was on each day of UTC, by its start, epoch seconds; days without anything are missing."""

NOTHING: Final = DaySum(0.0, 0.0)


class PackedDays(Mapping[int, DaySum]):
    """The same in 24 bytes a day: a company may have thousands of detectors, each with all its days.

    >>> packed = PackedDays({86400: DaySum(2.0, 1.0)})
    >>> packed.get(86400), packed.get(0, NOTHING), len(packed)
    (DaySum(exposure=2.0, total=1.0), DaySum(exposure=0.0, total=0.0), 1)
    """

    __slots__ = ("_exposures", "_starts", "_totals")

    def __init__(self, days: DaySums) -> None:
        ordered = sorted(days.items())
        self._starts = array("q", (day_s for day_s, _ in ordered))
        self._exposures = array("d", (day.exposure for _, day in ordered))
        self._totals = array("d", (day.total for _, day in ordered))

    def __getitem__(self, day_s: int) -> DaySum:
        place = bisect_left(self._starts, day_s)
        if place == len(self._starts) or self._starts[place] != day_s:
            raise KeyError(day_s)
        return DaySum(self._exposures[place], self._totals[place])

    def __iter__(self) -> Iterator[int]:
        return iter(self._starts)

    def __len__(self) -> int:
        return len(self._starts)


MONTHS: Final = 3
"""Whole calendar months that a threshold looks back on: one of them alone would follow every quiet August."""


def month_of(second: float) -> int:
    """Start of the calendar month of an epoch second.

    >>> month_of(1_772_323_199), month_of(1_772_323_200)  # the last second of February 2026, and the one after it
    (1769904000, 1772323200)
    """
    day = datetime.fromtimestamp(second, UTC)
    return int(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp())


def month_after(month_s: int) -> int:
    """Start of the calendar month after the one that starts at an epoch second."""
    return month_of(month_s + 31.5 * 86_400)


def days_of(
    steps: Iterable[Observation], width_s: int, until_s: float = inf, earlier: DaySums | None = None, after_s: int = 0
) -> DaySums:
    """What there was on each day; of what is counted as a volume only the total, for a baseline knows the exposure.

    Args:
        steps: Steps in order of time.
        width_s: How long a step is, seconds: it belongs to the day in which it begins.
        until_s: Steps that end after are left out, epoch seconds.
        earlier: What came of the steps up to `after_s`.
        after_s: Steps that end by then are left out, epoch seconds.
    """
    known: DaySums = earlier or {}
    days: dict[int, DaySum] = {}
    for end_s, step_exposure, step_total in steps:
        if after_s < end_s <= until_s:
            day_s = (end_s - width_s) // DAY_S * DAY_S
            exposure, total = days.get(day_s) or known.get(day_s, NOTHING)
            days[day_s] = DaySum(exposure + step_exposure, total + step_total)
    if not known:
        return days
    # What is known stays as it is, packed or not: of thousands of detectors none is copied for a day that was added.
    return ChainMap(days, known) if days else known  # type: ignore[arg-type]  # the first one alone is ever changed


def months_between(from_s: int, until_s: int) -> Iterator[int]:
    """The starts of months later than one epoch second and up to another."""
    month_s = month_after(month_of(from_s))
    while month_s <= until_s:
        yield month_s
        month_s = month_after(month_s)


def per_month(baseline: Baseline, days: DaySums, at_s: int) -> float:
    """Exposure a month as of an instant: the mean of the last whole calendar months before it.

    A month that began before the baseline's stretch, or in which nothing came, counts with the baseline's own rate: of
    the first not all is there, and of the second it cannot be told whether it was like that or is not there yet.

    Args:
        baseline: The baseline.
        days: What there was on each day.
        at_s: The instant, epoch seconds.
    """
    rates, ends_s = [], month_of(at_s)
    for _ in range(MONTHS):
        month_s = month_of(ends_s - 1)
        exposure = sum(days.get(day_s, NOTHING).exposure for day_s in range(month_s, ends_s, DAY_S))
        there = month_s >= baseline.start_s and exposure > 0
        rates.append(exposure / (ends_s - month_s) * MONTH_S if there else baseline.per_month)
        ends_s = month_s
    return sum(rates) / MONTHS
