from decimal import Decimal

from metrics.governance.attention import attention
from metrics.governance.cases import Case
from metrics.governance.counted import Counted
from metrics.governance.spend import Spend
from metrics.governance.terms import Attention
from metrics.registry import parse
from tests.metrics.registry_text import COMPANY_OF_TWO, touchpoint

REGISTRY = parse(
    COMPANY_OF_TWO
    + touchpoint("ad")
    + touchpoint("shop").replace('"before"', '"during"')
    + touchpoint("desk").replace('"before"', '"after"')
)


def test_cases_and_money_count_by_the_stage_of_their_touchpoint() -> None:
    cases = tuple(Case("it", 0, touchpoint=name) for name in ("ad", "shop", "desk", "desk", "undeclared"))
    spends = tuple(
        Spend("it", name, "x", currency, Decimal(amount))
        for name, currency, amount in (("ad", "EUR", 30), ("desk", "EUR", 10), ("desk", "USD", 5))
    )
    assert attention(REGISTRY, Counted(cases=cases, spends=spends)) == {
        "cases": Attention(1.5, 2.5, 4),
        "spend EUR": Attention(30, 10, 2),
        "spend USD": Attention(0, 5, 1),
    }


def test_alerts_count_by_the_term_of_their_metric_and_none_are_no_attention() -> None:
    assert attention(REGISTRY, Counted(alarms={"nps": 2, "csat": 1, "traffic": 4})) == {"alerts": Attention(4, 3, 7)}
    assert attention(REGISTRY, Counted()) == {}
