"""Student's distribution against published values, and against the density's integral where there are none."""

from math import erfc, exp, inf, lgamma, log, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.figures.student import quantile, upper_tail

# Whole degrees as in every table, here with the digits that R gives (qt(0.975, k)).
PUBLISHED = {
    1: 12.706204736174698, 2: 4.302652729749464, 3: 3.182446305283708, 5: 2.570581835636314, 10: 2.228138851986274,
    30: 2.042272456301238, 100: 1.983971518523552, 1000: 1.962339080826410,
}  # fmt: skip

# Degrees of freedom, tail and t of any printed table; those of 29 degrees from Fisher and Yates (1963), two-sided.
TABLE = [
    (1, 0.025, 12.706), (2, 0.05, 2.920), (3, 0.005, 5.841), (5, 0.005, 4.032), (8, 0.001, 4.501),
    (10, 0.0005, 4.587), (25, 0.025, 2.060), (29, 0.0005, 3.659), (29, 0.005, 2.756), (60, 0.05, 1.671),
    (inf, 0.025, 1.960), (inf, 0.0005, 3.291),
]  # fmt: skip


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


@pytest.mark.parametrize(("freedom", "tail", "t"), TABLE)
def test_the_tail_beyond_a_tabled_value_is_the_tabled_one(freedom: float, tail: float, t: float) -> None:
    assert upper_tail(t, freedom) == pytest.approx(tail, rel=4e-3)
    assert quantile(freedom, tail) == pytest.approx(t, abs=5.1e-4)


@settings(max_examples=80, deadline=None)
@given(st.floats(-60, 60), st.one_of(st.floats(0.5, 1e7), st.just(inf)))
def test_both_tails_make_one_and_a_quantile_has_its_tail(t: float, freedom: float) -> None:
    tail = upper_tail(t, freedom)
    assert tail + upper_tail(-t, freedom) == pytest.approx(1, abs=1e-12)
    if 1e-9 < tail < 0.4999:
        assert quantile(freedom, tail) == pytest.approx(t, rel=1e-7)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 1e7), st.floats(1e-3, 6))
def test_tails_are_heavier_than_the_normal_one_and_nothing_is_beyond_infinity(freedom: float, t: float) -> None:
    assert upper_tail(t, freedom) > erfc(t / 2**0.5) / 2
    assert (upper_tail(inf, freedom), upper_tail(0, freedom), upper_tail(-inf, freedom)) == (0, 0.5, 1)
