"""What figures need beside the sums of groups: sums by day, and by customer, for each department.

Squares of such sums do not add up over groups, so they are asked by department.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from metrics.catalogue import Horizon
from metrics.figures.balances import VIEWS, ByOwner, Group, View
from metrics.figures.formulas import Daily
from metrics.registry import COMPANY
from streams.figures import repeats
from streams.figures.closed_days import ClosedDays
from streams.figures.kept_repeats import KeptRepeats
from streams.figures.selection import CellSelection
from streams.store.client import Store

_DailySums = dict[tuple[str, str, Horizon], Daily]


def by_owner(
    store: Store,
    selection: CellSelection,
    groups: Sequence[Group],
    closed: ClosedDays,
    kept: KeptRepeats | None = None,
) -> dict[View, ByOwner]:
    """Sums by day and by customer, of each department and of the company, in both views.

    Args:
        store: The store.
        selection: What is read.
        groups: The sums of groups.
        closed: What days that are read folded add.
        kept: What customers added at the end of the day before; None: all their answers are read.
    """
    if not groups:
        return {view: ByOwner({}, {}) for view in VIEWS}
    repeated = repeats.repeats_of_owners(store, selection, kept)
    return {
        view: ByOwner(_daily([*closed.daily_of(view), *_of_groups(groups, view)]), repeated[view]) for view in VIEWS
    }


def _of_groups(groups: Iterable[Group], view: View) -> Iterator[tuple[str, str, Horizon, Daily]]:
    for group in groups:
        for horizon, daily in group.daily.items():
            yield group.owners[view], group.kind, horizon, daily


def _daily(parts: Iterable[tuple[str, str, Horizon, Daily]]) -> _DailySums:
    daily: defaultdict[tuple[str, str, Horizon], defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for owner, kind, horizon, sums in parts:
        of_owner, of_company = (daily[department, kind, horizon] for department in (owner, COMPANY))
        for day, total in sums.items():
            if total:
                of_owner[day] += total
                of_company[day] += total
    return dict(daily)
