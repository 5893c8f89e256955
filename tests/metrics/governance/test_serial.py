"""Means of observations in order of time: their errors and p-values hold though one week depends on the last."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.customers import Floats
from metrics.governance.serial import critical_value, long_run_variance, serial_mean, upper_tail
from tests.metrics.governance.given import law

# Published quantiles of Student's t: degrees of freedom, tail, t.
TABLE = [
    (1, 0.025, 12.706),
    (2, 0.05, 2.920),
    (3, 0.005, 5.841),
    (8, 0.001, 4.501),
    (25, 0.025, 2.060),
    (60, 0.05, 1.671),
]


def remembering(generator: np.random.Generator, n: int, memory: float) -> Floats:
    """Values of which each keeps a part of the one before."""
    values = generator.normal(size=n + 50)
    for position in range(1, len(values)):
        values[position] += memory * values[position - 1]
    return np.asarray(values[50:])


@pytest.mark.parametrize(("freedom", "tail", "t"), TABLE)
def test_the_distribution_is_that_of_published_tables(freedom: int, tail: float, t: float) -> None:
    assert upper_tail(t, freedom) == pytest.approx(tail, rel=2e-3)
    assert critical_value(tail, freedom) == pytest.approx(t, abs=1e-3)


@law
@given(st.floats(-50, 50), st.integers(1, 200))
def test_both_tails_make_one_and_a_quantile_has_its_tail(t: float, freedom: int) -> None:
    tail = upper_tail(t, freedom)
    assert tail + upper_tail(-t, freedom) == pytest.approx(1, abs=1e-12)
    if 1e-9 < tail < 1 - 1e-9:
        assert upper_tail(critical_value(tail, freedom), freedom) == pytest.approx(tail, abs=1e-9)


@pytest.mark.parametrize("memory", [0.0, 0.3])
def test_a_mean_of_nothing_is_above_nothing_as_rarely_as_promised(memory: float) -> None:
    generator = np.random.default_rng(1)
    p_values = np.array([serial_mean(remembering(generator, 60, memory)).p_above for _ in range(1_000)])
    assert 0.03 <= (p_values < 0.05).mean() <= 0.08
    assert (p_values < 0.002).mean() <= 0.006


def test_what_keeps_most_of_itself_has_a_greater_error_than_it_would_have_by_itself() -> None:
    values = remembering(np.random.default_rng(2), 300, 0.9)
    assert long_run_variance(values - values.mean())[0] > 1.5 * values.var()


def test_a_mean_without_error_is_above_nothing_or_not() -> None:
    assert serial_mean(np.full(9, 2.0)).p_above == 0
    assert serial_mean(np.zeros(9)).p_above == 1


def test_two_values_have_no_serial_mean() -> None:
    with pytest.raises(ValueError, match="2 values"):
        serial_mean(np.array([1.0, 2.0]))
