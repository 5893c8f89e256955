import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.estimates import (
    NO_ESTIMATE,
    Estimate,
    Moments,
    difference,
    difference_of_shares,
    mean,
    median,
    moments,
    share,
)
from tests.known import known
from tests.metrics.governance.given import law

values = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


@law
@given(st.integers(0, 1_000), st.integers(1, 1_000))
def test_an_interval_of_a_share_holds_it_and_stays_in_range(part: int, more: int) -> None:
    estimate = share(part, part + more)
    assert estimate.value is not None
    assert estimate.ci is not None
    assert 0 <= estimate.ci[0] <= estimate.value <= estimate.ci[1] <= 1


def test_a_share_of_weighted_observations_takes_its_interval_from_the_effective_size() -> None:
    narrow, wide = share(50, 100), share(50, 100, n_eff=10)
    assert known(narrow.ci)[0] > known(wide.ci)[0]
    assert (wide.n, wide.n_eff) == (100, 10)


@law
@given(values, values)
def test_sums_of_parts_are_the_sums_of_the_whole(one: list[float], other: list[float]) -> None:
    whole, parts = moments([*one, *other]), moments(one) + moments(other)
    assert parts.n == whole.n
    assert parts.total == pytest.approx(whole.total, abs=1e-6)
    assert parts.squares == pytest.approx(whole.squares, abs=1e-6)


@law
@given(values, values)
def test_exchanging_two_groups_turns_their_difference_round(one: list[float], other: list[float]) -> None:
    there, back = difference(moments(one), moments(other)), difference(moments(other), moments(one))
    assert known(there.value) == pytest.approx(-known(back.value))
    if there.ci is not None:
        assert known(there.ci) == pytest.approx((-known(back.ci)[1], -known(back.ci)[0]))


def test_nothing_observed_is_no_figure() -> None:
    assert mean(Moments()) == NO_ESTIMATE
    assert median({}) == NO_ESTIMATE
    assert difference(Moments(), moments([1])) == Estimate(None, None, 1, 0.0)
    assert difference_of_shares((0, 0), (1, 2)) == Estimate(None, None, 2, 0.0)
    assert Moments().mean == 0.0
    assert Moments().variance == 0.0


def test_one_observation_has_no_interval() -> None:
    assert mean(moments([4])) == Estimate(4.0, None, 1, 1.0)
    assert difference(moments([4]), moments([1, 2])).ci is None
    assert median({4.0: 5}).ci is None


def test_a_difference_counts_only_beyond_its_noise_and_on_thirty_observations() -> None:
    assert Estimate(1.0, (0.5, 1.5), 90, 30.0).differs
    assert not Estimate(1.0, (0.5, 1.5), 90, 29.9).differs
    assert not Estimate(1.0, (-0.5, 1.5), 90, 30.0).differs
    assert not Estimate(1.0, None, 90, 30.0).differs
    assert NO_ESTIMATE.is_uncertain


def test_intervals_hold_the_truth_about_as_often_as_they_promise() -> None:
    generator = random.Random(7)
    held = [0, 0, 0]
    for _ in range(1_000):
        one = [generator.gauss(5, 2) for _ in range(12)]
        other = [generator.gauss(3, 1) for _ in range(9)]
        for i, (estimate, truth) in enumerate(
            (
                (mean(moments(one)), 5.0),
                (difference(moments(one), moments(other)), 2.0),
                (median(dict.fromkeys(one, 1)), 5.0),
            )
        ):
            held[i] += known(estimate.ci)[0] <= truth <= known(estimate.ci)[1]
    assert all(930 <= times <= 985 for times in held), held
