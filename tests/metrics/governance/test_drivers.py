"""Key drivers: what is planted is found with honest intervals, and where nothing is, nothing is claimed."""

from collections.abc import Sequence
from math import isnan
from random import Random

import numpy as np
import pytest

from metrics.governance.drivers import AnsweredJourney, KeyDrivers
from metrics.governance.drivers import key_drivers as with_rounds

SLOPES = (60.0, 30.0, 0.0, 0.0)
NULL = (0.0, 0.0, 0.0, 0.0)


def key_drivers(journeys: Sequence[AnsweredJourney]) -> KeyDrivers:
    """With few draws: what is asserted of shares here does not need them."""
    return with_rounds(journeys, rounds=40)


def company(seed: int, slopes: tuple[float, ...], customers: int = 250, repeats: int = 2) -> list[AnsweredJourney]:
    """Customers with several journeys each, of which the last word has much in common."""
    generator = np.random.default_rng(seed)
    journeys = []
    for customer in range(customers):
        grudge = generator.normal(0, 30)
        for _ in range(repeats):
            levels = generator.integers(0, 5, len(slopes)) / 4
            outcome = float(levels @ slopes) + grudge + generator.normal(0, 30)
            is_answered = generator.random(len(slopes)) < 0.7
            shown = {f"t{i}": float(level) for i, level in enumerate(levels) if is_answered[i]}
            journeys.append(AnsweredJourney(customer, outcome, shown))
    return journeys


def test_planted_drivers_are_found_in_their_order() -> None:
    found = key_drivers(company(1, SLOPES))
    assert [driver.touchpoint for driver in found.drivers if driver.is_driver] == ["t0", "t1"]
    assert [driver.touchpoint for driver in found.drivers[:2]] == ["t0", "t1"]
    assert found.predicts
    assert found.customers == 250


def test_the_parts_of_all_touchpoints_are_the_whole() -> None:
    found = key_drivers(company(2, SLOPES))
    assert sum(driver.share.value or 0.0 for driver in found.drivers) == pytest.approx(found.explained, abs=1e-9)
    assert all((driver.share.value or 0.0) >= -1e-9 for driver in found.drivers)


def test_without_anything_else_the_whole_is_the_r_squared_of_least_squares() -> None:
    journeys = [item for item in company(3, SLOPES) if item.levels]
    levels = np.array([[item.levels.get(f"t{i}", np.nan) for i in range(4)] for item in journeys])
    there = np.isnan(levels)
    table = np.hstack([np.ones((len(levels), 1)), np.where(there, 0, levels), there])
    outcome = np.array([item.outcome for item in journeys])
    left = outcome - table @ np.linalg.lstsq(table, outcome, rcond=None)[0]
    assert key_drivers(journeys).explained == pytest.approx(1 - left.var() / outcome.var(), abs=1e-7)


def test_intervals_of_slopes_hold_though_customers_repeat() -> None:
    """Of 120 companies with two drivers and two that are none: 480 intervals, of which 95 % should hold."""
    held = [
        driver.slope.ci is not None and driver.slope.ci[0] <= SLOPES[int(driver.touchpoint[1])] <= driver.slope.ci[1]
        for seed in range(120)
        for driver in key_drivers(company(seed, SLOPES, customers=120)).drivers
    ]
    assert len(held) == 480
    assert 0.92 <= sum(held) / len(held) <= 0.98


def test_where_no_touchpoint_matters_at_most_one_company_in_twenty_gets_a_claim() -> None:
    claims = [any(d.is_driver for d in key_drivers(company(seed, NULL, customers=120)).drivers) for seed in range(200)]
    assert sum(claims) / len(claims) <= 0.05


def test_repeats_of_one_customer_are_no_new_observations() -> None:
    """The same journeys of every customer ten times over: as wide as once."""
    once = company(4, SLOPES, repeats=1)
    one, many = key_drivers(once), key_drivers(once * 10)
    for driver, again in zip(one.drivers, many.drivers, strict=True):
        assert driver.slope.ci is not None
        assert again.slope.ci == pytest.approx(driver.slope.ci, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_journeys_does_not_matter(seed: int) -> None:
    journeys = company(5, SLOPES, customers=110)
    shuffled = journeys.copy()
    Random(seed).shuffle(shuffled)
    assert key_drivers(shuffled) == key_drivers(journeys)


def test_too_little_gives_no_figure() -> None:
    few = key_drivers(company(6, SLOPES, customers=99))
    assert (few.drivers, few.predicts) == ((), False)
    assert isnan(few.explained)
    same = key_drivers([AnsweredJourney(n, 100.0, {"t0": 0.5}) for n in range(200)])
    assert same.drivers == ()
    assert key_drivers([]).journeys == 0


def test_touchpoints_with_few_answers_and_those_after_the_tenth_are_left_out_by_name() -> None:
    journeys = company(7, (20.0,) * 12)
    rare = [AnsweredJourney(n, 0.0, {"rare": 1.0}) for n in range(29)]
    found = key_drivers(journeys + rare)
    assert len(found.drivers) == 10
    assert "rare" in found.left_out
    assert len(found.left_out) == 3


def test_touchpoints_that_are_always_answered_together_are_told_apart_by_their_levels() -> None:
    generator = np.random.default_rng(8)
    journeys = []
    for customer in range(300):
        a, b = generator.integers(0, 5, 2) / 4
        journeys.append(AnsweredJourney(customer, 80 * a + generator.normal(0, 20), {"a": float(a), "b": float(b)}))
    found = key_drivers(journeys)
    assert [driver.touchpoint for driver in found.drivers if driver.is_driver] == ["a"]
