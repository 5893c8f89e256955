"""Weekly figures: of each week by itself, and none where there is too little."""

from math import isnan, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.drift.subjects import Tally
from metrics.durations import WEEK_S
from metrics.governance.weeks import FIRST_MONDAY_S, Part, metrics_of, weekly_figures, whole_weeks
from tests.metrics.governance.given import law

SALES = Part("sales")


def test_figures_are_those_of_the_week_alone() -> None:
    weeks = [
        {"nps": Tally(10, 10, promoters=6, detractors=2), "visit": Tally(2, 400), "conversion": Tally(20, 20)},
        {"nps": Tally(5, 5, promoters=0, detractors=5), "visit": Tally(1, 100), "repeat_purchase": Tally(8, 8)},
    ]
    figures = weekly_figures({SALES: weeks})
    assert figures.weeks == 2
    assert figures.values[SALES, "nps"] == pytest.approx((40, -100))
    assert figures.values[SALES, "traffic"] == pytest.approx((log(401), log(101)))
    assert figures.values[SALES, "conversion_rate"] == pytest.approx((5, 0))
    assert (SALES, "csat") not in figures.values
    assert (Part("it"), "conversion_rate") not in weekly_figures({Part("it"): [{"visit": Tally(9, 9)}]}).values


def test_first_purchases_do_not_move_what_stands_for_the_repeat_rate() -> None:
    few, many = (
        weekly_figures({SALES: [{"conversion": Tally(n, n), "repeat_purchase": Tally(9, 9)}]}) for n in (10, 1_000)
    )
    assert few.values[SALES, "repeat_rate"] == many.values[SALES, "repeat_rate"] == pytest.approx((log(10),))


def test_before_the_first_event_nobody_counted_and_after_it_nothing_is_nothing() -> None:
    figures = weekly_figures({SALES: [{}, {"visit": Tally(1, 9)}, {}]}).values[SALES, "traffic"]
    assert isnan(figures[0])
    assert figures[1:] == pytest.approx((log(10), 0))


def test_four_answers_are_no_figure_of_a_week() -> None:
    figures = weekly_figures({SALES: [{"csat": Tally(4, 4, satisfied=4)}, {"csat": Tally(5, 5, satisfied=4)}]})
    assert isnan(figures.values[SALES, "csat"][0])
    assert figures.values[SALES, "csat"][1] == pytest.approx(80)
    assert weekly_figures({}).weeks == 0


def test_every_metric_is_of_one_term() -> None:
    assert (len(metrics_of("short")), len(metrics_of("long"))) == (4, 6)


@law
@given(st.integers(0, 2**32), st.integers(0, 10**8))
def test_whole_weeks_lie_within_and_leave_less_than_a_week_at_either_end(since_s: int, reach_s: int) -> None:
    first, end = whole_weeks(since_s, since_s + reach_s)
    starts, ends = FIRST_MONDAY_S + first * WEEK_S, FIRST_MONDAY_S + end * WEEK_S
    assert 0 <= starts - since_s < WEEK_S
    if end > first:
        assert 0 <= since_s + reach_s - ends < WEEK_S
    else:
        assert reach_s < 2 * WEEK_S
