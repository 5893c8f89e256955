"""Folded days in as few numbers as intervals need: what figures of one instant after the other take of closed days.

All their weights decay by one factor, and so do their sums. Kept by day is only what may come to count otherwise while
no day is folded again: the first day, of which a volume may have seen a part alone, and conversions of days on which
nobody has counted visits so far.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby, product
from operator import itemgetter
from typing import Final

from metrics.catalogue import HORIZONS, METRICS, Horizon, Metric, Shape
from metrics.figures.daily import NO_DAYS, RatioSums, ratio_sums

Daily = Mapping[int, float]
"""Weighted sum of each day that has observations in the window, by days since 1970-01-01."""
DailyTotals = defaultdict[int, float]
"""The same while it is being added up."""
DailyByKind = Mapping[tuple[str, Horizon], Daily]
"""Weighted sums by day, by kind and horizon."""
DailyPart = tuple[str, str, Horizon, Daily]
"""Whose it is, its kind and horizon, and weighted sums by day."""


@dataclass(frozen=True, slots=True)
class FoldedDays:
    """What a volume or conversion_rate takes of folded days.

    Attributes:
        sums: Of days that count whatever comes.
        apart: By day, the numerators of the others.
    """

    sums: RatioSums = NO_DAYS
    apart: Daily = field(default_factory=dict)

    def decayed(self, factor: float) -> "FoldedDays":
        """The same where the weights of all days have decayed by a factor."""
        return FoldedDays(self.sums.decayed(factor), {day: total * factor for day, total in self.apart.items()})


NOTHING_FOLDED: Final = FoldedDays()
Folded = Mapping[tuple[str, str, Horizon], FoldedDays]
"""By department, metric and horizon; absent without a folded day."""


def folded_days(metric: Metric, daily: Mapping[str, Daily], exposures: Daily) -> FoldedDays:
    """What a metric takes of folded days.

    Args:
        metric: A volume, or conversion_rate.
        daily: Of its kinds, their weighted sums by day.
        exposures: The weight of each whole day at the instant.
    """
    numerators = daily.get(metric.kinds[0], {})
    denominators = exposures if metric.shape is Shape.VOLUME else daily.get(metric.kinds[-1], {})
    if metric.shape is Shape.VOLUME:
        first = min(numerators, default=0)
        counted = [day for day in numerators if day != first]
    else:
        first, last = min(denominators, default=0), max(denominators, default=-1)
        counted = [day for day in numerators.keys() | denominators.keys() if first <= day <= last]
    sums = ratio_sums([numerators.get(day, 0.0) for day in counted], [denominators.get(day, 0.0) for day in counted])
    kept = set(counted)
    return FoldedDays(sums, {day: total for day, total in numerators.items() if day not in kept})


def add_days(totals: Daily, *to: DailyTotals) -> None:
    """Adds sums by day to others; days without weight are left out."""
    for day, total in totals.items():
        if total:
            for added in to:
                added[day] += total


def folded_by_department(parts: Iterable[DailyPart], exposures: Mapping[Horizon, Daily]) -> Folded:
    """The same of each department.

    Args:
        parts: Weighted sums of folded days, those of a department next to each other: it is done before the next.
        exposures: The weight of each whole day at the instant, by horizon.
    """
    found: dict[tuple[str, str, Horizon], FoldedDays] = {}
    for owner, of_owner in groupby(parts, key=itemgetter(0)):
        found.update(folded_of(owner, totals_by_kind(of_owner), exposures))
    return found


def totals_by_kind(parts: Iterable[DailyPart]) -> DailyByKind:
    """Weighted sums by day, whosever they are."""
    daily: defaultdict[tuple[str, Horizon], DailyTotals] = defaultdict(lambda: defaultdict(float))
    for _, kind, horizon, totals in parts:
        add_days(totals, daily[kind, horizon])
    return dict(daily)


def folded_of(department: str, daily: DailyByKind, exposures: Mapping[Horizon, Daily]) -> Folded:
    """What the metrics of a department take of folded days.

    Args:
        department: Its id, or that of the company.
        daily: Its weighted sums by day.
        exposures: The weight of each whole day at the instant, by horizon.
    """
    found: dict[tuple[str, str, Horizon], FoldedDays] = {}
    for metric, horizon in product(METRICS.values(), HORIZONS):
        of_kinds = {kind: daily[kind, horizon] for kind in metric.kinds if (kind, horizon) in daily}
        if of_kinds and metric.shape in (Shape.VOLUME, Shape.RATE):
            found[department, metric.name, horizon] = folded_days(metric, of_kinds, exposures[horizon])
    return found
