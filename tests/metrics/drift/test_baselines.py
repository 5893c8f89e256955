from dataclasses import replace
from math import sqrt

import pytest

from metrics.drift.baselines import LEAST_EXPECTED, Span, estimate, grouped, least_exposure, next_span, steps_of
from metrics.drift.overshoot import uneven
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.thresholds import Curve
from metrics.durations import DAY_S, HOUR_S, MONTH_S
from tests.metrics.drift.streams_of import HALF_HOUR_S, answers, baseline_of, visits

CSAT, TRAFFIC, RATE, NPS = (SUBJECTS[name] for name in ("csat", "traffic", "conversion_rate", "nps"))
LATE = 10**10


def test_the_first_baseline_is_of_the_first_thousand_answers() -> None:
    assert next_span(CSAT, answers(1, 1500, 0.75), [], None, LATE) == Span(
        HALF_HOUR_S - 60, 1000 * HALF_HOUR_S, "automatic"
    )


def test_a_thousand_answers_of_one_day_are_not_enough() -> None:
    crowded = [Observation(60 * (i + 1), 10, 7.0) for i in range(12 * 1440)]
    result = next_span(CSAT, crowded, [], None, LATE)
    assert result is not None
    assert result.end_s == 7 * DAY_S


def test_a_share_waits_for_the_rarer_answer() -> None:
    steps = [Observation(HALF_HOUR_S * (i + 1), 1, float(i % 100 != 0)) for i in range(5000)]
    result = next_span(CSAT, steps, [], None, LATE)
    assert result is not None
    assert result.end_s == HALF_HOUR_S * 2401
    assert next_span(CSAT, steps[:1500], [], None, LATE) is None


def test_a_volume_takes_four_whole_weeks() -> None:
    steps = visits(1, 40, 10)
    begin = steps[0].end_s - HOUR_S
    assert next_span(TRAFFIC, steps, [], None, LATE) == Span(begin, begin + 28 * DAY_S, "automatic")
    assert next_span(TRAFFIC, [step for step in steps if step.end_s < 27 * DAY_S], [], None, LATE) is None


def test_a_volume_that_pauses_at_the_end_of_four_weeks_is_taken_up_to_there() -> None:
    steps = [step for step in visits(1, 40, 10) if not 27 * DAY_S < step.end_s < 30 * DAY_S]
    result = next_span(TRAFFIC, steps, [], None, LATE)
    assert result is not None
    assert result.end_s - result.start_s == 28 * DAY_S


def test_nothing_begins_without_any_step() -> None:
    assert next_span(CSAT, [], [], None, LATE) is None


def test_a_change_of_ownership_before_enough_starts_over() -> None:
    change = 500 * HALF_HOUR_S
    result = next_span(CSAT, answers(1, 2000, 0.75), [change], None, LATE)
    assert result == Span(change, change + 1000 * HALF_HOUR_S, "automatic")


def test_a_change_of_ownership_after_a_baseline_brings_the_next_once_enough_has_come() -> None:
    first, change = Span(0, 1000 * HALF_HOUR_S, "automatic"), 1200 * HALF_HOUR_S
    steps = answers(1, 2300, 0.75)
    assert next_span(CSAT, steps, [change], first, LATE) == Span(change, change + 1000 * HALF_HOUR_S, "ownership")
    assert next_span(CSAT, steps[:2100], [change], first, LATE) is None
    assert next_span(CSAT, steps, [600 * HALF_HOUR_S], first, LATE) is None


def test_level_and_noise_are_those_of_the_answers() -> None:
    result = baseline_of("csat", answers(3, 4000, 0.75), 0, LATE)
    assert result.mean == pytest.approx(0.75, abs=0.03)
    assert result.sd == pytest.approx(sqrt(0.75 * 0.25), rel=0.15)
    assert result.skew == pytest.approx(-1.15, abs=0.3)
    assert result.step_sd == pytest.approx(1, rel=0.15)
    assert result.id == "sales/csat/1"
    assert result.per_month == pytest.approx(4000 / LATE * MONTH_S)


def test_answers_that_resemble_their_neighbours_have_a_greater_long_run_sd() -> None:
    lone = answers(3, 2000, 0.75)
    pairs = [Observation(step.end_s * 2 + offset, 1, step.total) for step in lone for offset in (0, 1800)]
    assert baseline_of("csat", pairs, 0, LATE).sd > 1.25 * baseline_of("csat", lone, 0, LATE).sd


def test_what_never_differs_has_no_baseline() -> None:
    steps = [Observation(HALF_HOUR_S * (i + 1), 1, 1.0) for i in range(2000)]
    assert estimate("sales", NPS, steps, Span(0, LATE, "request"), 1, LATE) is None


