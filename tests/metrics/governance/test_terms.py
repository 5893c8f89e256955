import random

import pytest

from metrics.governance.estimates import NO_ESTIMATE
from metrics.governance.terms import (
    Attention,
    Weights,
    expectation_gap,
    lived_weight,
    weight_fell,
    weights,
)


def test_a_company_without_targets_or_attention_has_no_weight() -> None:
    assert weights([], {"cases": Attention(0, 0)}) == Weights(None, None, None)
    assert weights([("nps", 0.0)], {"cases": Attention(1, 1)}) == Weights(None, 0.5, None)


def test_the_unit_of_attention_does_not_weigh() -> None:
    assert lived_weight({"spend": Attention(9e6, 1e6), "cases": Attention(1, 1)}) == pytest.approx(0.3)


def test_a_fall_on_few_cases_raises_no_alert() -> None:
    assert not weight_fell({"cases": Attention(5, 15)}, {"cases": Attention(15, 5)})
    assert weight_fell({"cases": Attention(50, 150)}, {"cases": Attention(150, 50)})


def test_a_calm_company_hardly_ever_raises_an_alert() -> None:
    generator = random.Random(4)
    alerts = 0
    for _ in range(400):
        before, after = [sum(generator.random() < 0.6 for _ in range(100)) for _ in range(2)]
        alerts += weight_fell({"cases": Attention(100 - before, before)}, {"cases": Attention(100 - after, after)})
    assert alerts <= 2


def test_what_no_customer_answered_is_no_gap() -> None:
    result = expectation_gap("nps", 40, None, {})
    assert (result.learnt, result.gap) == (NO_ESTIMATE, NO_ESTIMATE)


def test_few_answers_have_a_gap_without_interval() -> None:
    result = expectation_gap("nps", 40, 55, {60.0: 3})
    assert (result.gap.value, result.gap.ci) == (-20, None)


def test_a_fall_of_weight_that_is_asked_for_again_and_again_is_reported_only_of_counted_kinds_in_both_periods() -> None:
    before, after = Attention(40, 160), Attention(110, 90)
    assert weight_fell({"cases": before, "alerts": before}, {"alerts": after})
    assert not weight_fell({"cases": before}, {"alerts": after})
    assert not weight_fell({"spend EUR": before}, {"spend EUR": after})
    assert not weight_fell({"cases": after}, {"cases": before})
    # 95 % would be enough once, and is not every five minutes.
    assert not weight_fell({"cases": Attention(40, 60)}, {"cases": Attention(60, 40)})
