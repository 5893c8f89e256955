import pytest

from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from metrics.drift.plan import level, plan
from metrics.drift.volumes import DaySum
from metrics.durations import DAY_S
from tests.metrics.drift.streams_of import HALF_HOUR_S, answers, baseline_of, visits

CSAT = baseline_of("csat", answers(5, 1000, 0.75), 0, 1000 * HALF_HOUR_S)
TRAFFIC = baseline_of("traffic", visits(5, 28, 10), 0, 28 * DAY_S)
BOTH = {("sales", "csat"): [CSAT], ("sales", "traffic"): [TRAFFIC], ("it", "nps"): []}


def test_a_promise_says_what_is_found_and_how_soon() -> None:
    csat, traffic = plan(BOTH, DetectionPolicy(1.0, DEFAULT_SHIFTS), {}, TRAFFIC.end_s)
    assert csat.level == pytest.approx(100 * CSAT.mean)
    assert csat.shift == pytest.approx(10)
    assert csat.delay_days == pytest.approx(csat.delay / 48)
    assert 100 < csat.delay < 400
    assert 1.3 < csat.delay_p90 / csat.delay < 2.2
    assert csat.delay_p90_days == pytest.approx(csat.delay_p90 / 48)
    assert csat.since_s == TRAFFIC.valid_from_s  # a second detector shares the budget from then on
    assert f"(nine of ten within {csat.delay_p90_days:.1f} days)" in csat.text
    assert (
        f"csat {csat.level:.1f} -> {csat.level - 10:.1f} (%) found after about {csat.delay:,.0f} answers" in csat.text
    )
    assert traffic.level == pytest.approx(level(TRAFFIC)) == pytest.approx(240, rel=0.1)
    assert traffic.shift == pytest.approx(0.3 * traffic.level, rel=0.3)
    assert traffic.alarms_per_month == 0.5


def test_a_larger_budget_finds_sooner() -> None:
    waits = [plan(BOTH, DetectionPolicy(budget, DEFAULT_SHIFTS), {}, TRAFFIC.end_s)[0].delay for budget in (0.1, 1, 10)]
    assert waits == sorted(waits, reverse=True)


def test_what_is_tolerated_is_said_and_makes_falls_slower_to_find() -> None:
    tolerant = DetectionPolicy(1.0, DEFAULT_SHIFTS, {"csat": 4})
    usual, tolerated = (
        plan(BOTH, policy, {}, TRAFFIC.end_s)[0] for policy in (DetectionPolicy(1.0, DEFAULT_SHIFTS), tolerant)
    )
    assert (usual.tolerance, tolerated.tolerance) == (0, pytest.approx(4))
    assert "no drift" not in usual.text
    assert tolerated.text.endswith("; a level within 4.00 (%) of the usual is no drift")
    # The shift counts from the usual level all the same.
    assert tolerated.shift >= usual.shift - 1e-9
    assert tolerated.delay > 1.3 * usual.delay


def test_with_four_times_the_answers_it_takes_more_of_them_and_fewer_days() -> None:
    policy, at_s = DetectionPolicy(1.0, DEFAULT_SHIFTS), 200 * DAY_S
    many = dict.fromkeys(range(0, at_s, DAY_S), DaySum(4 * 48, 4 * 48 * CSAT.mean))
    before, now = (plan(BOTH, policy, days, at_s)[0] for days in ({}, {("sales", "csat"): many}))
    assert now.per_month == pytest.approx(4 * before.per_month, rel=0.02)
    assert before.delay < now.delay < 2 * before.delay
    assert now.delay_days < before.delay_days / 2
