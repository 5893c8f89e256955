from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.drift.subjects import Observation
from metrics.drift.volumes import NOTHING, DaySum, PackedDays, days_of, month_after, month_of, months_between, per_month
from metrics.durations import DAY_S, MINUTE_S, MONTH_S
from tests.metrics.drift.streams_of import HALF_HOUR_S, answers, baseline_of

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (int(datetime(2026, m, 1, tzinfo=UTC).timestamp()) for m in range(1, 6))
MADE = baseline_of("csat", answers(5, 1000, 0.75), 0, 1000 * HALF_HOUR_S)
OLD = replace(MADE, start_s=JANUARY, end_s=JANUARY + 20 * DAY_S, valid_from_s=JANUARY + 20 * DAY_S)


def test_months_are_those_of_the_calendar_in_utc() -> None:
    assert list(months_between(JANUARY, MARCH)) == [FEBRUARY, MARCH]
    assert month_of(FEBRUARY - 1) == JANUARY
    december = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
    assert month_after(december) == int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())


def test_a_minute_belongs_to_the_day_in_which_it_begins() -> None:
    steps = [Observation(FEBRUARY, 2, 1), Observation(FEBRUARY + MINUTE_S, 3, 0), Observation(FEBRUARY + DAY_S, 1, 1)]
    assert days_of(steps, MINUTE_S) == {FEBRUARY - DAY_S: DaySum(2, 1), FEBRUARY: DaySum(4, 1)}


@given(st.lists(st.integers(0, 150 * 1440), unique=True, max_size=60), st.integers(0, 150 * 1440))
def test_days_from_a_checkpoint_on_are_those_from_the_beginning(minutes: list[int], cut: int) -> None:
    steps = [Observation(JANUARY + MINUTE_S * (minute + 1), 1 + minute % 3, 0) for minute in sorted(minutes)]
    cut_s = JANUARY + MINUTE_S * cut
    earlier = days_of(steps, MINUTE_S, cut_s)
    # What a checkpoint has already counted may come once more.
    assert days_of(steps, MINUTE_S, earlier=earlier, after_s=cut_s) == days_of(steps, MINUTE_S)


def test_the_last_three_whole_months_count_and_the_one_that_runs_does_not() -> None:
    days = {JANUARY: DaySum(310, 0), FEBRUARY: DaySum(500, 9), MARCH - DAY_S: DaySum(60, 0), MARCH: DaySum(930, 0)}
    days[APRIL] = DaySum(1e9, 0)
    mean = (10 + 20 + 30) / 3 * MONTH_S / DAY_S
    assert per_month(OLD, days, APRIL) == pytest.approx(mean)
    assert per_month(OLD, days, MAY - 1) == pytest.approx(mean)


def test_a_month_that_is_not_there_counts_with_the_rate_of_the_baseline() -> None:
    own = OLD.per_month
    assert per_month(OLD, {}, MAY) == pytest.approx(own)
    # January began before the stretch of this one: of that month not all is the department's.
    later = replace(OLD, start_s=JANUARY + 1)
    days = {JANUARY: DaySum(1e6, 0), FEBRUARY: DaySum(280, 0)}
    assert per_month(later, days, MARCH) == pytest.approx((2 * later.per_month + 10 * MONTH_S / DAY_S) / 3)


@given(st.dictionaries(st.integers(0, 400).map(lambda day: day * DAY_S), st.builds(DaySum, st.floats(0), st.floats(0))))
def test_packed_days_are_the_same_days(days: dict[int, DaySum]) -> None:
    packed = PackedDays(days)
    assert packed == days
    assert list(packed) == sorted(days)
    assert all(packed.get(day * DAY_S, NOTHING) == days.get(day * DAY_S, NOTHING) for day in range(-1, 402))
