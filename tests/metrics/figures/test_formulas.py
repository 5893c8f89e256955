import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.catalogue import METRICS
from metrics.figures.formulas import NO_DENOMINATOR, TOO_FEW, Figure, figure
from metrics.figures.sums import Sums, merge
from tests.known import known

DAY = 86_400.0
WEEK = 7 * DAY


def of(n: int, **more: float) -> Sums:
    """Sums of n undecayed observations, first seen at second 0."""
    return Sums(n=n, w=n, w2=n, first=0, **more)


def found(metric: str, **kinds: Sums) -> Figure:
    result = figure(METRICS[metric], kinds, 1000 * DAY, WEEK)
    assert result is not None
    return result


def test_nps_is_the_share_of_promoters_less_that_of_detractors() -> None:
    result = found("nps", nps=of(100, promoters=50.0, detractors=20.0))
    assert result.value == pytest.approx(30)
    # By hand: p' = 50.75/103, d' = 20.75/103, m' = 30/103, half = 1.959964 * sqrt((p' + d' - m'^2) / 103).
    assert result.ci == (pytest.approx(14.05, abs=0.01), pytest.approx(44.20, abs=0.01))


def test_nps_bounds_are_clipped_to_the_scale() -> None:
    result = found("nps", nps=of(5, promoters=5.0))
    assert result.ci is not None
    assert result.ci[1] <= 100
    assert found("nps", nps=of(5, detractors=5.0)).ci == (pytest.approx(-100, abs=0.0001), pytest.approx(-result.ci[0]))


def test_csat_is_the_top_two_boxes_with_wilsons_interval() -> None:
    result = found("csat", csat=of(100, satisfied=50.0))
    assert result == Figure(50.0, result.ci, 100, 100.0)
    assert result.ci == (pytest.approx(40.38, abs=0.01), pytest.approx(59.62, abs=0.01))


def test_ces_is_a_mean_with_its_own_spread() -> None:
    result = found("ces", ces=of(4 * 25, score=500.0, score_sq=2600.0))
    assert result.value == 5
    half = 1.959964 * math.sqrt(26 - 25) / 10
    assert result.ci == (pytest.approx(5 - half), pytest.approx(5 + half))


def test_a_spread_that_rounding_makes_negative_is_none() -> None:
    assert found("ces", ces=of(10, score=50.0, score_sq=249.9999999999)).ci == (5.0, 5.0)


def test_a_volume_is_a_rate_a_day_corrected_for_its_warm_up() -> None:
    steady = Sums(n=1000, w=10 * 7 / math.log(2), w2=1.0, first=0)
    assert found("traffic", visit=steady).value == pytest.approx(10)
    young = figure(METRICS["traffic"], {"visit": Sums(n=10, w=10.0, w2=10.0, first=0)}, DAY, WEEK)
    assert young is not None
    assert young.value == pytest.approx(10 * math.log(2) / 7 / (1 - 2 ** (-1 / 7)))


def test_a_volume_is_at_least_a_minute_old() -> None:
    result = figure(METRICS["referrals"], {"referral": of(1)}, 0.0, WEEK)
    assert result is not None
    assert result.value == pytest.approx(math.log(2) / 7 / (1 - 2 ** (-60 / WEEK)))
    assert known(result.ci) == (0.0, pytest.approx((1 + 1.959964) * known(result.value)))


@pytest.mark.parametrize(("n", "suppressed"), [(4, TOO_FEW), (5, "")])
def test_a_ratio_of_fewer_than_five_effective_answers_is_not_shown(n: int, suppressed: str) -> None:
    result = found("csat", csat=of(n, satisfied=float(n)))
    assert result.suppressed == suppressed
    assert (result.value is None) == (result.ci is None) == bool(suppressed)
    assert (result.n, result.n_eff) == (n, n)


@settings(deadline=None)
@given(st.floats(1e-3, 1.0))
def test_five_answers_of_one_minute_are_five_whatever_their_age(weight: float) -> None:
    # In floating point W^2/W2 is below 5 for a quarter of all weights.
    together = Sums(n=5, w=weight * 5, w2=weight * weight * 5, satisfied=weight * 5)
    one_by_one = merge([Sums(n=1, w=weight, w2=weight * weight, satisfied=weight)] * 5)
    for sums in (together, one_by_one):
        assert found("csat", csat=sums).suppressed == ""


@settings(deadline=None)
@given(st.lists(st.floats(0.5, 1.0), min_size=30, max_size=60), st.randoms())
def test_as_many_conversions_as_visits_are_a_proportion(weights: list[float], chance: random.Random) -> None:
    visits = merge(Sums(n=1, w=w, w2=w * w) for w in weights)
    chance.shuffle(weights)
    result = found("conversion_rate", visit=visits, conversion=merge(Sums(n=1, w=w, w2=w * w) for w in weights))
    assert result.value == pytest.approx(100)
    assert result.ci is not None


def test_a_volume_is_never_suppressed() -> None:
    assert found("conversions", conversion=of(1)).suppressed == ""


def test_a_rate_without_visits_has_no_denominator() -> None:
    assert found("conversion_rate", conversion=of(9)) == Figure(None, None, 0, 0.0, NO_DENOMINATOR)


def test_a_rate_counts_visits_and_has_no_interval_above_a_hundred() -> None:
    assert found("conversion_rate", conversion=of(5), visit=of(100)).value == 5
    above = found("conversion_rate", conversion=of(30), visit=of(20))
    assert (above.value, above.ci, above.n) == (150, None, 20)


def test_shares_of_kinds_count_both_kinds() -> None:
    assert found("repeat_rate", repeat_purchase=of(25), conversion=of(75)).value == 25
    assert found("retention", renewal=of(30), churn=of(10)).value == 75
    assert found("retention", churn=of(10)).value == 0
    assert found("retention", renewal=of(10)).n == 10


def test_a_metric_without_observations_is_no_row() -> None:
    assert figure(METRICS["nps"], {"csat": of(9)}, DAY, WEEK) is None


def test_weights_that_have_vanished_do_no_harm() -> None:
    gone = Sums(first=0)
    assert found("csat", csat=gone).suppressed == NO_DENOMINATOR
    assert found("traffic", visit=gone) == Figure(0.0, None, 0, 0.0)
