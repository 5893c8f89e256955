"""Findings about short against long, and about money."""

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Final, NamedTuple

from metrics.catalogue import HORIZONS
from metrics.drift.data_quality import Index, index
from metrics.figures.balances import Balance
from metrics.figures.intervals import Z
from metrics.governance.estimates import Estimate
from metrics.registry import COMPANY, UNOWNED
from metrics.report.evidence import of_z
from metrics.report.findings import Claim, Finding, Material

MUCH_HIDDEN: Final = 0.25
"""If this share of the spend is in other budgets, it is worth a meeting's time."""
ON_TARGET: Final = 100.0


def terms(material: Material) -> Iterator[Claim | Finding]:
    """Myopia, the weight of the long term as declared and as lived, and how far the two indices lie apart."""
    targets = material.registry.targets
    balances = []
    for name in (*(item.id for item in material.registry.departments), COMPANY):
        short, long = (index(material.balances, name, targets, term) for term in HORIZONS)
        before = [index(material.earlier, name, targets, term) for term in HORIZONS]
        if short is not None and long is not None:
            behind = _behind(material.balances, name)
            balances.append(Finding("balance", name, estimate=_difference(short, long, behind)))
            if before[0] is not None and before[1] is not None and name != COMPANY:
                least = min(behind, _behind(material.earlier, name), key=lambda item: item.n_eff)
                yield from _myopia(name, (before[0], short), (before[1], long), least)
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


def _behind(rows: Sequence[Balance], department: str) -> _Behind:
    mine = [row for row in rows if row.department == department and row.term == row.horizon == "long"]
    return _Behind(sum(row.n for row in mine), sum(row.n_eff for row in mine))


def _difference(earlier: Index, later: Index, behind: _Behind) -> Estimate:
    value, half = later.value - earlier.value, Z * _error(earlier, later)
    return Estimate(value, (value - half, value + half), behind.n, behind.n_eff)


def _error(one: Index, other: Index) -> float:
    return sqrt(one.error**2 + other.error**2)


def _myopia(name: str, short: tuple[Index, Index], long: tuple[Index, Index], behind: _Behind) -> Iterator[Claim]:
    rise, fall = _difference(*short, behind), _difference(*long, behind)
    if not fall.is_uncertain:
        # Both must hold: the greater of the two one-sided p-values is that of both together.
        p = max(_one_sided(*short), _one_sided(*reversed(long)))
        yield Claim(p, Finding("myopia", name, estimate=fall, against=rise.value))


def _one_sided(earlier: Index, later: Index) -> float:
    z = (later.value - earlier.value) / max(_error(earlier, later), 1e-9)
    return of_z(z) / 2 if z > 0 else 1 - of_z(z) / 2


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
            behind = _behind(material.balances, card.department)
            yield Finding("on_target", card.department, estimate=Estimate(worse, None, *behind))
