"""Rates and ratios by days, by hand; that their intervals hold is shown by simulation (bench.intervals)."""

from math import log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.figures.daily import exposure, rate_a_day, ratio
from metrics.figures.student import quantile

DAY = 86_400
FLAT = 1e9 * DAY  # a half-life beside which nothing decays


def test_exposure_is_the_integral_of_the_weights() -> None:
    week = 7 * DAY
    slow = sum(2.0 ** (-(30 * DAY - t) / week) * 60 for t in range(5 * DAY + 30, 30 * DAY, 60)) / DAY
    assert exposure(5 * DAY, 30 * DAY, 30 * DAY, week) == pytest.approx(slow, rel=1e-6)
    assert exposure(-1e15, 0, 0, week) == pytest.approx(7 / log(2))


def test_a_rate_by_hand() -> None:
    # Four days without decay: 1, 3, 0 and 4 make 2 a day, the errors are -1, 1, -2 and 2.
    value, ci = rate_a_day({0: 1.0, 1: 3.0, 3: 4.0}, 1.0, 0, 4 * DAY, FLAT)
    assert value == pytest.approx(2)
    half = quantile(3) * sqrt(10 / 16 * 4 / 3)
    x = half / 2
    assert ci == (0.0, pytest.approx(2 * (1 + x * x / 2 + x * sqrt(1 + x * x / 4))))


def test_days_that_are_all_alike_are_no_surer_than_poisson() -> None:
    value, ci = rate_a_day(dict.fromkeys(range(100), 4.0), 3.0, 0, 100 * DAY, FLAT)
    assert value == pytest.approx(4)
    assert ci is not None
    assert ci[0] == pytest.approx(4 - 1.959964 * sqrt(4 * 3 / 100))


def test_days_without_events_are_days() -> None:
    _, busy = rate_a_day({9: 9.0}, 1.0, 9 * DAY, 12 * DAY, FLAT)
    _, quiet = rate_a_day({0: 9.0}, 1.0, 0, 3 * DAY, FLAT)
    assert busy == pytest.approx(quiet)


@pytest.mark.parametrize(("days", "shown"), [(1.99, False), (2, True)])
def test_an_interval_takes_two_days(days: float, shown: bool) -> None:
    value, ci = rate_a_day({0: 5.0, 1: 5.0}, 1.0, 0, days * DAY, FLAT)
    assert value == pytest.approx(10 / days)
    assert (ci is not None) == shown


def test_a_ratio_by_hand() -> None:
    # 2 of 4, 3 of 4 and none of 4: 5/12, with errors 1/3, 4/3 and -5/3.
    value, ci = ratio({0: 2.0, 1: 3.0}, {0: 4.0, 1: 4.0, 2: 4.0})
    assert value == pytest.approx(5 / 12)
    x = quantile(2) * sqrt((1 + 16 + 25) / 9 / 144 * 3 / 2) / value
    assert ci == (0.0, pytest.approx(value * (1 + x * x / 2 + x * sqrt(1 + x * x / 4))))


def test_a_ratio_of_nothing_is_nothing_and_one_of_a_day_has_no_interval() -> None:
    assert ratio({}, {0: 1.0, 1: 1.0}) == (0.0, (0.0, 0.0))
    assert ratio({0: 1.0}, {0: 2.0}) == (0.5, None)


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 40), st.floats(0.1, 100), min_size=1), st.floats(2, 1e6))
def test_an_interval_holds_its_rate_and_stays_above_zero(daily: dict[int, float], half_life_s: float) -> None:
    value, ci = rate_a_day(daily, 1.0, 0, 41 * DAY, half_life_s)
    if ci is not None:
        assert 0 <= ci[0] <= value <= ci[1]
