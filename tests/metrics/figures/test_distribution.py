"""How people answered: stretches of a period, and what is counted in each."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from metrics.durations import DAY_S, MINUTE_S
from metrics.figures.distribution import (
    ANSWERS_OF,
    MOST_STRETCHES,
    AnswersOfStretch,
    DistributionQuestion,
    stretch_bounds,
    stretches,
)

starts = st.floats(min_value=0, max_value=4e9)
lengths = st.floats(min_value=1, max_value=20 * 366 * DAY_S)


@given(start=starts, length=lengths, points=st.none() | st.integers(1, MOST_STRETCHES))
def test_stretches_cover_the_period_and_are_no_more_than_one_answer_holds(
    start: float, length: float, points: int | None
) -> None:
    bounds = stretch_bounds(start, start + length, points)
    assert 2 <= len(bounds) <= (points or MOST_STRETCHES) + 1
    assert all(bound % MINUTE_S == 0 for bound in bounds)
    assert all(one < other for one, other in pairwise(bounds))
    assert bounds[0] <= start < bounds[0] + MINUTE_S
    assert bounds[-1] in (
        int((start + length) // MINUTE_S) * MINUTE_S, bounds[0] + MINUTE_S,
    )  # fmt: skip


def test_days_become_weeks_where_the_period_is_longer() -> None:
    assert {b - a for a, b in pairwise(stretch_bounds(0, 35 * DAY_S, None))} == {DAY_S}
    assert {b - a for a, b in pairwise(stretch_bounds(0, 91 * DAY_S, None))} == {7 * DAY_S}


def test_answers_are_added_and_too_few_are_not_told_apart() -> None:
    question = DistributionQuestion("sales", ("nps", "csat", "ces"), "as_was", (0, 60, 120))
    observed = [("csat", 1, 4, 3), ("csat", 1, 0, 1), ("csat", 1, 4, 1), ("csat", 2, 2, 4)]
    assert stretches(question, observed) == [  # type: ignore[arg-type]
        AnswersOfStretch("csat", 0, 60, 5, "", (1, 0, 0, 0, 4)),
        AnswersOfStretch("csat", 60, 120, 4, "n_eff<5", None),
    ]


def test_a_metric_keeps_its_stretches_without_answers_and_one_without_any_has_none() -> None:
    question = DistributionQuestion("sales", ("nps", "ces"), "as_was", (0, 60, 120, 180))
    found = stretches(question, [("ces", 3, 6, 9)])
    assert [(item.metric, item.start_s, item.n) for item in found] == [("ces", 0, 0), ("ces", 60, 0), ("ces", 120, 9)]
    assert found[-1].counts is not None
    assert len(found[-1].counts) == len(ANSWERS_OF["ces"]) == 7
