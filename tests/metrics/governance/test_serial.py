"""Means of observations in order of time: their errors and p-values hold though one week depends on the last."""

import numpy as np
import pytest

from metrics.governance.customers import Floats
from metrics.governance.serial import long_run_variance, serial_mean


def remembering(generator: np.random.Generator, n: int, memory: float) -> Floats:
    """Values of which each keeps a part of the one before."""
    values = generator.normal(size=n + 50)
    for position in range(1, len(values)):
        values[position] += memory * values[position - 1]
    return np.asarray(values[50:])


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
