from datetime import UTC, datetime

import pytest

from metrics.drift.rhythm import WEEK_HOURS, expected_between, hour_of_week, hourly, rhythm_of, unevenness
from metrics.drift.subjects import Observation
from metrics.durations import DAY_S, HOUR_S
from metrics.zones import zone_of

MONDAY_S = 4 * DAY_S


def test_a_rhythm_expects_in_all_what_there_was() -> None:
    steps = [Observation(MONDAY_S + (i + 1) * HOUR_S, 0, float(i % 24)) for i in range(14 * 24)]
    result = rhythm_of(steps, MONDAY_S, MONDAY_S + 14 * DAY_S)
    assert len(result) == WEEK_HOURS
    assert 2 * sum(result) == pytest.approx(sum(step.total for step in steps))
    assert result[23] > result[1] > 0


def test_weekdays_and_hours_each_have_their_share() -> None:
    steps = [
        Observation(MONDAY_S + (i + 1) * HOUR_S, 0, 100.0 if (i // 24) % 7 < 5 and 8 <= i % 24 < 18 else 10.0)
        for i in range(28 * 24)
    ]
    result = rhythm_of(steps, MONDAY_S, MONDAY_S + 28 * DAY_S)
    assert result[10] > 4 * result[2]
    assert result[10] > 2 * result[5 * 24 + 10]


def test_without_any_event_nothing_is_expected() -> None:
    assert sum(rhythm_of([], MONDAY_S, MONDAY_S)) == 0


def test_steps_outside_of_the_stretch_do_not_count() -> None:
    inside = Observation(MONDAY_S + HOUR_S, 0, 7.0)
    outside = [Observation(MONDAY_S, 0, 99.0), Observation(MONDAY_S + 8 * DAY_S, 0, 99.0)]
    assert sum(rhythm_of([inside, *outside], MONDAY_S, MONDAY_S + 7 * DAY_S)) == pytest.approx(7)


def test_parts_of_hours_expect_their_part() -> None:
    rhythm = tuple(float(hour) for hour in range(WEEK_HOURS))
    assert hourly(rhythm, MONDAY_S + 2 * HOUR_S) == 1
    assert expected_between(rhythm, MONDAY_S + HOUR_S + 1800, MONDAY_S + 3 * HOUR_S) == pytest.approx(0.5 + 2)
    assert hour_of_week(MONDAY_S + 7 * DAY_S) == 0


def test_an_hour_of_the_week_is_that_of_the_zones_clocks_before_and_after_a_change() -> None:
    rome = zone_of("Europe/Rome")
    nine = [datetime(2026, 3, day, hour, tzinfo=UTC) for day, hour in ((23, 8), (30, 7))]  # both Mondays
    assert [hour_of_week(int(at.timestamp()), rome) for at in nine] == [9, 9]
    assert [hour_of_week(int(at.timestamp())) for at in nine] == [8, 7]
    skipped = int(datetime(2026, 3, 29, 0, tzinfo=UTC).timestamp())
    assert [hour_of_week(skipped + hour * HOUR_S, rome) - 6 * 24 for hour in range(3)] == [1, 3, 4]
    twice = int(datetime(2026, 10, 25, 0, tzinfo=UTC).timestamp())
    assert [hour_of_week(twice + hour * HOUR_S, rome) - 6 * 24 for hour in range(3)] == [2, 2, 3]


def test_hours_that_begin_between_those_of_a_zone_are_the_ones_that_its_clocks_show_then() -> None:
    kolkata = zone_of("Asia/Kolkata")  # five and a half hours ahead
    assert hour_of_week(MONDAY_S, kolkata) == hour_of_week(MONDAY_S + 1799, kolkata) == 5
    rhythm = tuple(float(hour) for hour in range(WEEK_HOURS))
    assert hourly(rhythm, MONDAY_S + HOUR_S, kolkata) == 5
    assert expected_between(rhythm, MONDAY_S, MONDAY_S + HOUR_S, kolkata) == pytest.approx(5)


def test_a_part_of_a_week_is_known_less_well_than_the_week() -> None:
    result = [unevenness(7, days) for days in (0, 1, 3, 7, 70)]
    assert result == sorted(result, reverse=True)
    assert result[0] == 7
    assert result[-1] == pytest.approx(1, abs=0.01)
