"""Trends: figures at many instants at once, by the same formulas as those of one instant, from one reading of cells.

Ownership is applied as to one instant: as_was a row counts for its owner at its minute at all instants, as_is at each
instant for who owns it then. Rows that count for the same at all instants are put together.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from metrics.catalogue import METRICS, Horizon
from metrics.figures.balances import Balance, BalanceSubject, ByOwner, View, balance
from metrics.figures.sums import Sums
from metrics.figures.trends import MOST_VALUES, TrendDimension, TrendQuestion
from metrics.registry import COMPANY, Horizons, Registry
from metrics.registry.names import OTHER
from streams.figures import snapshot
from streams.figures.ownership import owners_over
from streams.figures.recorded_ends import recorded
from streams.figures.snapshot import Snapshot
from streams.figures.trend_repeats import repeated
from streams.figures.trend_selection import (
    NOTHING_CALLED,
    PARTS,
    TrendBuckets,
    TrendSelection,
    buckets,
    select_trend,
    told_by,
)
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, numbers, query
from streams.timestamps import from_epoch


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A figure of a trend.

    Attributes:
        balance: The figure, with its instant.
        value: Which touchpoint, segment or region it is of; None where none is told apart.
    """

    balance: Balance
    value: str | None


class TrendValue(Row):
    """What is told apart besides owners, by number, and its observations."""

    value_number: int
    observations: int


class TrendSums(Row):
    """Sums of a bucket at an instant; see metrics.figures.sums.Sums. Two lists of one length: days, and their sums."""

    at_s: int
    bucket: int
    kind: str
    observations: int
    sum_w: float
    sum_w2: float
    sum_trials: float
    sum_sizes: float
    sum_promoters: float
    sum_detractors: float
    sum_satisfied: float
    sum_score: float
    sum_score_sq: float
    first_minute_s: int
    last_minute_s: int
    days: list[int]
    by_day: list[float]


_VALUES: Final = query(__package__, "trend_values", TrendValue, **PARTS)
_OF_BUCKETS: Final = query(__package__, "trend_sums", TrendSums, **PARTS)


def trend(
    store: Store, compiled: CompiledRegistry, question: TrendQuestion, latest: Snapshot | None = None
) -> list[TrendPoint]:
    """The figures of a department at some instants: each is what `snapshot.compute` gives for its instant.

    Args:
        store: The store.
        compiled: The registry.
        question: What is asked.
        latest: Figures that are there already and stand for those of the last instant, if they are of later than the
            instant before it and nothing is told apart.

    Returns:
        Ordered by instant, metric in the catalogue's order, horizon (short first) and value. A metric that had no
        observation yet has no point; one that is suppressed has one without a value.

    Raises:
        BeingRenewed: Cells are still of an earlier edition.
    """
    metrics = [metric for metric in METRICS.values() if metric.name in question.metrics]
    points: list[TrendPoint] = []
    before = question.instants[:-1]
    if latest is not None and question.by is None and latest.at.timestamp() > max(before, default=0):
        points += _chosen(latest.balances[question.view], question)
        question = replace(question, instants=before)
    kept = _recorded(store, compiled, question)
    for figures in kept.values():
        points += _chosen(figures, question)
    points += _computed(store, compiled, question, [at_s for at_s in question.instants if at_s not in kept])
    order = {metric.name: position for position, metric in enumerate(metrics)}
    return sorted(
        points, key=lambda of: (of.balance.at, order[of.balance.metric], of.balance.horizon != "short", of.value or "")
    )


def _recorded(store: Store, compiled: CompiledRegistry, question: TrendQuestion) -> dict[int, list[Balance]]:
    """What is recorded of the question's instants, and of nothing that is told apart."""
    if question.by is not None:
        return {}
    return recorded(store, compiled, question.view, question.instants, question.department)


def _chosen(figures: Iterable[Balance], question: TrendQuestion) -> Iterator[TrendPoint]:
    """The points that the question is about, of figures in its view."""
    for row in figures:
        if (
            row.department == question.department
            and row.metric in question.metrics
            and row.horizon in question.horizons
        ):
            yield TrendPoint(row, None)


