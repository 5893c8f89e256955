"""Balances: the sums of cells are attributed to the departments that owned them, and become figures.

Ownership is applied here, to sums; it is never part of the facts. So as_was, as_is and any what-if registry are folds
over the same sums.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, Literal, get_args

from metrics.catalogue import HORIZONS, METRICS, Horizon, Metric, Term
from metrics.figures.folded import NOTHING_FOLDED, Daily, Folded
from metrics.figures.formulas import Figure, Ingredients, KindSums, figure
from metrics.figures.sums import Sums, merge
from metrics.registry import COMPANY, Horizons

View = Literal["as_was", "as_is"]
VIEWS: tuple[View, ...] = get_args(View)


@dataclass(frozen=True, slots=True)
class Group:
    """Cells of one kind that count for the same departments, summed for one instant.

    Attributes:
        owners: Whom they count for, by view: as_was their owner at their minutes, as_is their owner at the instant.
        kind: One of the catalogue's kinds.
        sums: Decayed sums by horizon.
        daily: Weighted sums by day of the days that are read by minute; of kinds that volumes and rates are made of.
    """

    owners: Mapping[View, str]
    kind: str
    sums: Mapping[Horizon, Sums]
    daily: Mapping[Horizon, Daily] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repeated:
    """What customers in several observations of a metric add to its W2 (metrics.figures.sums.Sums.n_eff).

    Attributes:
        added: How much, >= 0.
        sampled_one_in: One customer in so many was asked, and stands for as many; 1 if all were.
    """

    added: float = 0.0
    sampled_one_in: int = 1


@dataclass(frozen=True, slots=True)
class ByOwner:
    """What does not follow from the sums of groups: it is summed for each department, and for the company.

    Attributes:
        daily: By department, kind and horizon.
        repeated: By department, metric and horizon; absent where no customer is in several observations.
        folded: What is there of other days, which are folded.
    """

    daily: Mapping[tuple[str, str, Horizon], Daily]
    repeated: Mapping[tuple[str, str, Horizon], Repeated]
    folded: Folded = field(default_factory=dict)


ALL: Final = Repeated()


@dataclass(frozen=True, slots=True)
class BalanceSubject:
    """Whose figure it is: of a department, on a horizon, in a view."""

    department: str
    horizon: Horizon
    view: View


@dataclass(frozen=True, slots=True)
class Balance:
    """One figure: a row of the table `balances`.

    Attributes:
        first_at: Minute of the oldest observation ever, of a ratio that of its denominator; None without any.
        last_at: Minute of the newest one; where there has never been a denominator, the numerator's.
        sampled_one_in: n_eff was computed from one customer in so many; 1 for all.
    """

    at: datetime
    view: View
    department: str
    metric: str
    term: Term
    horizon: Horizon
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    n_eff: float
    suppressed: str
    first_at: datetime | None = None
    last_at: datetime | None = None
    sampled_one_in: int = 1


@dataclass(frozen=True)
class Moment:
    """Figures of an instant with the sums by day behind them.

    Attributes:
        at_s: The instant, epoch seconds.
        balances: Rows of one view.
        daily: Weighted sums by day, by department, kind and horizon.
    """

    at_s: float
    balances: Sequence[Balance]
    daily: Mapping[tuple[str, str, Horizon], Daily]

    @cached_property
    def by_department(self) -> Mapping[str, Sequence[Balance]]:
        """The rows of each department."""
        return rows_by_department(self.balances)


def rows_by_department(rows: Iterable[Balance]) -> Mapping[str, Sequence[Balance]]:
    """The rows of each department, in their order: of a thousand departments, none has to be looked for."""
    found: defaultdict[str, list[Balance]] = defaultdict(list)
    for row in rows:
        found[row.department].append(row)
    return found


def balances(groups: Iterable[Group], by_owner: ByOwner, horizons: Horizons, at_s: float, view: View) -> list[Balance]:
    """The figures of each department, and of the whole company, at an instant.

    Args:
        groups: Sums of all cells up to the instant.
        by_owner: What is summed by department, in the same view.
        horizons: The half-lives that the sums were made with.
        at_s: The instant, epoch seconds.
        view: Whom groups count for.

    Returns:
        Rows ordered by department, horizon (short first) and metric in the catalogue's order.
    """
    parts: defaultdict[tuple[str, Horizon], defaultdict[str, list[Sums]]] = defaultdict(lambda: defaultdict(list))
    for group in groups:
        for horizon in HORIZONS:
            for department in (group.owners[view], COMPANY):
                parts[department, horizon][group.kind].append(group.sums[horizon])
    rows: list[Balance] = []
    for department in sorted({department for department, _ in parts}):
        for horizon in HORIZONS:
            kinds = {kind: merge(sums) for kind, sums in parts[department, horizon].items()}
            of = BalanceSubject(department, horizon, view)
            found = (balance(of, metric, kinds, by_owner, horizons, at_s) for metric in METRICS.values())
            rows += [row for row in found if row is not None]
    return rows


def balance(
    of: BalanceSubject, metric: Metric, kinds: KindSums, by_owner: ByOwner, horizons: Horizons, at_s: float
) -> Balance | None:
    """One figure at an instant, from the sums of its department.

    Args:
        of: Whose figure it is.
        metric: An entry of the catalogue.
        kinds: Decayed sums by kind, of the department and on the horizon; kinds that never occurred are absent.
        by_owner: What is summed by department besides.
        horizons: The half-lives that the sums were made with.
        at_s: The instant, epoch seconds.

    Returns:
        None if the metric never had an observation.
    """
    daily = {kind: by_owner.daily.get((of.department, kind, of.horizon), {}) for kind in kinds}
    repeated = by_owner.repeated.get((of.department, metric.name, of.horizon), ALL)
    folded = by_owner.folded.get((of.department, metric.name, of.horizon), NOTHING_FOLDED)
    observed = Ingredients(kinds, daily, repeated.added, folded)
    result = figure(metric, observed, at_s, horizons.short_s if of.horizon == "short" else horizons.long_s)
    return None if result is None else _row(of, at_s, metric, result, repeated.sampled_one_in)


def _row(of: BalanceSubject, at_s: float, metric: Metric, result: Figure, one_in: int) -> Balance:
    low, high = result.ci or (None, None)
    first = None if result.first is None else datetime.fromtimestamp(result.first, UTC)
    return Balance(
        datetime.fromtimestamp(at_s, UTC), of.view, of.department, metric.name, metric.term, of.horizon, result.value,
        low, high, result.n, result.n_eff, result.suppressed, first, datetime.fromtimestamp(result.last, UTC), one_in,
    )  # fmt: skip
