import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.catalogue import METRICS
from metrics.figures.formulas import NO_DENOMINATOR, STALE, WARMING_UP, Figure, Ingredients, figure
from metrics.figures.sample_sizes import TOO_FEW
from metrics.figures.sums import Sums, merge

DAY = 86_400
WEEK = 7 * DAY
AT = 1000 * DAY


def of(n: int, last: int = AT - 60, **more: float) -> Sums:
    """Sums of n undecayed observations, first seen at second 0."""
    return Sums(**{"n": n, "w": n, "w2": n, "trials": n, "sizes": n, "first": 0, "last": last, **more})  # type: ignore[arg-type]


def found(metric: str, daily: Mapping[str, Mapping[int, float]] | None = None, **kinds: Sums) -> Figure:
    result = figure(METRICS[metric], Ingredients(kinds, daily or {}), AT, WEEK)
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
    assert result == Figure(50.0, result.ci, 100, 100.0, 0, AT - 60)
    assert result.ci == (pytest.approx(40.38, abs=0.01), pytest.approx(59.62, abs=0.01))


def test_ces_is_a_mean_with_its_own_spread_and_a_pseudo_answer() -> None:
    result = found("ces", ces=of(4 * 25, score=500.0, score_sq=2600.0))
    assert result.value == 5
    # By hand: m' = 504/101, v' = (2600 + 25)/101 - m'^2, half = t(100) * sqrt(v'/101).
    assert result.ci == (pytest.approx(4.78409, abs=1e-5), pytest.approx(5.19611, abs=1e-5))


def test_equal_scores_have_an_interval_all_the_same() -> None:
    ci = found("ces", ces=of(10, score=50.0, score_sq=249.9999999999)).ci
    assert ci is not None
    assert ci[0] < 4.6
    assert ci[1] > 5


def test_all_answers_of_one_customer_are_one_observation_in_n_eff() -> None:
    kinds = {"csat": of(100, satisfied=50.0)}
    # One customer gave 91 of them: (91)^2 instead of 91.
    result = figure(METRICS["csat"], Ingredients(kinds, {}, 91.0**2 - 91), AT, WEEK)
    assert result == Figure(None, None, 100, 100**2 / (9 + 91**2), 0, AT - 60, TOO_FEW)


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
    where = {"first": 0, "last": AT - 60}
    together = Sums(n=5, w=weight * 5, w2=weight * weight * 5, satisfied=weight * 5, **where)
    one_by_one = merge([Sums(n=1, w=weight, w2=weight * weight, satisfied=weight, **where)] * 5)
    for sums in (together, one_by_one):
        assert found("csat", csat=sums).suppressed == ""


@pytest.mark.parametrize("metric", ["nps", "csat", "ces"])
def test_an_answer_is_stale_three_half_lives_later_to_the_second(metric: str) -> None:
    fresh, stale = (of(9, last=AT - 3 * WEEK + later) for later in (1, 0))
    assert found(metric, None, **{metric: fresh}).suppressed == ""
    result = found(metric, None, **{metric: stale})
    assert result == Figure(None, None, 9, 9.0, 0, AT - 3 * WEEK, STALE)


def test_a_volume_is_stale_when_its_window_is_empty() -> None:
    gone = Sums(first=0, last=DAY)
    assert found("traffic", visit=gone) == Figure(None, None, 0, 0.0, 0, DAY, STALE)
    assert found("traffic", {"visit": {900: 9.0}}, visit=of(9, last=900 * DAY)).suppressed == ""


def test_a_volume_warms_up_for_a_day_to_the_second() -> None:
    for age, suppressed in ((DAY - 1, WARMING_UP), (DAY, "")):
        result = found("traffic", {"visit": {999: 9.0}}, visit=of(9, first=AT - age))
        assert (result.suppressed, result.value is None) == (suppressed, bool(suppressed))


def test_a_volume_counts_from_its_first_observation_or_the_begin_of_the_window() -> None:
    daily = {"visit": dict.fromkeys(range(930, 1000), 1.0)}
    old, young = (found("traffic", daily, visit=of(70, first=first)) for first in (0, AT - 70 * DAY))
    assert old.value == young.value
    younger = found("traffic", daily, visit=of(70, first=AT - 10 * DAY))
    assert younger.value is not None
    assert old.value is not None
    assert younger.value > old.value


def converted(visits: Mapping[int, float], bought: Mapping[int, float], **more: Any) -> Figure:
    daily = {"visit": visits, "conversion": bought}
    kinds = {"visit": of(int(sum(visits.values())), **more), "conversion": of(int(sum(bought.values())))}
    return found("conversion_rate", daily, **kinds)


def test_a_rate_without_visits_has_no_denominator() -> None:
    result = found("conversion_rate", conversion=of(9))
    assert result == Figure(None, None, 0, 0.0, None, AT - 60, NO_DENOMINATOR)
    result = found("conversion_rate", conversion=of(9, last=AT - 3 * WEEK))
    assert result == Figure(None, None, 0, 0.0, None, AT - 3 * WEEK, STALE)


def test_a_rate_is_the_ratio_of_its_days_and_may_be_above_a_hundred() -> None:
    days = range(990, 1000)
    assert converted(dict.fromkeys(days, 10.0), dict.fromkeys(days, 0.5)).value == pytest.approx(5)
    above = converted(dict.fromkeys(days, 2.0), {day: 3.0 + day % 2 for day in days})
    assert above.value == pytest.approx(175)
    assert above.ci is not None
    assert above.ci[0] < 175 < above.ci[1]
    assert above.n == 20


def test_a_rate_leaves_out_what_was_bought_before_visits_were_counted_and_after() -> None:
    visits = dict.fromkeys(range(990, 995), 10.0)
    bought = dict.fromkeys(range(980, 1000), 5.0)
    assert converted(visits, bought, first=990 * DAY + 60, last=994 * DAY + 60).value == pytest.approx(50)


def test_a_rate_up_to_a_hundred_is_never_surer_than_its_visits_allow() -> None:
    days = range(990, 1000)
    steady = converted(dict.fromkeys(days, 10.0), dict.fromkeys(days, 5.0))
    assert steady.ci == (pytest.approx(40.38, abs=0.01), pytest.approx(59.62, abs=0.01))


@settings(deadline=None)
@given(st.lists(st.floats(0.5, 1.0), min_size=30, max_size=60), st.randoms())
def test_as_many_conversions_as_visits_are_a_proportion(weights: list[float], chance: random.Random) -> None:
    visits = dict(enumerate(weights, start=900))
    ordered = sorted(weights)
    chance.shuffle(ordered)
    result = converted(visits, dict(enumerate(ordered, start=900)))
    assert result.value == pytest.approx(100)
    assert result.ci is not None


def test_shares_of_kinds_count_both_kinds() -> None:
    assert found("repeat_rate", repeat_purchase=of(25), conversion=of(75)).value == 25
    assert found("retention", renewal=of(30), churn=of(10)).value == 75
    assert found("retention", churn=of(10)).value == 0
    assert found("retention", renewal=of(10)).n == 10


def test_a_metric_without_observations_is_no_row() -> None:
    assert figure(METRICS["nps"], Ingredients({"csat": of(9)}), DAY, WEEK) is None