def _computed(
    store: Store, compiled: CompiledRegistry, question: TrendQuestion, instants: Sequence[int]
) -> Iterator[TrendPoint]:
    """What is computed: of one instant both horizons at once, as its figures are; of several by one reading each."""
    if len(instants) <= 1 < len(question.horizons) and question.by is None:
        for at_s in instants:
            yield from _chosen(snapshot.moment(store, compiled, from_epoch(at_s), question.view).balances, question)
        return
    if not instants:
        return
    kinds = {kind for name in question.metrics for kind in METRICS[name].kinds}
    apart = told_by(store, compiled.names, question.by, question.instants[-1])
    # Whose something is within the company makes no difference to the company.
    whose = question.department
    owners = owners_over(
        compiled.attribution, question.view, instants, lambda owner: whose if whose in (owner, COMPANY) else ""
    )
    for horizon in question.horizons:
        selection = select_trend(store, instants, horizon, kinds, owners, compiled.registry.horizons, apart.number)
        called = NOTHING_CALLED if question.by is None else _called(store, selection, apart.values)
        run = TrendRun(question.metrics, horizon, question.view, instants, compiled.registry.horizons)
        for figure, value in figures_of(store, run, selection, called):
            yield TrendPoint(figure, value if question.by else None)


def _called(store: Store, selection: TrendSelection, values: Sequence[str]) -> dict[int, str]:
    """What numbers that are told apart are put together as: the most frequent by name, the others."""
    fragments = {**selection.groups, **selection.parts, "courses": buckets(selection, {}).fragments["courses"]}
    rows = store.fetch(_VALUES, selection.parameters, **fragments)
    rows.sort(key=lambda row: (-row.observations, values[row.value_number]))
    return {
        row.value_number: values[row.value_number] if position < MOST_VALUES else OTHER
        for position, row in enumerate(rows)
    }


@dataclass(frozen=True, slots=True)
class TrendRun:
    """What is asked of one reading.

    Attributes:
        metrics: Names of the catalogue.
        horizon: Which half-life.
        view: Who a group counts for; named in the figures.
        instants: Whole minutes, epoch seconds, ascending.
        horizons: The half-lives.
    """

    metrics: Sequence[str]
    horizon: Horizon
    view: View
    instants: Sequence[int]
    horizons: Horizons


def figures_of(
    store: Store, run: TrendRun, selection: TrendSelection, called: Mapping[int, str]
) -> Iterator[tuple[Balance, str]]:
    """The figures of each department that something counts for, each with what is told apart.

    Args:
        store: The store.
        run: What is asked.
        selection: What is read.
        called: What each number that is told apart is put together as.
    """
    of = buckets(selection, called)
    if not of.called:
        return
    sums = _sums(store, selection, run.instants, of)
    added = repeated(store, selection, run.instants, run.metrics, of)
    for at_s in run.instants:
        for position, (department, value) in enumerate(of.called, start=1):
            subject = BalanceSubject(department, run.horizon, run.view)
            kinds, daily = _of_bucket(sums.get((at_s, position), ()))
            beside = ByOwner(
                {(department, kind, run.horizon): by_day for kind, by_day in daily.items()},
                {
                    (department, metric, run.horizon): added[at_s, position, metric]
                    for metric in run.metrics
                    if (at_s, position, metric) in added
                },
            )
            for metric in run.metrics:
                figure = balance(subject, METRICS[metric], kinds, beside, run.horizons, at_s)
                if figure is not None:
                    yield figure, value


def _sums(
    store: Store, selection: TrendSelection, instants: Sequence[int], of: TrendBuckets
) -> dict[tuple[int, int], list[TrendSums]]:
    fragments = {**selection.groups, **selection.parts, **of.fragments, "instants": numbers(instants)}
    rows = store.fetch(_OF_BUCKETS, selection.parameters, **fragments)
    found: defaultdict[tuple[int, int], list[TrendSums]] = defaultdict(list)
    for row in rows:
        found[row.at_s, row.bucket].append(row)
    return found


def _of_bucket(rows: Iterable[TrendSums]) -> tuple[dict[str, Sums], dict[str, dict[int, float]]]:
    kinds: dict[str, Sums] = {}
    daily: dict[str, dict[int, float]] = {}
    for row in rows:
        kinds[row.kind] = Sums(
            row.observations, row.sum_w, row.sum_w2, row.sum_trials, row.sum_sizes, row.sum_promoters,
            row.sum_detractors, row.sum_satisfied, row.sum_score, row.sum_score_sq, row.first_minute_s,
            row.last_minute_s,
        )  # fmt: skip
        daily[row.kind] = dict(zip(row.days, row.by_day, strict=True))
    return kinds, daily


def as_json(points: Sequence[TrendPoint], by: TrendDimension | None, registry: Registry) -> list[dict[str, Any]]:
    """Points as JSON-ready objects: those of figures, and what is told apart under its own name."""
    rows = snapshot.figures_as_json([point.balance for point in points], registry)
    return rows if by is None else [row | {by: point.value} for row, point in zip(rows, points, strict=True)]
