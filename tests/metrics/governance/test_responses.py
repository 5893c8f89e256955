"""Responses: the interval holds the planted one, whatever either series keeps of itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.customers import Floats
from metrics.governance.responses import response
from tests.known import known
from tests.metrics.governance.given import law
from tests.metrics.governance.test_serial import remembering

LAG = 4


def related(generator: np.random.Generator, slope: float, memory: float, weeks: int = 90) -> tuple[Floats, Floats]:
    leader, series = (remembering(generator, weeks + LAG, memory) for _ in range(2))
    series[LAG:] += slope * leader[:-LAG]
    return series[LAG:], leader[LAG:]


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_the_interval_holds_the_planted_response(memory: float) -> None:
    generator = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        result = known(response(*related(generator, -1.0, memory), LAG))
        held += result.low <= -1 <= result.high
    assert held >= 285  # 95 %; at one lag alone it holds more often, as the choice of the lag is paid for


def test_the_recent_rise_is_what_the_past_did_not_foretell() -> None:
    series, leader = related(np.random.default_rng(2), 1.0, 0.5)
    risen = leader.copy()
    risen[-LAG:] += [3.0, 4.5, 5.25, 5.625]  # three more each week, half of which is kept
    before, after = (known(response(series, one, LAG)).recent for one in (leader, risen))
    assert after - before == pytest.approx(3, abs=1)


def test_too_few_weeks_and_a_leader_that_never_surprises_have_no_response() -> None:
    series, leader = related(np.random.default_rng(3), 1.0, 0.0)
    assert response(series, np.ones(len(series)), LAG) is None
    assert response(series[:45], leader[:45], LAG) is None
    assert response(series[:46], leader[:46], LAG) is not None


@law
@given(st.integers(0, 1_000), st.floats(-10, 10), st.floats(0.1, 10))
def test_a_response_is_in_the_unit_of_the_series_for_one_of_the_leader(seed: int, level: float, unit: float) -> None:
    series, leader = related(np.random.default_rng(seed), 1.0, 0.5)
    plain, other = known(response(series, leader, LAG)), known(response(unit * series + level, leader / unit, LAG))
    assert [figure / unit**2 for figure in other[:3]] == pytest.approx(list(plain[:3]), rel=1e-6, abs=1e-9)
    assert other.recent * unit == pytest.approx(plain.recent, rel=1e-6, abs=1e-9)
