"""What figures need beside the sums of groups: sums by day, and by customer, for each department.

Squares of such sums do not add up over groups, so the statements are told who owns which.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.figures.balances import VIEWS, ByOwner, Group, View, owner_of_group
from metrics.figures.formulas import Daily
from metrics.registry import COMPANY
from metrics.registry.attribution import Attribution
from streams.figures import repeats
from streams.figures.kept_repeats import KeptRepeats
from streams.figures.owners import Owners
from streams.figures.selection import DAYS, CellSelection
from streams.store.client import Store
from streams.store.statements import Row, numbers, query


class DailySums(Row):
    """Sums by day of a kind by owner (a number from 1) in both views; three lists of one length."""

    as_was: int
    as_is: int
    kind: str
    days: list[int]
    short: list[float]
    long: list[float]


_BY_DAY: Final = query(__package__, "daily_by_day", DailySums, days=DAYS)

_DailySums = dict[tuple[str, str, Horizon], Daily]


def by_owner(
    store: Store,
    selection: CellSelection,
    groups: Sequence[Group],
    attribution: Attribution,
    at_s: float,
    kept: KeptRepeats | None = None,
) -> dict[View, ByOwner]:
    """Sums by day and by customer, of each department and of the company, in both views.

    Args:
        store: The store.
        selection: What is read.
        groups: The sums of groups, with the owner of each in both views by these rules:
        attribution: Who owned what, and when.
        at_s: The instant, epoch seconds.
        kept: What customers added at the end of the day before; None: all their answers are read.
    """
    if not groups:
        return {view: ByOwner({}, {}) for view in VIEWS}
    of_groups = {view: [owner_of_group(group, attribution, at_s, view) for group in groups] for view in VIEWS}
    owners = _owners(groups, of_groups)
    rows: Sequence[DailySums] = ()
    if selection.days is not None:
        rows = store.fetch(_BY_DAY, selection.parameters, **selection.of_days(selection.days), **owners.fragments)
    repeated = repeats.repeats_of_owners(store, selection, owners, kept)
    return {
        view: ByOwner(_daily([*_of_rows(rows, owners, view), *_of_groups(groups, of_groups[view])]), repeated[view])
        for view in VIEWS
    }


def _owners(groups: Sequence[Group], of_groups: Mapping[View, Sequence[str]]) -> Owners:
    names = sorted({name for owners in of_groups.values() for name in owners})
    number = {name: position for position, name in enumerate(names, start=1)}
    both = zip(groups, of_groups["as_was"], of_groups["as_is"], strict=True)
    pairs = {group.key: number[was] * 100_000 + number[now] for group, was, now in both}
    return Owners(names, numbers(pairs), numbers(pairs.values()))


def _of_rows(rows: Iterable[DailySums], owners: Owners, view: View) -> Iterator[tuple[str, str, Horizon, Daily]]:
    for row in rows:
        owner = owners.names[(row.as_was if view == "as_was" else row.as_is) - 1]
        for horizon, sums in zip(HORIZONS, (row.short, row.long), strict=True):
            yield owner, row.kind, horizon, dict(zip(row.days, sums, strict=True))


def _of_groups(groups: Iterable[Group], owners: Iterable[str]) -> Iterator[tuple[str, str, Horizon, Daily]]:
    for group, owner in zip(groups, owners, strict=True):
        for horizon, daily in group.daily.items():
            yield owner, group.kind, horizon, daily


def _daily(parts: Iterable[tuple[str, str, Horizon, Daily]]) -> _DailySums:
    daily: defaultdict[tuple[str, str, Horizon], defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for owner, kind, horizon, sums in parts:
        of_owner, of_company = (daily[department, kind, horizon] for department in (owner, COMPANY))
        for day, total in sums.items():
            if total:
                of_owner[day] += total
                of_company[day] += total
    return dict(daily)
