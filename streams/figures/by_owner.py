"""Weighted sums by day of each department: what is asked of them, such as squares, does not add up over groups."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from metrics.catalogue import Horizon
from metrics.figures.balances import Group, View
from metrics.figures.folded import Daily, DailyPart, add_days
from metrics.registry import COMPANY


def of_groups(groups: Iterable[Group], view: View) -> Iterator[DailyPart]:
    """The weighted sums by day that groups have."""
    for group in groups:
        for horizon, daily in group.daily.items():
            yield group.owners[view], group.kind, horizon, daily


def daily_by_owner(parts: Iterable[DailyPart]) -> dict[tuple[str, str, Horizon], Daily]:
    """Weighted sums by day, of each department and of the company, by kind and horizon."""
    daily: defaultdict[tuple[str, str, Horizon], defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for owner, kind, horizon, sums in parts:
        add_days(sums, daily[owner, kind, horizon], daily[COMPANY, kind, horizon])
    return dict(daily)
