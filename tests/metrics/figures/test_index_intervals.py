"""How well an index is known."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.figures.index_intervals import AttainedMetric, index_interval
from metrics.figures.intervals import wilson
from metrics.figures.scorecards import attainment

ATTAINED = st.tuples(st.floats(0, 150), st.floats(0, 60), st.floats(0, 60), st.floats(0.1, 9)).map(
    lambda drawn: (drawn[0], (max(0.0, drawn[0] - drawn[1]), min(150.0, drawn[0] + drawn[2])), drawn[3])
)
LONG = ("nps", "csat", "ces", "referrals", "repeat_rate", "retention")


def parts(drawn: list[tuple[float, tuple[float, float], float]], names: tuple[str, ...]) -> list[AttainedMetric]:
    return [
        AttainedMetric(name, weight, value, ci, 90.0) for name, (value, ci, weight) in zip(names, drawn, strict=False)
    ]


@given(st.lists(ATTAINED, min_size=1, max_size=6))
def test_it_holds_the_index_and_is_no_wider_than_all_errors_together(
    drawn: list[tuple[float, tuple[float, float], float]],
) -> None:
    of = parts(drawn, LONG)
    interval = index_interval(of)
    assert interval is not None
    weights = sum(part.weight for part in of)
    mean, low, high = (
        sum(part.weight * value for part, value in zip(of, values, strict=True)) / weights
        for values in ([p.value for p in of], [p.ci[0] for p in of if p.ci], [p.ci[1] for p in of if p.ci])
    )
    assert low - 1e-9 <= interval[0] <= mean + 1e-9
    assert mean - 1e-9 <= interval[1] <= high + 1e-9


def test_of_one_metric_it_is_that_of_its_attainment() -> None:
    assert index_interval([AttainedMetric("nps", 3.0, 80.0, (70.0, 95.0), 90.0)]) == (70.0, 95.0)


def test_a_part_without_an_interval_leaves_the_index_without_one() -> None:
    known = AttainedMetric("nps", 1.0, 80.0, (70.0, 90.0), 90.0)
    assert index_interval([known, AttainedMetric("csat", 0.1, 80.0, None, 4.0)]) is None
    assert index_interval([]) is None


def test_metrics_that_count_the_same_events_may_err_together_also_by_way_of_a_third() -> None:
    drawn = [(80.0, (70.0, 90.0), 1.0)] * 3
    assert index_interval(parts(drawn, ("traffic", "conversions", "conversion_rate"))) == pytest.approx((70, 90))
    apart = index_interval(parts(drawn, ("traffic", "conversions", "awareness")))
    assert apart == pytest.approx((80 - 10 / 3**0.5, 80 + 10 / 3**0.5))


def test_it_holds_the_true_index_in_about_95_of_100_surveys() -> None:
    draw, held, surveys = Random(7), 0, 2000
    truth, goals, weights = (0.7, 0.9), ((0.4, 0.8), (0.5, 0.95)), (2.0, 1.0)
    index = sum(w * attainment(p, *goal) for p, goal, w in zip(truth, goals, weights, strict=True)) / 3
    for _ in range(surveys):
        of = []
        for name, p, goal, weight in zip(("csat", "repeat_rate"), truth, goals, weights, strict=True):
            share = sum(draw.random() < p for _ in range(60)) / 60
            low, high = (attainment(end, *goal) for end in wilson(share, 60))
            of.append(AttainedMetric(name, weight, attainment(share, *goal), (low, high), 60.0))
        interval = index_interval(of)
        assert interval is not None
        held += interval[0] <= index <= interval[1]
    assert 0.93 <= held / surveys <= 0.97