@pytest.mark.parametrize("subject", [TRAFFIC, RATE, NPS])
def test_nothing_has_no_baseline(subject: object) -> None:
    assert estimate("sales", subject, [], Span(0, 28 * DAY_S, "request"), 1, LATE) is None  # type: ignore[arg-type]


def test_too_few_steps_have_no_baseline() -> None:
    assert estimate("sales", CSAT, answers(1, 3, 0.5), Span(0, LATE, "request"), 1, LATE) is None


def test_a_volume_expects_what_its_rhythm_says() -> None:
    steps = visits(1, 40, 10)
    result = baseline_of("traffic", steps, 0, 28 * DAY_S)
    assert result.mean == pytest.approx(1)
    assert result.exposure == pytest.approx(sum(step.total for step in steps if step.end_s <= 28 * DAY_S))
    filled = steps_of(TRAFFIC, result.rhythm, steps, 28 * DAY_S, 29 * DAY_S)
    assert len(filled) == 24
    assert filled[12].exposure > 2 * filled[2].exposure


def test_hours_without_events_are_there_with_nothing() -> None:
    result = baseline_of("traffic", visits(1, 40, 10), 0, 28 * DAY_S)
    assert [step.total for step in steps_of(TRAFFIC, result.rhythm, [], 0, 3 * HOUR_S)] == [0, 0, 0]


def test_thin_hours_are_taken_together() -> None:
    assert grouped([Observation(1, 3, 1.0), Observation(2, 3, 0.0), Observation(3, 3, 0.0)], 5) == [
        Observation(2, 6, 1.0)
    ]
    assert least_exposure(RATE, 0.02) == pytest.approx(250)
    assert least_exposure(CSAT, 0.02) == 0


def test_the_reference_value_is_half_the_shift_within_what_is_safe() -> None:
    result = baseline_of("csat", answers(3, 4000, 0.75), 0, LATE)
    assert result.detector(CSAT, 10).k == pytest.approx(0.05 / result.sd)
    assert result.detector(CSAT, 50).k == 0.125
    assert result.detector(CSAT, 0.1).k == pytest.approx(3 / sqrt(4000))


def test_a_thin_volume_takes_as_many_whole_weeks_as_bring_four_hundred_events() -> None:
    steps = [Observation((i + 1) * HOUR_S, 0, float(i % 3 == 0)) for i in range(60 * 24)]
    assert next_span(TRAFFIC, steps, [], None, LATE) == Span(0, 56 * DAY_S, "automatic")
    assert next_span(TRAFFIC, steps[: 50 * 24], [], None, LATE) is None


def test_steps_that_make_up_for_their_neighbours_count_as_independent() -> None:
    turns = [Observation(HALF_HOUR_S * (i + 1), 1, float(i % 2)) for i in range(2000)]
    result = baseline_of("csat", turns, 0, LATE)
    assert 0.4 < result.sd < 0.5
    assert result.step_sd == pytest.approx(1, abs=0.1)


def test_busy_and_quiet_hours_pass_a_threshold_further_than_even_ones() -> None:
    steps = visits(2, 28, 10)
    result = baseline_of("traffic", steps, 0, 28 * DAY_S)
    hours = grouped(steps_of(TRAFFIC, result.rhythm, steps, 0, 28 * DAY_S), LEAST_EXPECTED)
    own = sqrt(sum((hour.total - hour.exposure) ** 2 for hour in hours) / len(hours))
    factor = uneven([hour.exposure for hour in hours])
    assert factor > 1.05
    # These hours do not resemble their neighbours: nothing else makes a step greater.
    assert result.step_sd * result.sd == pytest.approx(factor * own)


def test_what_is_counted_is_taken_to_be_as_skewed_as_log_normal_noise_of_its_variance() -> None:
    even = baseline_of("traffic", visits(5, 28, 10), 0, 28 * DAY_S)
    assert even.skew < 3 * even.sd / even.mean
    assert even.detector(TRAFFIC, 30).skew == pytest.approx(3 * even.sd / even.mean)
    # More than that is believed where a stretch shows it, and of answers what is there.
    crowded = replace(even, skew=50.0)
    assert crowded.detector(TRAFFIC, 30).skew == 50.0
    answered = baseline_of("csat", answers(3, 4000, 0.75), 0, LATE)
    assert answered.detector(CSAT, 10).skew == answered.skew < 0


def test_rises_of_a_volume_need_a_higher_threshold_than_falls() -> None:
    detector = baseline_of("traffic", visits(5, 28, 10), 0, 28 * DAY_S).detector(TRAFFIC, 30)
    up, down = (Curve(detector, side).threshold(1e-6) for side in (1, -1))
    assert up > 1.1 * down
