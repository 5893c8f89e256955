from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.drift.cusum import StateChange
from metrics.drift.detection import DEFAULT_SHIFTS, Alarm, DetectionPolicy, detect
from metrics.drift.onset import CRITICAL, DayOf, days_until, log_likelihoods, onset
from metrics.drift.rhythm import expected_between
from metrics.drift.shares import BudgetShares
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.volumes import DaySum, days_of
from metrics.durations import DAY_S, HOUR_S
from tests.metrics.drift.streams_of import HALF_HOUR_S, answers, baseline_of, visits

POLICY = DetectionPolicy(0.02, DEFAULT_SHIFTS)
FALL = answers(5, 4000, 0.75, after=0.6, at=2500)
FIRST = baseline_of("csat", FALL, 0, 1000 * HALF_HOUR_S)
CHANGE_S = 2500 * HALF_HOUR_S
MEAN, SD = 0.75, 0.5
USUAL = DaySum(1000.0, 1000 * MEAN)
DAYS = st.lists(
    st.tuples(st.integers(0, 50), st.floats(-1, 1)).map(lambda day: DaySum(day[0], day[0] * (MEAN + 0.2 * day[1]))),
    min_size=1,
    max_size=40,
)


def first_alarm(steps: list[Observation], until_s: int, policy: DetectionPolicy = POLICY) -> Alarm:
    _, alarms = detect([FIRST], policy, BudgetShares([FIRST.valid_from_s]), steps, until_s)
    return alarms[0]


def change_at(state: str, since_s: int, at_s: int) -> StateChange:
    return StateChange(at_s, "up" if state == "up" else "down", since_s, 40.0, 30.0)


def test_the_critical_value_is_that_of_the_limit_law() -> None:
    assert pytest.approx(7.352, abs=1e-3) == CRITICAL


def test_the_days_of_an_alarm_hold_the_true_instant_and_since() -> None:
    alarm = first_alarm(FALL, FALL[-1].end_s)
    assert alarm.onset is not None
    assert alarm.since_s is not None
    assert alarm.onset.from_s <= CHANGE_S <= alarm.onset.to_s <= alarm.at_s
    assert alarm.onset.from_s <= alarm.since_s <= alarm.onset.to_s
    assert alarm.onset.to_s - alarm.onset.from_s > DAY_S


def test_what_comes_after_an_alarm_changes_nothing() -> None:
    alarm = first_alarm(FALL, FALL[-1].end_s)
    known = [step for step in FALL if step.end_s <= alarm.at_s]
    assert first_alarm(known, alarm.at_s).onset == alarm.onset


def test_a_resumed_detector_says_the_same_days() -> None:
    whole = first_alarm(FALL, FALL[-1].end_s)
    days = days_of(FALL, SUBJECTS["csat"].width_s)
    for before_s in (HALF_HOUR_S, DAY_S, 3 * DAY_S):
        settled_s = whole.at_s - before_s
        begun, none = detect([FIRST], POLICY, BudgetShares([FIRST.valid_from_s]), FALL, settled_s, None, days)
        assert none == []
        later = [step for step in FALL if step.end_s > settled_s]
        _, alarms = detect([FIRST], POLICY, BudgetShares([FIRST.valid_from_s]), later, FALL[-1].end_s, begun, days)
        assert alarms[0] == whole


def test_a_level_that_may_wander_begins_nowhere() -> None:
    policy = replace(POLICY, tolerances={"csat": 2.0})
    assert first_alarm(FALL, FALL[-1].end_s, policy).onset is None


def test_a_shift_that_the_detector_cannot_tell_is_not_dated() -> None:
    policy = replace(POLICY, shifts={**DEFAULT_SHIFTS, "csat": 2.0})
    alarm = first_alarm(FALL, FALL[-1].end_s, policy)
    assert (alarm.state, alarm.onset) == ("down", None)


def test_the_end_of_an_alarm_has_no_days() -> None:
    back = [*FALL[:2800], *answers(6, 4000, 0.95)[2800:]]
    _, alarms = detect([FIRST], POLICY, BudgetShares([FIRST.valid_from_s]), back, back[-1].end_s)
    assert [(alarm.state, alarm.onset is None) for alarm in alarms[:2]] == [("down", False), ("calm", True)]


def test_the_last_day_of_a_volume_is_what_was_to_be_expected_until_the_alarm() -> None:
    steps = visits(2, 40, 10)
    made = baseline_of("traffic", steps, 0, 28 * DAY_S)
    at_s = 35 * DAY_S + 9 * HOUR_S
    *whole, last = days_until(made, days_of(steps, HOUR_S), steps, at_s)
    assert [day.start_s for day in whole] == [day * DAY_S for day in range(28, 35)]
    assert last.counted.exposure == expected_between(made.rhythm, 35 * DAY_S, at_s)
    assert whole[-1].counted.exposure > last.counted.exposure > 0
    assert last.counted.total == sum(step.total for step in steps if 35 * DAY_S < step.end_s <= at_s)


@given(DAYS, st.sampled_from([1, -1]), st.data())
def test_the_days_hold_the_likeliest_one_and_that_of_since(
    counted: list[DaySum], side: int, data: st.DataObject
) -> None:
    days = [DayOf((100 + number) * DAY_S, day) for number, day in enumerate(counted)]
    at_s = days[-1].start_s + data.draw(st.integers(1, DAY_S - 1))
    since_s = data.draw(st.integers(FIRST.valid_from_s, at_s))
    made = replace(FIRST, exposure=USUAL.exposure, mean=MEAN)
    began = onset(made, SD, days, change_at("up" if side > 0 else "down", since_s, at_s))
    ratios = log_likelihoods(USUAL, SD, counted, side)
    likeliest_s = days[ratios.index(max(ratios))].start_s
    assert began is not None
    assert began.from_s <= min(likeliest_s, since_s)
    assert max(since_s, min(likeliest_s + DAY_S - 1, at_s)) <= began.to_s <= at_s


@given(DAYS)
def test_a_fall_is_a_rise_upside_down(counted: list[DaySum]) -> None:
    mirrored = [DaySum(exposure, exposure - total) for exposure, total in counted]
    usual = DaySum(USUAL.exposure, USUAL.exposure - USUAL.total)
    assert log_likelihoods(usual, SD, mirrored, 1) == pytest.approx(log_likelihoods(USUAL, SD, counted, -1), abs=1e-6)


@given(DAYS, st.floats(0.01, 100))
def test_days_do_not_depend_on_the_unit(counted: list[DaySum], unit: float) -> None:
    scaled = [DaySum(exposure, unit * total) for exposure, total in counted]
    usual = DaySum(USUAL.exposure, unit * USUAL.total)
    same = log_likelihoods(usual, unit * SD, scaled, -1)
    assert same == pytest.approx(log_likelihoods(USUAL, SD, counted, -1), rel=1e-6, abs=1e-6)


@given(DAYS)
def test_a_change_is_never_less_likely_than_none(counted: list[DaySum]) -> None:
    assert min(log_likelihoods(USUAL, SD, counted, 1)) >= 0
