"""Balances: the sums of cells are attributed to the departments that owned them, and become figures.

Ownership is applied here, to sums; it is never part of the facts. So as_was, as_is and any what-if registry are folds
over the same sums.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from metrics.catalogue import HORIZONS, METRICS, Horizon, Term
from metrics.figures.formulas import Figure, KindSums, figure
from metrics.figures.sums import Sums, merge
from metrics.registry import COMPANY, Horizons
from metrics.registry.attribution import Attribution

View = Literal["as_was", "as_is"]
VIEWS: tuple[View, ...] = get_args(View)


@dataclass(frozen=True, slots=True)
class Group:
    """The cells of one combination of dimensions within one ownership period, summed for one instant.

    An ownership period is a stretch of time in which no rule of the registry begins or ends, so that a
    combination has one owner throughout it.

    Attributes:
        touchpoint: Dotted id.
        segment: "" if the events had none.
        region: "" if the events had none.
        kind: One of the catalogue's kinds.
        minute_s: Any minute of the group's cells, epoch seconds: it identifies the ownership period.
        sums: Decayed sums by horizon.
    """

    touchpoint: str
    segment: str
    region: str
    kind: str
    minute_s: int
    sums: Mapping[Horizon, Sums]


@dataclass(frozen=True, slots=True)
class Balance:
    """One figure: a row of the table `balances`."""

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


def balances(
    groups: Iterable[Group], attribution: Attribution, horizons: Horizons, at_s: float, view: View
) -> list[Balance]:
    """The figures of each department, and of the whole company, at an instant.

    Args:
        groups: Sums of all cells up to the instant, split at the ownership periods of the attribution's registry.
        attribution: Who owned what, and when.
        horizons: The half-lives that the sums were made with.
        at_s: The instant, epoch seconds.
        view: as_was attributes a cell to its owner at the cell's minute, as_is to its owner at the instant.

    Returns:
        Rows ordered by department, horizon (short first) and metric in the catalogue's order.
    """
    parts: defaultdict[tuple[str, str, Horizon], list[Sums]] = defaultdict(list)
    for group in groups:
        owned_at = group.minute_s if view == "as_was" else int(at_s)
        owner = attribution.owner(group.touchpoint, group.segment, group.region, group.kind, owned_at)
        for horizon in HORIZONS:
            for department in (owner, COMPANY):
                parts[department, group.kind, horizon].append(group.sums[horizon])
    departments = sorted({department for department, _, _ in parts})
    half_lives: Mapping[Horizon, float] = {"short": horizons.short_s, "long": horizons.long_s}
    at = datetime.fromtimestamp(at_s, UTC)
    rows: list[Balance] = []
    for department in departments:
        for horizon in HORIZONS:
            kinds = {kind: merge(sums) for (d, kind, h), sums in parts.items() if d == department and h == horizon}
            rows += _department(at, view, department, horizon, kinds, at_s, half_lives[horizon])
    return rows


def _department(
    at: datetime, view: View, department: str, horizon: Horizon, kinds: KindSums, at_s: float, half_life_s: float
) -> Iterable[Balance]:
    for metric in METRICS.values():
        result = figure(metric, kinds, at_s, half_life_s)
        if result is not None:
            yield _row(at, view, department, metric.name, metric.term, horizon, result)


def _row(
    at: datetime, view: View, department: str, metric: str, term: Term, horizon: Horizon, result: Figure
) -> Balance:
    low, high = result.ci or (None, None)
    return Balance(
        at, view, department, metric, term, horizon, result.value, low, high, result.n, result.n_eff, result.suppressed
    )
