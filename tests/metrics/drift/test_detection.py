from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy, detect, reference_of, shares_of
from metrics.drift.shares import BudgetShares
from metrics.drift.subjects import Observation
from metrics.drift.volumes import DaySum, days_of, month_of, months_between, per_month
from metrics.durations import DAY_S, HOUR_S, MINUTE_S
from tests.metrics.drift.streams_of import HALF_HOUR_S, answers, baseline_of, visits

POLICY = DetectionPolicy(0.02, DEFAULT_SHIFTS)
FALL = answers(5, 4000, 0.75, after=0.5, at=2500)
FIRST = baseline_of("csat", FALL, 0, 1000 * HALF_HOUR_S)
BEGUN = BudgetShares([FIRST.valid_from_s])
LATE = 10**10


def test_a_fall_is_found_soon_and_dated_to_when_it_began() -> None:
    result, alarms = detect([FIRST], POLICY, BEGUN, FALL, LATE)
    assert result is not None
    assert result.detector_state.state == "down"
    assert alarms[0].state == "down"
    assert 2500 < alarms[0].at_s / HALF_HOUR_S < 2700
    assert 2400 < (alarms[0].since_s or 0) / HALF_HOUR_S < 2550
    assert result.shown[0] > result.shown[1] > 0
    assert alarms[0].baseline_id == "sales/csat/1"


def test_a_volume_that_doubles_is_found_within_days() -> None:
    steps = visits(2, 60, 10, after=2, at=40)
    made = baseline_of("traffic", steps, 0, 28 * DAY_S)
    result, alarms = detect([made], POLICY, BudgetShares([made.valid_from_s]), steps, 60 * DAY_S)
    assert result is not None
    assert [alarm.state for alarm in alarms] == ["up"]
    assert 40 < alarms[0].at_s / DAY_S < 43


def test_a_volume_that_stops_is_found_though_nothing_comes() -> None:
    steps = visits(2, 40, 10)
    made = baseline_of("traffic", steps, 0, 28 * DAY_S)
    _, alarms = detect([made], POLICY, BudgetShares([made.valid_from_s]), steps, 60 * DAY_S)
    assert [alarm.state for alarm in alarms] == ["down"]


def test_before_its_first_baseline_there_is_no_detector() -> None:
    assert detect([FIRST], POLICY, BEGUN, FALL, FIRST.valid_from_s - 1) == (None, [])
    assert detect([], POLICY, BudgetShares([]), FALL, LATE) == (None, [])


def test_a_new_baseline_ends_the_alarm_of_the_old_one() -> None:
    second = baseline_of("csat", FALL, 2500 * HALF_HOUR_S, 3500 * HALF_HOUR_S, version=2)
    result, alarms = detect([FIRST, second], POLICY, BEGUN, FALL, LATE)
    assert result is not None
    assert (result.baseline, result.detector_state.state) == (second, "calm")
    assert (alarms[-1].at_s, alarms[-1].state, alarms[-1].baseline_id) == (second.valid_from_s, "calm", "sales/csat/2")


def test_a_new_baseline_of_a_calm_detector_is_no_change_of_state() -> None:
    calm = answers(6, 3000, 0.75)
    first, second = (baseline_of("csat", calm, 0, end * HALF_HOUR_S, v) for end, v in ((1000, 1), (2000, 2)))
    result, alarms = detect([first, second], POLICY, BEGUN, calm, LATE)
    assert result is not None
    assert (result.baseline.version, alarms) == (2, [])


@settings(deadline=None, max_examples=20)
@given(st.integers(900, 4100), st.booleans())
def test_a_replay_from_any_point_gives_the_same_alarms(cut: int, two: bool) -> None:
    second = baseline_of("csat", FALL, 2500 * HALF_HOUR_S, 3500 * HALF_HOUR_S, version=2)
    versions = [FIRST, second] if two else [FIRST]
    end_s, cut_s = 4000 * HALF_HOUR_S, cut * HALF_HOUR_S
    whole = detect(versions, POLICY, BEGUN, FALL, end_s)
    middle, early = detect(versions, POLICY, BEGUN, FALL, min(cut_s, end_s))
    days = days_of(FALL, MINUTE_S)
    result, late = detect(versions, POLICY, BEGUN, [s for s in FALL if s.end_s > cut_s], end_s, middle, days)
    assert (result, early + late) == whole


@settings(deadline=None, max_examples=20)
@given(st.integers(1000, 2500))
def test_of_a_volume_as_well_and_amid_an_hour(half_hours: int) -> None:
    steps = visits(3, 60, 0.4)
    made = baseline_of("traffic", steps, 0, 28 * DAY_S)
    end_s, cut_s = 60 * DAY_S, half_hours * HALF_HOUR_S
    middle, early = detect([made], POLICY, BEGUN, steps, cut_s)
    days = days_of(steps, HOUR_S)
    result, late = detect([made], POLICY, BEGUN, [s for s in steps if s.end_s > cut_s - 3600], end_s, middle, days)
    assert (result, early + late) == detect([made], POLICY, BEGUN, steps, end_s)


