import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.drift.false_alarms import false_alarms
from metrics.drift.thresholds import Curve, Detector, delay, siegmund

KNOWN = Detector(k=0.1, step_sd=1.0, skew=0.0, baseline=1e12, freedom=1e12)


@pytest.mark.parametrize(("h", "k", "exact"), [(4, 0.5, 168), (5, 0.5, 465), (8, 0.25, 368), (10, 0.25, 1037)])
def test_run_lengths_are_those_of_the_tables(h: float, k: float, exact: float) -> None:
    assert siegmund(h, k) == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize("arl", [5_000, 50_000, 500_000])
def test_with_a_known_baseline_the_threshold_is_siegmunds(arl: float) -> None:
    assert siegmund(Curve(KNOWN, 1).threshold(1 / arl / 2), 0.1) == pytest.approx(arl, rel=0.15)


@pytest.mark.parametrize("side", [1, -1])
def test_a_threshold_has_the_false_alarms_asked_for(side: int) -> None:
    detector = Detector(k=0.12, step_sd=1.0, skew=-1.0, baseline=1000, freedom=150)
    for rate in (1e-3, 1e-4, 1e-5):
        assert false_alarms(detector, Curve(detector, side).threshold(rate), side) == pytest.approx(rate, rel=0.1)


def test_less_known_means_a_higher_threshold() -> None:
    rate = 1 / 20_000
    certain, guessed = (Curve(Detector(0.1, 1, 0, n, n / 7), 1).threshold(rate) for n in (1e6, 1000))
    assert guessed > 1.1 * certain


def test_the_side_of_the_long_tail_has_the_higher_threshold() -> None:
    detector = Detector(0.12, 1, 2.0, 1e6, 1e6)
    assert Curve(detector, 1).threshold(1e-5) > Curve(detector, -1).threshold(1e-5)


def test_a_strong_skew_away_from_the_side_is_no_error() -> None:
    assert 0 < false_alarms(Detector(0.5, 1, 5.0, 100, 10), 5, -1) < 0.1


def test_rates_beyond_the_curve_get_its_ends() -> None:
    curve = Curve(KNOWN, 1)
    assert curve.threshold(0.9) == pytest.approx(0.25)
    assert curve.threshold(1e-200) > 300


def test_an_nps_that_falls_from_25_to_10_is_found_in_about_190_answers() -> None:
    # 45 % promoters and 20 % detractors: sd 0.766, so 15 points are 0.196 sd.
    shift = 0.15 / 0.766
    h = Curve(KNOWN, 1).threshold(1 / 2_600 / 2)
    assert delay(h, shift / 2, shift) == pytest.approx(190, rel=0.05)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.03, 0.5), st.floats(1, 10), st.floats(-2, 2), st.floats(200, 1e5), st.floats(20, 500))
def test_thresholds_rise_as_false_alarms_get_rarer(
    k: float, step_sd: float, skew: float, baseline: float, freedom: float
) -> None:
    curve = Curve(Detector(k, step_sd, skew, baseline, freedom), 1)
    result = [curve.threshold(10**-power) for power in (2, 3, 4, 5, 6)]
    assert result == sorted(result)


def test_a_shift_of_the_reference_value_leaves_a_walk_without_direction() -> None:
    assert delay(5, 0.5, 0.5) == pytest.approx(6.166**2)


def test_a_rhythm_from_the_same_baseline_means_a_higher_threshold() -> None:
    certain = Detector(k=0.15, step_sd=3, skew=0, baseline=4000, freedom=1e6)
    guessed = Detector(k=0.15, step_sd=3, skew=0, baseline=4000, freedom=1e6, week=1000)
    thresholds = [Curve(detector, 1).threshold(1e-5) for detector in (certain, guessed)]
    assert thresholds[1] > 1.05 * thresholds[0]
