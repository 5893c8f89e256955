from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from metrics.figures.balances import Balance
from metrics.figures.scorecards import Scorecard, TargetsByDepartment, attainment, scorecards
from metrics.registry import Target

AT = datetime(2026, 3, 1, tzinfo=UTC)


def row(metric: str, term: Any, value: float | None, **more: Any) -> Balance:
    fields = {"department": "sales", "horizon": term, "suppressed": "" if value is not None else "n_eff<5", **more}
    return Balance(
        AT,
        "as_was",
        fields["department"],
        metric,
        term,
        fields["horizon"],
        value,
        None,
        None,
        50,
        50.0,
        fields["suppressed"],
    )


def target(metric: str, internal: float, customer: float | None = None, **more: Any) -> Target:
    return Target(metric, more.get("department"), more.get("floor", 0.0), internal, customer, more.get("weight", 1.0))


def card(rows: list[Balance], *targets: Target) -> Scorecard:
    [result] = scorecards(rows, targets)
    return result


def test_an_index_is_the_weighted_mean_of_attainments() -> None:
    rows = [row("nps", "long", 20.0), row("csat", "long", 80.0), row("traffic", "short", 10.0)]
    result = card(rows, target("nps", 40, weight=3.0), target("csat", 80), target("traffic", 40))
    assert (result.long_index, result.short_index) == (pytest.approx((3 * 50 + 100) / 4), 25)
    assert result.outcome_balance == pytest.approx(result.long_index - 25 if result.long_index else None)
    assert result.weight_balance == pytest.approx(4 / 5)


def test_each_metric_counts_on_the_horizon_of_its_term_only() -> None:
    rows = [row("nps", "long", 40.0), row("nps", "long", -40.0, horizon="short")]
    assert card(rows, target("nps", 40)).long_index == 100


def test_attainment_is_clipped_on_both_sides() -> None:
    assert attainment(-10, 0, 40) == 0
    assert attainment(1000, 0, 40) == 150
    assert attainment(60, 40, 85) == pytest.approx(100 * 20 / 45)


def test_suppressed_metrics_and_those_without_target_do_not_count() -> None:
    rows = [row("nps", "long", None), row("csat", "long", 40.0), row("ces", "long", 7.0)]
    assert card(rows, target("nps", 40), target("csat", 80)).long_index == 50


def test_a_card_says_on_how_many_of_how_many_metrics_each_index_rests() -> None:
    rows = [row("nps", "long", None), row("csat", "long", 40.0), row("ces", "long", 7.0), row("traffic", "short", 9.0)]
    result = card(rows, target("nps", 40), target("csat", 80), target("retention", 80), target("traffic", 9))
    assert (result.long_metrics, result.long_targets) == (1, 3)
    assert (result.short_metrics, result.short_targets) == (1, 1)


def test_without_any_figure_an_index_is_null_and_so_is_the_balance() -> None:
    result = card([row("nps", "long", 20.0)], target("nps", 40))
    assert (result.short_index, result.outcome_balance) == (None, None)


def test_customers_targets_stand_next_to_the_companys() -> None:
    result = card([row("nps", "long", 20.0), row("csat", "long", 40.0)], target("nps", 40, 50), target("csat", 80))
    assert (result.long_index, result.long_index_customer, result.short_index_customer) == (50, 40, None)


def test_a_target_that_names_the_department_wins_wherever_it_stands() -> None:
    own, general = target("nps", 10, department="sales"), target("nps", 40)
    other = target("nps", 99, department="it")
    for order in ((own, general, other), (general, own, other), (other, general, own)):
        assert TargetsByDepartment(order).of("sales") == {"nps": own}
        assert TargetsByDepartment(order).of("logistics") == {"nps": general}


def test_without_targets_there_is_nothing_to_weigh() -> None:
    result = card([row("nps", "long", 20.0)])
    assert (result.weight_balance, result.long_index) == (None, None)


def test_targets_of_weight_zero_do_not_divide_by_zero() -> None:
    result = card([row("nps", "long", 20.0)], target("nps", 40, weight=0.0))
    assert (result.weight_balance, result.long_index) == (None, None)


def test_cards_come_by_department() -> None:
    rows = [row("nps", "long", 1.0, department=name) for name in ("sales", "company", "it")]
    assert [result.department for result in scorecards(rows, ())] == ["company", "it", "sales"]


def test_an_index_has_the_interval_of_its_figures_and_the_fewest_observations_among_them() -> None:
    nps = replace(row("nps", "long", 20.0), ci_low=12.0, ci_high=28.0, n_eff=80.0)
    csat = replace(row("csat", "long", 80.0), ci_low=74.0, ci_high=200.0, n_eff=29.0)
    result = card([nps, csat], target("nps", 40), target("csat", 80))
    assert (result.long_ci_low, result.long_ci_high) == pytest.approx((75 - 10.68, 75 + 26.926), abs=1e-3)
    assert result.long_n_eff == 29
    assert (result.short_ci_low, result.short_ci_high, result.short_n_eff) == (None, None, None)
    assert card([nps, row("csat", "long", 80.0)], target("nps", 40), target("csat", 80)).long_ci_low is None