def test_every_detector_has_the_same_share_of_the_budget_from_when_it_begins() -> None:
    begun = BudgetShares([FIRST.valid_from_s, FIRST.valid_from_s, FIRST.valid_from_s + DAY_S])
    until_s = FIRST.valid_from_s + DAY_S
    limits = reference_of(FIRST, POLICY, begun, {}, until_s).limits
    assert [result.from_s for result in limits] == [FIRST.valid_from_s, FIRST.valid_from_s + DAY_S]
    assert limits[1].down > limits[0].down
    third = DetectionPolicy(POLICY.budget / 3, DEFAULT_SHIFTS)
    alone = reference_of(FIRST, third, BudgetShares([FIRST.valid_from_s]), {}, until_s).limits[0]
    assert alone[1:] == pytest.approx(limits[1][1:])


def test_detectors_begin_with_their_first_baselines() -> None:
    later = replace(FIRST, version=2, valid_from_s=FIRST.valid_from_s + 9)
    other = replace(FIRST, metric="nps", valid_from_s=5)
    assert shares_of({("sales", "csat"): [FIRST, later], ("sales", "nps"): [other], ("it", "nps"): []}).begun == [
        5, FIRST.valid_from_s,
    ]  # fmt: skip


def test_a_threshold_rises_with_the_volume_of_the_months_before() -> None:
    calm = answers(6, 9000, 0.75)
    usual = days_of(calm, MINUTE_S)
    # Four times as many answers, of the same noise.
    many = {
        day_s: DaySum(4 * e, 4 * FIRST.mean * e + 2 * (total - FIRST.mean * e))
        if day_s > FIRST.end_s
        else DaySum(e, total)
        for day_s, (e, total) in usual.items()
    }
    now, then = (reference_of(FIRST, POLICY, BEGUN, days, calm[-1].end_s).limits for days in (many, usual))
    assert now[0] == then[0]
    assert {month_of(limit.from_s) for limit in now} == set(months_between(0, calm[-1].end_s)) | {0}
    # Once all three months before have the new volume, it is as if the budget were shared by four.
    often = DetectionPolicy(POLICY.budget / 4, DEFAULT_SHIFTS)
    assert now[-1].down == pytest.approx(
        reference_of(FIRST, often, BEGUN, usual, calm[-1].end_s).limits[-1].down, rel=0.1
    )


def test_thresholds_from_an_instant_on_are_those_of_the_whole_time() -> None:
    days, until_s = days_of(FALL, MINUTE_S), 4000 * HALF_HOUR_S
    whole = reference_of(FIRST, POLICY, BEGUN, days, until_s)
    for since_s in (FIRST.valid_from_s - 1, FIRST.valid_from_s, 50 * DAY_S, until_s):
        part = reference_of(FIRST, POLICY, BEGUN, days, until_s, since_s)
        assert [part.limits_at(at_s) for at_s in range(since_s, until_s, DAY_S)] == [
            whole.limits_at(at_s) for at_s in range(since_s, until_s, DAY_S)
        ]


def test_within_the_tolerance_a_level_may_stay_and_beyond_it_is_found() -> None:
    shifted = answers(5, 4000, 0.75, after=0.71, at=1000)
    fallen = answers(5, 4000, 0.75, after=0.5, at=2500)
    tolerant = DetectionPolicy(POLICY.budget, DEFAULT_SHIFTS, {"csat": 5})
    wary = DetectionPolicy(1.0, {**DEFAULT_SHIFTS, "csat": 5})
    assert detect([FIRST], wary, BEGUN, shifted, LATE)[1] != []
    assert detect([FIRST], tolerant, BEGUN, shifted, LATE)[1] == []
    assert [alarm.state for alarm in detect([FIRST], tolerant, BEGUN, fallen, LATE)[1]] == ["down"]


def test_a_tolerance_moves_the_reference_value_to_half_of_the_rest_and_raises_thresholds() -> None:
    none, some, zero = (
        reference_of(FIRST, DetectionPolicy(0.02, DEFAULT_SHIFTS, tolerances), BEGUN, {}, LATE).limits[0]
        for tolerances in ({}, {"csat": 4}, {"csat": 0})
    )
    assert zero == none
    # A baseline of 1,000 answers does not know its level better.
    assert some.k * FIRST.sd == pytest.approx(0.04 + max(0.06 / 2, 3 * FIRST.sd / FIRST.exposure**0.5))
    assert some.down > none.down
    assert some.up > none.up


def test_one_great_day_of_a_volume_is_no_drift_and_a_week_of_them_is() -> None:
    usual = visits(2, 60, 0.4)
    made = baseline_of("traffic", usual, 0, 28 * DAY_S)

    def with_sale(days: range) -> list[Observation]:
        return [step._replace(total=10 * step.total if step.end_s // DAY_S in days else step.total) for step in usual]

    day, week = (
        detect([made], POLICY, BudgetShares([made.valid_from_s]), with_sale(days), 60 * DAY_S)[1]
        for days in (range(40, 41), range(40, 47))
    )
    assert day == []
    assert day != week
    assert week[0].state == "up"


def test_a_volume_keeps_counting_in_the_volume_of_its_baseline_for_its_own_drift_is_no_reason_to_be_patient() -> None:
    steps = visits(2, 200, 10, after=4, at=40)
    made = baseline_of("traffic", steps, 0, 28 * DAY_S)
    assert per_month(made, days_of(steps, HOUR_S), 200 * DAY_S) == pytest.approx(made.per_month)
