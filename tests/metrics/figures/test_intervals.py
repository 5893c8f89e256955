import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.figures import intervals

shares = st.floats(0, 1)
sizes = st.floats(5, 1e6)


def test_wilson_as_published() -> None:
    # Newcombe 1998, Statistics in Medicine 17: 81 of 263 gives 0.2553 to 0.3662.
    low, high = intervals.wilson(81 / 263, 263)
    assert (low, high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))


@settings(deadline=None)
@given(shares, sizes)
def test_wilson_holds_its_share_and_stays_in_range(share: float, n_eff: float) -> None:
    low, high = intervals.wilson(share, n_eff)
    assert -1e-12 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1 + 1e-12


@settings(deadline=None)
@given(shares, shares, sizes)
def test_the_interval_of_an_nps_stays_on_the_scale_and_is_mirrored(up: float, down: float, n_eff: float) -> None:
    up, down = up / 2, down / 2
    low, high = intervals.adjusted_wald_nps(up, down, n_eff)
    assert -100 <= low <= high <= 100
    assert intervals.adjusted_wald_nps(down, up, n_eff) == (pytest.approx(-high), pytest.approx(-low))


@settings(deadline=None)
@given(shares, sizes)
def test_more_answers_narrow_an_interval(share: float, n_eff: float) -> None:
    low, high = intervals.wilson(share, n_eff)
    narrow_low, narrow_high = intervals.wilson(share, 4 * n_eff)
    assert narrow_high - narrow_low < high - low


def test_a_mean_is_clipped_to_its_scale() -> None:
    assert intervals.student_mean(1.1, 4.0, 5, 1, 7)[0] == 1
    assert intervals.student_mean(6.9, 4.0, 5, 1, 7)[1] == 7
