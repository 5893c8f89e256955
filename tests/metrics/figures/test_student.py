"""Student's quantile against published values, and against the density's integral where there are none."""

from math import exp, lgamma, log, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.figures.student import quantile

# Whole degrees as in every table, here with the digits that R gives (qt(0.975, k)).
PUBLISHED = {
    1: 12.706204736174698, 2: 4.302652729749464, 3: 3.182446305283708, 5: 2.570581835636314, 10: 2.228138851986274,
    30: 2.042272456301238, 100: 1.983971518523552, 1000: 1.962339080826410,
}  # fmt: skip


@pytest.mark.parametrize(("freedom", "published"), PUBLISHED.items())
def test_whole_degrees_are_as_published(freedom: int, published: float) -> None:
    assert quantile(freedom) == pytest.approx(published, rel=1e-11)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 800))
def test_between_the_two_quantiles_lies_95_percent_for_any_degrees(freedom: float) -> None:
    scale = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(freedom * pi) / 2)
    steps, high = 20_000, quantile(freedom)
    height = [scale * (1 + (high * i / steps) ** 2 / freedom) ** (-(freedom + 1) / 2) for i in range(steps + 1)]
    simpson = (height[0] + height[-1] + 4 * sum(height[1::2]) + 2 * sum(height[2:-1:2])) * high / steps / 3
    assert simpson == pytest.approx(0.475, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 1e6), st.floats(1e-3, 1e6))
def test_more_degrees_make_it_smaller_down_to_the_normal_quantile(freedom: float, more: float) -> None:
    assert quantile(freedom) >= quantile(freedom + more) >= 1.9599639845400
