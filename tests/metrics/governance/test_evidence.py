from math import erfc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.governance.estimates import Estimate, share
from metrics.governance.evidence import holm, of_z, p_value, sign_test

P_VALUES = st.lists(st.floats(0, 1), max_size=12)


def test_a_figure_whose_interval_touches_the_null_has_a_p_value_of_five_percent() -> None:
    assert p_value(Estimate(0.6, (0.5, 0.65), 100, 100.0), null=0.5) == pytest.approx(0.05, abs=1e-6)
    assert p_value(Estimate(0.4, (0.3, 0.5), 100, 100.0), null=0.5) == pytest.approx(0.05, abs=1e-6)


def test_a_figure_without_an_interval_or_a_value_proves_nothing() -> None:
    assert p_value(Estimate(3.0, None, 9, 9.0)) == p_value(Estimate(None, None, 0, 0.0)) == 1.0


def test_a_figure_without_any_spread_is_certain_unless_it_is_the_null() -> None:
    assert p_value(Estimate(3.0, (3.0, 3.0), 90, 90.0)) == 0.0
    assert p_value(Estimate(3.0, (3.0, 3.0), 90, 90.0), null=3.0) == 1.0


def test_the_p_value_of_a_share_is_that_of_the_score_test() -> None:
    z = (0.64 - 0.5) / (0.25 / 100) ** 0.5
    assert p_value(share(64, 100), null=0.5) == pytest.approx(erfc(z / 2**0.5), abs=0.002)


def test_the_sign_test_agrees_with_the_binomial_distribution() -> None:
    # Sum over k >= 60 of C(100, k) / 2^100, doubled.
    assert sign_test(60, 40) == pytest.approx(0.0569, abs=0.0015)
    assert sign_test(40, 60) == sign_test(60, 40)


@given(P_VALUES)
@settings(deadline=None)
def test_what_holds_among_many_questions_holds_alone_and_never_more_than_without_correction(found: list[float]) -> None:
    held = holm(found)
    assert all(p <= 0.05 for p, yes in zip(found, held, strict=True) if yes)
    smallest = [p <= 0.05 / len(found) for p in found]
    assert all(yes for yes, sure in zip(held, smallest, strict=True) if sure)


@given(P_VALUES, st.randoms())
@settings(deadline=None)
def test_the_order_of_the_questions_does_not_matter(found: list[float], random: object) -> None:
    order = list(range(len(found)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert [holm(found)[i] for i in order] == list(holm([found[i] for i in order]))


def test_z_of_two_is_a_p_value_of_four_and_a_half_percent() -> None:
    assert of_z(-2) == pytest.approx(0.0455, abs=1e-4)


def test_few_observations_need_more_than_the_normal_tail_says() -> None:
    gap = Estimate(1.0, (1 - 2.0452 / 3.6, 1 + 2.0452 / 3.6), 30, 30.0)
    assert p_value(gap, freedom=29) == pytest.approx(0.00117, rel=0.005)
    assert p_value(gap) < p_value(gap, freedom=29)
