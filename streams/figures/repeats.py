"""What customers with several observations of a metric add to W2 of each department (metrics.figures.sums.Sums.n_eff).

Where it is kept of the end of the day before, that is carried to the instant by one factor, as folded days are, and the
answers of those customers alone are read for whom something has changed since; else the answers of all.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final

from metrics.catalogue import HORIZONS, Horizon
from metrics.durations import MINUTE_S
from metrics.figures.balances import VIEWS, Repeated, View
from metrics.figures.days import HALF_LIVES_COUNTED
from metrics.registry import COMPANY
from streams.figures.kept_repeats import KeptRepeats, Repeats
from streams.figures.ownership import Owners
from streams.figures.selection import CUSTOMERS_ANSWERS, CellSelection
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


class RepeatSums(Row):
    """What customers add to W2. View 0 is the company in every view, 1 as_was, 2 as_is."""

    view: int
    owner: int
    metric: str
    short_added: float
    long_added: float


class RepeatChange(Row):
    """How far what is kept, carried to the instant, is from what customers add; views as above."""

    view: int
    owner: int
    metric: str
    short_change: float
    long_change: float


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
_EVERY_CUSTOMER: Final = fragment(__package__, "every_customer")
_CHANGED: Final = fragment(__package__, "changed_customers")
_REPEATED: Final = query(
    __package__, "repeat_sums", RepeatSums, answers=CUSTOMERS_ANSWERS, customers=_EVERY_CUSTOMER, bucket=_BUCKET
)
_CHANGES: Final = query(
    __package__, "repeat_changes", RepeatChange, answers=CUSTOMERS_ANSWERS, customers=_CHANGED, bucket=_BUCKET
)
_COUNTS: Final = query(__package__, "repeat_counts", RepeatCount, answers=CUSTOMERS_ANSWERS, customers=_EVERY_CUSTOMER)
_ROWS: Final = query(__package__, "repeat_rows", RepeatRows)

_Bucket = tuple[int, int, str]
"""View, owner and metric, as rows have them."""


def repeats_of_owners(store: Store, selection: CellSelection, kept: KeptRepeats | None) -> Mapping[View, Repeats]:
    """What customers add, in both views, by department, metric and horizon; absent where nobody adds anything.

    Args:
        store: The store.
        selection: What is read.
        kept: What they added at the end of the day before; None: all their answers are read.
    """
    return _all(store, selection) if kept is None else _carried(store, selection, kept)


def _all(store: Store, selection: CellSelection) -> Mapping[View, Repeats]:
    owners, fragments = selection.owners, selection.owners.fragments
    one_in_by = _asked(store, selection, fragments)
    rows = store.fetch(_REPEATED, {**selection.parameters, **_EVERYBODY}, **fragments, **_limits(one_in_by))
    found: dict[View, dict[tuple[str, str, Horizon], Repeated]] = {view: {} for view in VIEWS}
    for row in rows:
        one_in = one_in_by.get((row.view, row.owner, row.metric), 1)
        for view, department in _whose(row.view, row.owner, owners):
            found[view][department, row.metric, "short"] = Repeated(one_in * row.short_added, one_in)
            found[view][department, row.metric, "long"] = Repeated(one_in * row.long_added, one_in)
    return found


def _carried(store: Store, selection: CellSelection, kept: KeptRepeats) -> Mapping[View, Repeats]:
    owners = selection.owners
    half_lives = {"short": selection.parameters["short_s"], "long": selection.parameters["long_s"]}
    age_s = selection.parameters["at"] - kept.at_s
    found: dict[View, dict[tuple[str, str, Horizon], Repeated]] = {
        view: {
            of: Repeated(then.added * 4.0 ** -(age_s / half_lives[of[2]]), then.sampled_one_in)
            for of, then in kept.repeats[view].items()
        }
        for view in VIEWS
    }
    rows = store.fetch(
        _CHANGES,
        {**selection.parameters, **_EVERYBODY, **_changes(selection.parameters["at"], kept.at_s, half_lives)},
        **owners.fragments, **_limits(_asked_then(kept, owners)),
    )  # fmt: skip
    for row in rows:
        changes: Sequence[tuple[Horizon, float]] = (("short", row.short_change), ("long", row.long_change))
        for view, department in _whose(row.view, row.owner, owners):
            for horizon, change in changes:
                then = found[view].get((department, row.metric, horizon), Repeated())
                # Never below nothing, to which it may come as near as rounding goes.
                added = max(0.0, then.added + then.sampled_one_in * change)
                found[view][department, row.metric, horizon] = Repeated(added, then.sampled_one_in)
    return found


def _changes(at_s: float, kept_at_s: int, half_lives: Mapping[str, float]) -> dict[str, float]:
    """Since when answers are new, and which have left a window; a minute more on both sides costs nothing."""
    window_s = {horizon: HALF_LIVES_COUNTED * half_lives[horizon] for horizon in HORIZONS}
    left = {f"{horizon}_left": int(kept_at_s - window_s[horizon]) - MINUTE_S for horizon in HORIZONS}
    stays = {f"{horizon}_stays": int(at_s - window_s[horizon]) + MINUTE_S for horizon in HORIZONS}
    edges = {"came": kept_at_s - 2 * MINUTE_S, "oldest": min(left.values()), **left, **stays}
    return {"kept_at": float(kept_at_s)} | {name: max(0, edge_s) for name, edge_s in edges.items()}


_EVERYBODY: Final[Mapping[str, Any]] = {"last_customer": LAST_CUSTOMER, "all": LAST_CUSTOMER}


def _whose(view: int, owner: int, owners: Owners) -> list[tuple[View, str]]:
    return [(VIEWS[view - 1], owners.names[owner - 1])] if view else [(each, COMPANY) for each in VIEWS]


def _limits(one_in_by: Mapping[_Bucket, int]) -> dict[str, Fragment]:
    """Up to which customer is asked, of buckets of which not all are."""
    last = {_number(bucket): LAST_CUSTOMER // one_in for bucket, one_in in one_in_by.items()}
    return {"sampled": numbers([0, *last]), "last_customers": numbers([0, *last.values()])}


def _asked_then(kept: KeptRepeats, owners: Owners) -> dict[_Bucket, int]:
    """One customer in how many was asked for what is kept; absent where all were."""
    found: dict[_Bucket, int] = {}
    number = {name: position for position, name in enumerate(owners.names, start=1)}
    for position, view in enumerate(VIEWS, start=1):
        for (department, metric, _), then in kept.repeats[view].items():
            if then.sampled_one_in > 1:
                bucket = (0, 0, metric) if department == COMPANY else (position, number[department], metric)
                found[bucket] = then.sampled_one_in
    return found


def _asked(store: Store, selection: CellSelection, fragments: Mapping[str, Fragment]) -> dict[_Bucket, int]:
    """One customer in how many is asked; absent where all are."""
    counted_one_in = one_in_counted(store)
    if not counted_one_in:
        return {}
    parameters = {**selection.parameters, "last_customer": LAST_CUSTOMER // counted_one_in}
    counts = store.fetch(_COUNTS, parameters, **fragments)
    customers = {(row.view, row.owner, row.metric): row.customers * counted_one_in for row in counts}
    return {bucket: one_in for bucket, n in customers.items() if (one_in := one_in_of(n)) > 1}


def repeat_rows(store: Store) -> int:
    """How many answers there are of customers with several of one metric."""
    return store.fetch_one(_ROWS).n


def one_in_counted(store: Store) -> int:
    """One customer in how many is counted to learn how many there are; 0 where all are asked without counting."""
    rows = repeat_rows(store)
    return ceil(rows / ROWS_COUNTED) if rows > ROWS_READ else 0


def one_in_of(customers: int) -> int:
    """One customer in how many is asked, of so many with several observations; 1 for all."""
    return ceil(customers / MOST_REPEATING) if customers > _SURELY_MORE * MOST_REPEATING else 1


def _number(of: _Bucket) -> int:
    view, owner, metric = of
    return view * 1_000_000 + owner * 10 + METRICS_OF_CUSTOMERS.index(metric) + 1
