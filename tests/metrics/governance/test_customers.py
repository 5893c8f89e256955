"""In an interval a customer is one observation, however many answers."""

from collections.abc import Sequence
from math import fsum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.customers import Sample, difference_of_customers, pooled
from metrics.governance.estimates import NO_ESTIMATE, Estimate, difference, moments
from metrics.governance.transitions import CustomerAnswers
from tests.known import known
from tests.metrics.governance.given import law

answers = st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=4), min_size=2, max_size=12)


def by_customer(answers: Sequence[Sequence[float]], first: int = 0) -> Sample:
    """A list of answers for each customer; they are numbered from `first` on."""
    rows = [CustomerAnswers(first + n, len(some), fsum(some)) for n, some in enumerate(answers)]
    return pooled([(moments([one for some in answers for one in some]), rows)])


def alone(answers: Sequence[float]) -> Sample:
    return pooled([(moments(answers), ())])


def same(one: Estimate, other: Estimate) -> bool:
    ends = [(*known(item.ci), known(item.value), item.n_eff) for item in (one, other)]
    return ends[0] == pytest.approx(ends[1], abs=1e-6)


@law
@given(answers, answers)
def test_of_customers_who_answer_once_the_intervals_are_students_and_welchs(
    one: list[list[float]], other: list[list[float]]
) -> None:
    firsts, others = [some[0] for some in one], [some[0] for some in other]
    plain = difference(moments(firsts), moments(others))
    once = (by_customer([[value] for value in firsts]), by_customer([[value] for value in others], 99))
    assert same(difference_of_customers([once]), plain)
    assert same(difference_of_customers([(alone(firsts), alone(others))]), plain)


@law
@given(answers, answers, st.integers(2, 9))
def test_to_say_the_same_again_is_to_say_nothing(one: list[list[float]], other: list[list[float]], times: int) -> None:
    once = difference_of_customers([(by_customer(one), by_customer(other, 99))])
    again = [by_customer([some * times for some in many], first) for many, first in ((one, 0), (other, 99))]
    repeated = difference_of_customers([(again[0], again[1])])
    assert same(once, repeated)
    assert repeated.n == times * once.n


@law
@given(answers, answers)
def test_answers_counted_in_parts_are_the_same_answers(one: list[list[float]], other: list[list[float]]) -> None:
    parts = [[(moments(some), [CustomerAnswers(n, len(some), fsum(some))])] for n, some in enumerate(one)]
    whole, there = by_customer(one), by_customer(other, 99)
    together = pooled([group for part in parts for group in part])
    assert same(difference_of_customers([(whole, there)]), difference_of_customers([(together, there)]))


def test_who_answers_on_both_sides_alike_makes_no_difference() -> None:
    moods = np.random.default_rng(1).uniform(0, 1, 50).tolist()
    both = by_customer([[mood] for mood in moods])
    apart = difference_of_customers([(both, by_customer([[mood] for mood in moods], 99))])
    assert known(difference_of_customers([(both, both)]).ci) == pytest.approx((0, 0))
    assert known(apart.ci)[1] > 0.1


def test_with_one_customer_nothing_is_compared() -> None:
    one = by_customer([[0.5, 0.7]])
    assert difference_of_customers([(one, alone([0.1, 0.2]))]) == NO_ESTIMATE


def test_constants_differ_without_doubt() -> None:
    gap = difference_of_customers([(by_customer([[1.0, 1.0], [1.0]]), by_customer([[0.0], [0.0]], 99))])
    assert (gap.value, gap.ci) == (1.0, (1.0, 1.0))


def test_the_interval_holds_where_few_customers_give_most_answers_at_several_touchpoints() -> None:
    draw, held, without, rounds = np.random.default_rng(2), 0, 0, 400
    for _ in range(rounds):
        strata, plain = [], []
        moods = draw.normal(0, 1, 80)
        often = draw.pareto(1.5, 80) + 1
        for level in (0.2, 0.5):
            sides = []
            for side in (0, 1):
                counts = draw.poisson(np.minimum(often, 20) * (1 if side else (np.arange(80) % 2)))
                said = [(level + moods[n] + draw.normal(0, 1, counts[n])).tolist() for n in range(80)]
                rows = [CustomerAnswers(n, len(some), fsum(some)) for n, some in enumerate(said) if some]
                sides.append((moments([one for some in said for one in some]), rows))
            strata.append((pooled(sides[:1]), pooled(sides[1:])))
            plain.append((pooled([(sides[0][0], ())]), pooled([(sides[1][0], ())])))
        gap, naive = (known(difference_of_customers(of).ci) for of in (strata, plain))
        held += gap[0] <= 0 <= gap[1]
        without += naive[0] <= 0 <= naive[1]
    assert held / rounds >= 0.92
    assert without / rounds < 0.85
