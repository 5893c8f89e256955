from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.estimates import NO_ESTIMATE
from metrics.governance.spend import Spend, cost_per_promoter, hidden_share, spent, totals
from tests.known import known
from tests.metrics.governance.given import law

spends = st.lists(
    st.builds(
        Spend,
        department=st.sampled_from(["it", "hr"]),
        touchpoint=st.just("web"),
        category=st.sampled_from(["cx", "ads"]),
        currency=st.sampled_from(["EUR", "USD"]),
        amount=st.decimals(0, 10**6, places=2),
    )
)


@law
@given(spends)
def test_no_money_is_lost_and_currencies_stay_apart(some: list[Spend]) -> None:
    sums = totals(some)
    for currency in ("EUR", "USD"):
        spent = sum((item.amount for item in some if item.currency == currency), Decimal(0))
        assert sum((amount for key, amount in sums.items() if key[2] == currency), Decimal(0)) == spent


@law
@given(spends)
def test_declared_and_hidden_are_the_whole(some: list[Spend]) -> None:
    cx, ads = hidden_share(some, {"cx"}, {"ads"}), hidden_share(some, {"ads"}, {"cx"})
    assert cx.keys() == ads.keys()
    for currency, hidden in cx.items():
        assert abs(known(hidden.value) + known(ads[currency].value) - 1) < 1e-12


def test_what_nobody_mapped_to_the_experience_is_left_out() -> None:
    rent = Spend("it", "web", "rent", "EUR", Decimal(90))
    assert hidden_share([rent], {"cx"}, {"ads"}) == {}


def test_a_promoter_costs_nothing_definite_where_none_was_gained() -> None:
    assert cost_per_promoter(Decimal(100), (50, 100), (50, 100), 10).value is None
    assert cost_per_promoter(Decimal(100), (50, 100), (40, 100), 10).value is None
    assert cost_per_promoter(Decimal(100), (0, 0), (40, 100), 10) == NO_ESTIMATE


def test_a_rise_within_the_noise_has_a_cost_without_interval() -> None:
    result = cost_per_promoter(Decimal(100), (50, 100), (52, 100), 10)
    assert result.value == 500
    assert result.ci is None


@law
@given(spends)
def test_what_touchpoints_and_what_departments_cost_are_the_same_money(some: list[Spend]) -> None:
    sums = spent(some)
    for currency in ("EUR", "USD"):
        kept = {name: amount for (name, of), amount in sums.items() if of == currency}
        departments = sum(amount for name, amount in kept.items() if name.startswith("department "))
        assert kept.get("web", 0) == departments
