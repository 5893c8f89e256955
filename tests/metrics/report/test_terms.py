from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from metrics.catalogue import METRICS
from metrics.figures.balances import Balance
from metrics.figures.scorecards import scorecards
from metrics.governance.counted import Counted
from metrics.governance.spend import Promoters, Spend
from metrics.report.findings import Finding
from metrics.report.terms import money, on_target, terms
from tests.metrics.registry_text import TARGETS
from tests.metrics.report.given import AT_S, SHOP, WEB, decided, material, registry

OF = registry(WEB + SHOP + TARGETS)
AT = datetime.fromtimestamp(AT_S, UTC)


def figures(department: str, half: float = 2.0, n_eff: float = 80.0, **values: float) -> list[Balance]:
    return [
        Balance(
            AT,
            "as_was",
            department,
            metric,
            METRICS[metric].term,
            METRICS[metric].term,
            value,
            value - half,
            value + half,
            90,
            n_eff,
            "",
        )
        for metric, value in values.items()
    ]


def said(now: list[Balance], earlier: list[Balance], counted: Counted | None = None) -> list[Finding]:
    return decided(list(terms(material(OF, counted, balances=now, earlier=earlier))))


def test_a_short_term_that_rises_while_the_long_term_falls_is_myopia() -> None:
    found = said(figures("it", nps=10, traffic=40), figures("it", nps=30, traffic=20))
    assert [one.kind for one in found] == ["myopia", "balance"]
    assert found[0].estimate is not None
    assert found[0].estimate.value == pytest.approx(-50)
    assert found[0].against == pytest.approx(50)


@pytest.mark.parametrize(
    ("now", "half"),
    [({"nps": 30, "traffic": 40}, 2.0), ({"nps": 10, "traffic": 20}, 2.0), ({"nps": 10, "traffic": 40}, 40.0)],
)
def test_one_of_both_alone_or_noise_is_not(now: dict[str, float], half: float) -> None:
    found = said(figures("it", half, **now), figures("it", half, nps=30, traffic=20))
    assert [one.kind for one in found] == ["balance"]


def test_on_few_observations_nobody_is_called_myopic() -> None:
    found = said(figures("it", n_eff=29, nps=10, traffic=40), figures("it", nps=30, traffic=20))
    assert [one.kind for one in found] == ["balance"]
    assert found[0].is_uncertain


def test_the_company_has_a_balance_and_no_myopia_and_departments_that_lean_most_come_first() -> None:
    now = [
        *figures("company", nps=10, traffic=40),
        *figures("it", nps=20, traffic=20),
        *figures("sales", nps=10, traffic=40),
    ]
    found = said(now, figures("company", nps=30, traffic=20))
    assert [(one.kind, one.department) for one in found] == [("balance", name) for name in ("company", "sales", "it")]
    assert found[1].estimate is not None
    assert found[1].estimate.value == pytest.approx(25 - 100)
    assert found[1].estimate.n == 90


def test_a_department_without_figures_of_both_terms_has_no_balance() -> None:
    assert said(figures("it", nps=10), []) == []


def test_the_weight_lived_stands_beside_the_weight_declared() -> None:
    counted = Counted(alarms={"nps": 10, "traffic": 30})
    [found] = said([], [], counted)
    assert (found.kind, found.against) == ("weight_lived", 0.5)
    assert found.estimate is not None
    assert (found.estimate.value, found.estimate.n) == (0.25, 40)


SPENT = (Spend("it", "web", "rework", "EUR", Decimal(300)), Spend("it", "web", "surveys", "EUR", Decimal(100)))


def test_hidden_spend_is_told_from_a_quarter_on() -> None:
    of = replace(OF, spend=replace(OF.spend, declared=("surveys",), hidden=("rework",)))
    [found] = money(material(of, Counted(spends=SPENT)))
    assert (found.kind, found.other) == ("hidden_spend", "EUR")
    other = replace(OF, spend=replace(OF.spend, declared=("rework",), hidden=("nothing",)))
    assert list(money(material(other, Counted(spends=SPENT)))) == []


def test_the_cost_of_a_promoter_is_told_by_touchpoint_where_it_is_known() -> None:
    gained = Promoters((300, 1000), (450, 1000), 2000)
    found = list(money(material(OF, Counted(spends=SPENT, promoters={"web": gained, "department it": gained}))))
    assert [(one.kind, one.touchpoint, one.other) for one in found] == [("cost_per_promoter", "web", "EUR")]
    few = Promoters((3, 10), (4, 10), 20)
    assert list(money(material(OF, Counted(spends=SPENT, promoters={"web": few})))) == []


def test_a_department_on_target_in_both_terms_is_good_news() -> None:
    rows = [
        *figures("it", nps=50, traffic=44),
        *figures("sales", nps=50, traffic=4),
        *figures("company", nps=50, traffic=50),
    ]
    cards = [*scorecards(rows, OF.targets), *scorecards(figures("art", nps=50), OF.targets)]
    found = list(on_target(material(OF, balances=rows, cards=cards)))
    assert [(one.kind, one.department) for one in found] == [("on_target", "it")]
    assert found[0].estimate is not None
    assert found[0].estimate.value == pytest.approx(110)
