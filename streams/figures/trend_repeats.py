"""What customers with several observations add to W2, at many instants at once; see streams.figures.repeats."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from metrics.figures.balances import Repeated
from streams.figures import repeats
from streams.figures.trend_selection import TrendBuckets, TrendSelection
from streams.store.client import Store
from streams.store.statements import Fragment, Row, fragment, numbers, query


class RepeatsOverTime(Row):
    """What customers add to W2 of a bucket, at each instant."""

    bucket: int
    metric: str
    added: list[float]


class RepeatCountsOverTime(Row):
    """How many customers of a bucket have several observations, at each instant."""

    bucket: int
    metric: str
    customers: list[int]


_ANSWERS: Final = fragment(__package__, "trend_answers")
_REPEATS: Final = query(__package__, "trend_repeats", RepeatsOverTime, answers=_ANSWERS)
_COUNTS: Final = query(__package__, "trend_repeat_counts", RepeatCountsOverTime, answers=_ANSWERS)

_OneIn = dict[tuple[int, str], list[int]]
"""One customer in how many is asked, by bucket and metric, at each instant; absent where all are."""


def repeated(
    store: Store,
    selection: TrendSelection,
    instants: Sequence[int],
    metrics: Sequence[str],
    buckets: TrendBuckets,
) -> dict[tuple[int, int, str], Repeated]:
    """What customers in several observations add, by instant, bucket and metric; absent where it is nothing.

    Args:
        store: The store.
        selection: What is read.
        instants: Whole minutes, epoch seconds, ascending.
        metrics: Names of the catalogue.
        buckets: What it is put together as.
    """
    of_customers = [metric for metric in repeats.METRICS_OF_CUSTOMERS if metric in metrics]
    if not of_customers:
        return {}
    parameters: dict[str, Any] = {
        **selection.parameters,
        "metrics": of_customers,
        "last_customer": repeats.LAST_CUSTOMER,
    }
    fragments = {**selection.groups, **buckets.fragments, "instants": numbers(instants)}
    one_in_of = _one_in(store, parameters, fragments)
    rows = store.fetch(
        _REPEATS,
        parameters | {"points": len(instants)},
        last_customers=numbers(_last_customers(one_in_of, buckets.count, len(instants))),
        **fragments,
    )
    found: dict[tuple[int, int, str], Repeated] = {}
    for row in rows:
        one_in = one_in_of.get((row.bucket, row.metric), [1] * len(instants))
        for at_s, added, of in zip(instants, row.added, one_in, strict=True):
            found[at_s, row.bucket, row.metric] = Repeated(of * added, of)
    return found


def _one_in(store: Store, parameters: Mapping[str, Any], fragments: Mapping[str, Fragment]) -> _OneIn:
    counted_one_in = repeats.one_in_counted(store)
    if not counted_one_in:
        return {}
    last = repeats.LAST_CUSTOMER // counted_one_in
    counts = store.fetch(
        _COUNTS, {**parameters, "last_customer": last, "window_s": parameters["longest_window_s"]}, **fragments
    )
    return {
        (row.bucket, row.metric): [repeats.one_in_of(customers * counted_one_in) for customers in row.customers]
        for row in counts
    }


def _last_customers(one_in_of: _OneIn, buckets: int, points: int) -> list[int]:
    """Up to which customer is asked, by bucket, metric and instant in one list; short where all are."""
    everybody = repeats.LAST_CUSTOMER
    if not one_in_of:
        return [everybody]
    all_of_them = [1] * points
    return [
        everybody // of
        for bucket in range(1, buckets + 1)
        for metric in repeats.METRICS_OF_CUSTOMERS
        for of in one_in_of.get((bucket, metric), all_of_them)
    ]
