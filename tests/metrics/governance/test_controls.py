"""Synthetic controls by week: a week before the change is compared with a control that has not seen it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.controls import Compared, WeeklyMeans, compared
from tests.metrics.governance.given import law

BEFORE, AFTER, NOISE = 8, 4, 0.04


def units(seed: int, number: int = 7) -> list[WeeklyMeans]:
    generator = np.random.default_rng(seed)
    tide = np.cumsum(generator.normal(0, 0.05, BEFORE + AFTER))
    return [
        WeeklyMeans(
            0.5 + generator.normal(1, 0.5) * tide + generator.normal(0, 0.03, BEFORE + AFTER),
            1 / generator.integers(20, 90, BEFORE + AFTER),
        )
        for _ in range(number)
    ]


def first_against_others(some: list[WeeklyMeans]) -> Compared:
    [found] = compared([some[0]], [some[1:]], BEFORE, NOISE)
    return found


@law
@given(st.integers(0, 1_000), st.integers(0, BEFORE - 1), st.floats(-1, 1))
def test_what_happens_in_one_week_before_the_change_is_wholly_in_that_weeks_gap(
    seed: int, week: int, moved: float
) -> None:
    """A control that has seen the week would have followed it in part."""
    some = units(seed)
    means = some[0].means.copy()
    means[week] += moved
    plain, other = first_against_others(some), first_against_others([WeeklyMeans(means, some[0].inverse), *some[1:]])
    assert other.gaps[week] - plain.gaps[week] == pytest.approx(moved, abs=1e-9)
    assert other.errors[week] == pytest.approx(plain.errors[week])


@law
@given(st.integers(0, 1_000))
def test_the_effect_is_the_mean_of_the_weeks_after_and_is_surer_than_any_of_them(seed: int) -> None:
    found = first_against_others(units(seed))
    assert found.effect == pytest.approx(found.gaps[BEFORE:].mean())
    assert found.error < found.errors[BEFORE:].min()
    assert found.size == pytest.approx(found.effect / found.error)


def test_units_are_compared_each_with_its_own_donors() -> None:
    some = units(4)
    rest = [[*some[:n], *some[n + 1 :]] for n in range(len(some))]
    at_once = compared(some, rest, BEFORE, NOISE)
    for unit, donors, found in zip(some, rest, at_once, strict=True):
        [alone] = compared([unit], [donors], BEFORE, NOISE)
        assert alone.gaps == pytest.approx(found.gaps)
        assert alone.errors == pytest.approx(found.errors)
