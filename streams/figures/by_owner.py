"""What figures need beside the sums of groups: sums by day, and by customer, for each department.

Squares of such sums do not add up over groups, so the statements are told who owns which.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.figures.balances import VIEWS, ByOwner, Group, Repeated, View, owner_of_group
from metrics.figures.formulas import Daily
from metrics.registry import COMPANY
from metrics.registry.attribution import Attribution
from streams.figures.selection import CUSTOMERS_ANSWERS, DAYS, CellSelection
from streams.store.client import Store
from streams.store.statements import Fragment, Row, fragment, numbers, query

MOST_REPEATING: Final = 100_000
"""Of a department's metric: of more customers with several observations, some are asked and stand for all."""
ROWS_READ: Final = 1_000_000
"""So many rows are read without counting first whose they are."""
ROWS_COUNTED: Final = 500_000
_SURELY_MORE: Final = 1.2  # a count of a sample may be that far above the true one
LAST_CUSTOMER: Final = 2**64 - 1
METRICS_OF_CUSTOMERS: Final = ("nps", "csat", "ces", "repeat_rate", "retention")


class DailySums(Row):
    """Sums by day of a kind by owner (a number from 1) in both views; three lists of one length."""

    as_was: int
    as_is: int
    kind: str
    days: list[int]
    short: list[float]
    long: list[float]


class RepeatSums(Row):
    """What customers add to W2. View 0 is the company in every view, 1 as_was, 2 as_is."""

    view: int
    owner: int
    metric: str
    short_added: float
    long_added: float


class RepeatCount(Row):
    """How many customers have several observations of a metric."""

    view: int
    owner: int
    metric: str
    customers: int


class RepeatRows(Row):
    """How many rows there are."""

    n: int


_BUCKET: Final = fragment(__package__, "repeat_bucket")
_BY_DAY: Final = query(__package__, "daily_by_day", DailySums, days=DAYS)
_REPEATED: Final = query(__package__, "repeat_sums", RepeatSums, answers=CUSTOMERS_ANSWERS, bucket=_BUCKET)
_COUNTS: Final = query(__package__, "repeat_counts", RepeatCount, answers=CUSTOMERS_ANSWERS)
_ROWS: Final = query(__package__, "repeat_rows", RepeatRows)

_Asked = dict[tuple[int, int, str], int]
"""One customer in how many is asked, by view, owner and metric; absent where all are."""


@dataclass(frozen=True, slots=True)
class _Owners:
    """Departments by number, from 1, and the numbers of each group's in both views as one: parsing long lists costs."""

    names: Sequence[str]
    keys: Fragment
    owners: Fragment

    @property
    def fragments(self) -> dict[str, Fragment]:
        return {"keys": self.keys, "owners": self.owners}


_DailySums = dict[tuple[str, str, Horizon], Daily]


def by_owner(
    store: Store, selection: CellSelection, groups: Sequence[Group], attribution: Attribution, at_s: float
) -> dict[View, ByOwner]:
    """Sums by day and by customer, of each department and of the company, in both views."""
    if not groups:
        return {view: ByOwner({}, {}) for view in VIEWS}
    of_groups = {view: [owner_of_group(group, attribution, at_s, view) for group in groups] for view in VIEWS}
    owners = _owners(groups, of_groups)
    rows: Sequence[DailySums] = ()
    if selection.days is not None:
        rows = store.fetch(_BY_DAY, selection.parameters, **selection.of_days(selection.days), **owners.fragments)
    repeated = _repeated(store, selection, owners)
    return {
        view: ByOwner(_daily([*_of_rows(rows, owners, view), *_of_groups(groups, of_groups[view])]), repeated[view])
        for view in VIEWS
    }


def _owners(groups: Sequence[Group], of_groups: Mapping[View, Sequence[str]]) -> _Owners:
    names = sorted({name for owners in of_groups.values() for name in owners})
    number = {name: position for position, name in enumerate(names, start=1)}
    both = zip(groups, of_groups["as_was"], of_groups["as_is"], strict=True)
    pairs = {group.key: number[was] * 100_000 + number[now] for group, was, now in both}
    return _Owners(names, numbers(pairs), numbers(pairs.values()))


def _of_rows(rows: Iterable[DailySums], owners: _Owners, view: View) -> Iterator[tuple[str, str, Horizon, Daily]]:
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


def _repeated(
    store: Store, selection: CellSelection, owners: _Owners
) -> dict[View, dict[tuple[str, str, Horizon], Repeated]]:
    fragments = selection.apart.fragments | owners.fragments | {"key": selection.key}
    one_in_by = _asked(store, selection, fragments)
    limits = {bucket: LAST_CUSTOMER // one_in for bucket, one_in in one_in_by.items()}
    rows = store.fetch(
        _REPEATED,
        {**selection.parameters, "last_customer": LAST_CUSTOMER, "all": LAST_CUSTOMER},
        **fragments,
        sampled=numbers([0, *map(_bucket, limits)]),
        last_customers=numbers([0, *limits.values()]),
    )
    found: dict[View, dict[tuple[str, str, Horizon], Repeated]] = {view: {} for view in VIEWS}
    for row in rows:
        one_in = one_in_by.get((row.view, row.owner, row.metric), 1)
        department = owners.names[row.owner - 1] if row.view else COMPANY
        for view in (VIEWS[row.view - 1],) if row.view else VIEWS:
            found[view][department, row.metric, "short"] = Repeated(one_in * row.short_added, one_in)
            found[view][department, row.metric, "long"] = Repeated(one_in * row.long_added, one_in)
    return found


def _asked(store: Store, selection: CellSelection, fragments: Mapping[str, Fragment]) -> _Asked:
    rows = repeat_rows(store)
    if rows <= ROWS_READ:
        return {}
    counted_one_in = ceil(rows / ROWS_COUNTED)
    parameters = {**selection.parameters, "last_customer": LAST_CUSTOMER // counted_one_in}
    counts = store.fetch(_COUNTS, parameters, **fragments)
    customers = {(row.view, row.owner, row.metric): row.customers * counted_one_in for row in counts}
    return {bucket: one_in for bucket, n in customers.items() if (one_in := one_in_of(n)) > 1}


def repeat_rows(store: Store) -> int:
    """How many answers there are of customers with several of one metric."""
    return store.fetch_one(_ROWS).n


def one_in_of(customers: int) -> int:
    """One customer in how many is asked, of so many with several observations; 1 for all."""
    return ceil(customers / MOST_REPEATING) if customers > _SURELY_MORE * MOST_REPEATING else 1


def _bucket(of: tuple[int, int, str]) -> int:
    view, owner, metric = of
    return view * 1_000_000 + owner * 10 + METRICS_OF_CUSTOMERS.index(metric) + 1
