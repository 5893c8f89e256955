from math import expm1, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.calibrate.worlds import season
from metrics.drift.overshoot import jump, uneven
from metrics.drift.thresholds import OVERSHOOT

EXPOSURES = st.lists(st.floats(0.01, 1e4), min_size=1, max_size=30)
WEEK = season(7 * 24).tolist()


@given(st.floats(0.01, 1e4), st.integers(1, 200))
def test_even_steps_pass_a_barrier_as_siegmund_says(exposure: float, count: int) -> None:
    assert uneven([exposure] * count) == pytest.approx(1)


@given(EXPOSURES, st.randoms(use_true_random=False), st.floats(0.001, 1000))
def test_neither_order_nor_unit_nor_number_of_weeks_changes_how_uneven_steps_are(
    exposures: list[float], random: object, unit: float
) -> None:
    mixed = list(exposures)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    expected = pytest.approx(uneven(exposures))
    assert uneven(mixed) == expected
    assert uneven([unit * exposure for exposure in exposures]) == expected
    assert uneven(exposures * 3) == expected


@given(EXPOSURES)
def test_uneven_steps_never_pass_a_barrier_by_less_than_even_ones(exposures: list[float]) -> None:
    # Nor by more than if each were the busiest.
    most = sqrt(max(exposures) * len(exposures) / sum(exposures))
    assert 1 - 1e-9 <= uneven(exposures) <= most * (1 + 1e-9)


@given(EXPOSURES, st.integers(0, 50))
def test_steps_in_which_nothing_can_come_change_nothing(exposures: list[float], empty: int) -> None:
    def of(steps: list[float]) -> float:
        return jump(sqrt(sum(steps) / len(steps)), 1.0, steps)

    assert of([*exposures, *[0.0] * empty]) == pytest.approx(of(exposures))


def test_steps_that_resemble_their_neighbours_pass_a_barrier_further() -> None:
    assert jump(2.0, 3.0, [1, 1]) == pytest.approx(2 * (1 + 2 * sqrt(np.pi / 2)))
    # Neighbours that make up for each other count as independent.
    assert jump(2.0, 0.5, [1, 1]) == 2.0


@pytest.mark.parametrize("exposures", [[40.0] * 168, [40 * share for share in WEEK]], ids=["even", "week"])
def test_alarms_come_as_often_as_the_overshoot_of_uneven_steps_says(exposures: list[float]) -> None:
    h, k, streams, weeks = 30.0, 0.02, 1000, 24
    rng = np.random.default_rng(1)
    statistic, alarms = np.zeros(streams), 0
    for exposure in exposures * weeks:
        noise = sqrt(exposure) * rng.standard_normal(streams)
        statistic = np.maximum(0, statistic + noise - k * exposure)
        alarms += int((statistic > h).sum())
        statistic[statistic > h] = 0
    measured = sum(exposures) * weeks * streams / alarms

    def expected(step_sd: float) -> float:
        x = 2 * k * (h + OVERSHOOT * step_sd)
        return (expm1(x) - x) / (2 * k * k)

    mean_sd = sqrt(sum(exposures) / len(exposures))
    assert measured == pytest.approx(expected(jump(mean_sd, 1.0, exposures)), rel=0.02)
    if len(set(exposures)) > 1:
        assert measured > 1.03 * expected(mean_sd)
