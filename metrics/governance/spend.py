"""Spend: what the customers' experience costs, how much of it is in no experience budget, and what it gains."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from metrics.governance.dispersion import dispersion
from metrics.governance.estimates import NO_ESTIMATE, Estimate, difference_of_shares
from metrics.registry import UNOWNED


@dataclass(frozen=True, slots=True)
class Spend:
    """Money spent on a touchpoint.

    Attributes:
        department: The department that owned the touchpoint.
        touchpoint: The touchpoint's id.
        category: The category of the spend.
        currency: ISO 4217 code.
        amount: In units of that currency, >= 0.
        n: The number of postings.
    """

    department: str
    touchpoint: str
    category: str
    currency: str
    amount: Decimal
    n: int = 1


class Promoters(NamedTuple):
    """Answers to the NPS question: promoters and answers in each half of the period; and the number of customers."""

    before: tuple[float, float]
    after: tuple[float, float]
    customers: int


def hidden_share(spends: Iterable[Spend], declared: Collection[str], hidden: Collection[str]) -> dict[str, Estimate]:
    """The share, 0..1, of the spend on experience that is in other budgets, by currency.

    Currencies are never added up. All the money is known, so there is no interval.

    Args:
        spends: All spend; spend in neither set of categories is not known to be about the experience.
        declared: Categories that are a budget for the experience.
        hidden: Categories that are spent on it but belong to other budgets.

    >>> paid = [Spend("it", "web", "hosting", "EUR", Decimal(30)), Spend("it", "web", "cx", "EUR", Decimal(10))]
    >>> hidden_share(paid, {"cx"}, {"hosting"})["EUR"].value
    0.75
    """
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    elsewhere: defaultdict[str, Decimal] = defaultdict(Decimal)
    counts: defaultdict[str, int] = defaultdict(int)
    for spend in _on_experience(spends, declared, hidden):
        if spend.category in hidden:
            elsewhere[spend.currency] += spend.amount
        sums[spend.currency] += spend.amount
        counts[spend.currency] += spend.n
    return {
        currency: Estimate(float(elsewhere[currency] / whole), None, counts[currency], float(counts[currency]))
        for currency, whole in sums.items()
        if whole > 0
    }


def effective_spenders(
    spends: Iterable[Spend], declared: Collection[str], hidden: Collection[str]
) -> dict[str, Estimate]:
    """Over how many equal departments the spend on the experience is spread, by currency: 1 / sum of squared shares.

    The same money as that of `hidden_share`, where a department owns the touchpoint: nobody is no owner. All of it is
    known, so there is no interval; n is the number of postings.

    >>> paid = [Spend("it", "web", "cx", "EUR", Decimal(900), 30), Spend("sales", "web", "cx", "EUR", Decimal(900), 2)]
    >>> effective_spenders(paid, {"cx"}, set())
    {'EUR': Estimate(value=2.0, ci=None, n=32, n_eff=32.0)}
    """
    held: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    counts: Counter[str] = Counter()
    for spend in _on_experience(spends, declared, hidden):
        if spend.department != UNOWNED:
            held[spend.currency][spend.department] += spend.amount
            counts[spend.currency] += spend.n
    return {
        currency: dispersion({name: float(amount) for name, amount in held[currency].items()}, n=n).effective_owners
        for currency, n in sorted(counts.items())
    }


def _on_experience(spends: Iterable[Spend], declared: Collection[str], hidden: Collection[str]) -> Iterator[Spend]:
    return (spend for spend in spends if spend.category in declared or spend.category in hidden)


def totals(spends: Iterable[Spend]) -> Mapping[tuple[str, str, str], Decimal]:
    """The spend by department, touchpoint and currency.

    >>> totals([Spend("it", "web", "cx", "EUR", Decimal(3)), Spend("it", "web", "ads", "EUR", Decimal(4))])
    {('it', 'web', 'EUR'): Decimal('7')}
    """
    sums: dict[tuple[str, str, str], Decimal] = {}
    for spend in spends:
        key = (spend.department, spend.touchpoint, spend.currency)
        sums[key] = sums.get(key, Decimal(0)) + spend.amount
    return sums


def spent(spends: Iterable[Spend]) -> Mapping[tuple[str, str], Decimal]:
    """The spend by currency on each touchpoint ("web") and of each department ("department it").

    >>> spent([Spend("it", "web", "cx", "EUR", Decimal(3))])
    {('web', 'EUR'): Decimal('3'), ('department it', 'EUR'): Decimal('3')}
    """
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (department, touchpoint, currency), amount in totals(spends).items():
        sums[touchpoint, currency] += amount
        sums[f"department {department}", currency] += amount
    return dict(sums)


def cost_per_promoter(
    amount: Decimal, before: tuple[float, float], after: tuple[float, float], customers: int
) -> Estimate:
    """The cost of one more promoter, in the unit of `amount`: amount / (customers * rise of the promoters' share).

    It says what was spent while promoters were gained, not that the money gained them.

    Args:
        amount: Spent between the two samples, > 0.
        before: Promoters and answers of the sample before.
        after: Promoters and answers of the sample after.
        customers: The number of customers, >= 1.

    Returns:
        The value is None if no promoter was gained; the interval is None if the rise may be zero.

    >>> found = cost_per_promoter(Decimal(9000), (300, 1000), (450, 1000), 2000)
    >>> found.value, [round(bound) for bound in found.ci]
    (30.0, [24, 42])
    """
    rise = difference_of_shares(after, before)
    if rise.value is None or rise.ci is None:
        return NO_ESTIMATE
    if rise.value <= 0:
        return Estimate(None, None, rise.n, rise.n_eff)
    low, high = (float(amount) / (bound * customers) if bound > 0 else None for bound in reversed(rise.ci))
    value = round(float(amount) / (rise.value * customers), 9)
    return Estimate(value, None if low is None or high is None else (low, high), rise.n, rise.n_eff)
