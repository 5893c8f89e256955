"""Findings about short against long, and about money."""

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Final, NamedTuple, TypedDict

from metrics.catalogue import HORIZONS
from metrics.drift.indices import Index, index
from metrics.drift.myopia import LONG_AGO, myopic
from metrics.figures.balances import Balance, Moment
from metrics.figures.intervals import Z
from metrics.figures.scorecards import TargetsByDepartment
from metrics.governance.estimates import Estimate
from metrics.registry import COMPANY, UNOWNED
from metrics.report.findings import Claim, Finding, Material

MUCH_HIDDEN: Final = 0.25
"""If this share of the spend is in other budgets, it is worth a meeting's time."""
ON_TARGET: Final = 100.0


def terms(material: Material) -> Iterator[Claim | Finding]:
    """Myopia, the weight of the long term as declared and as lived, and how far the two indices lie apart."""
    targets = TargetsByDepartment(material.targets)
    balances = []
    for name in (*(item.id for item in material.registry.departments), COMPANY):
        own, rows = targets.of(name), material.by_department.get(name, ())
        short, long = (index(rows, own, term) for term in HORIZONS)
        if short is not None and long is not None:
            behind = _behind(rows)
            difference = _difference(short, long, behind)
            balances.append(Finding("balance", name, estimate=difference, **_basis(material, name)))
    yield from myopia(material)
    lived = material.of("long_term_weight_lived").get("")
    declared = material.of("long_term_weight_declared").get("")
    if lived is not None and declared is not None:
        yield Finding("weight_lived", estimate=lived, against=declared.value)
    # The company first, then the departments that lean most.
    yield from sorted(balances, key=lambda item: (item.department != COMPANY, -abs(_value(item)), item.department))


def _value(finding: Finding) -> float:
    return (finding.estimate.value if finding.estimate is not None else None) or 0.0


class _Behind(NamedTuple):
    """The number of observations behind the long-term index."""

    n: int
    n_eff: float


def _behind(rows: Sequence[Balance]) -> _Behind:
    mine = [row for row in rows if row.term == row.horizon == "long"]
    return _Behind(sum(row.n for row in mine), sum(row.n_eff for row in mine))


class _Basis(TypedDict, total=False):
    """What an index rests on, as in Finding."""

    metrics: int
    targets: int


def _basis(material: Material, department: str) -> _Basis:
    """What the index of a department rests on that rests on fewer metrics."""
    for card in material.cards:
        if card.department == department:
            both = (card.short_metrics, card.short_targets), (card.long_metrics, card.long_targets)
            # Of two that rest on as many, the one that lacks more.
            metrics, targets = min(both, key=lambda term: (term[0], -term[1]))
            return {"metrics": metrics, "targets": targets}
    return {}


def _difference(earlier: Index, later: Index, behind: _Behind) -> Estimate:
    value, half = later.value - earlier.value, Z * _error(earlier, later)
    return Estimate(value, (value - half, value + half), behind.n, behind.n_eff)


def _error(one: Index, other: Index) -> float:
    return sqrt(one.error**2 + other.error**2)


def myopia(material: Material) -> Iterator[Finding]:
    """The very ones that the alert names at that instant; it corrects for their number by itself."""
    registry = material.registry
    before = Moment(material.at_s - LONG_AGO.total_seconds(), material.earlier, material.earlier_daily)
    now = Moment(material.at_s, material.balances, material.daily)
    names = [item.id for item in registry.departments]
    for name, of in myopic(before, now, names, material.targets, registry.horizons).items():
        fall = Estimate(of.long.value, of.long.ci, of.long.n, of.long.n_eff)
        yield Finding("myopia", name, estimate=fall, against=of.short.value, **_basis(material, name))


def money(material: Material) -> Iterator[Finding]:
    """Spend on the experience that is in other budgets, and the cost of promoters."""
    for currency, estimate in material.of("hidden_spend").items():
        if estimate.value is not None and estimate.value >= MUCH_HIDDEN:
            yield Finding("hidden_spend", other=currency, estimate=estimate)
    costs = material.of("cost_per_promoter").items()
    certain = [
        (estimate.value, name, estimate)
        for name, estimate in costs
        if estimate.value is not None and estimate.ci and not estimate.is_uncertain
    ]
    for _, name, estimate in sorted(certain, key=lambda estimate: (-estimate[0], estimate[1])):
        what, _, currency = name.rpartition(" ")
        if not what.startswith("department "):
            yield Finding("cost_per_promoter", touchpoint=what, other=currency, estimate=estimate)


def on_target(material: Material) -> Iterator[Finding]:
    """Departments that reach their targets in both terms: good news."""
    for card in material.cards:
        if card.department in (COMPANY, UNOWNED) or card.short_index is None or card.long_index is None:
            continue
        worse = min(card.short_index, card.long_index)
        if worse >= ON_TARGET:
            behind = _behind(material.by_department.get(card.department, ()))
            estimate = Estimate(worse, None, *behind)
            yield Finding("on_target", card.department, estimate=estimate, **_basis(material, card.department))
