"""The calibration in short: the whole one is `make calibrate`, its figures are in docs/drift.md."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bench.calibrate import rivals
from bench.calibrate.detectors import Standard, cusum, page_hinkley
from bench.calibrate.growth import Growth, growth
from bench.calibrate.measure import Calm, Delay, begun, calm, delays, quiet, textbook, waits
from bench.calibrate.real import Real, calendars, drawn, real, steps_of_days
from bench.calibrate.report import kept, report
from bench.calibrate.tolerances import Tolerated, tolerated
from bench.calibrate.worlds import WORLDS
from metrics.drift.cusum import CODES, Reference, Thresholds, advance, begin
from metrics.drift.subjects import SUBJECTS, Observation

BY_METRIC = {world.metric: world for world in WORLDS}


def test_every_metric_has_its_world() -> None:
    assert set(BY_METRIC) == set(SUBJECTS)


@pytest.mark.parametrize("metric", ["nps", "retention", "ces"])
def test_false_alarms_are_near_the_budget(metric: str) -> None:
    result, _ = calm(BY_METRIC[metric], 5, streams=40, months=12, wanted=0.1)
    # 480 months of about 48 alarms: within three standard errors of chance, and of twice the tolerance.
    assert result.observed / result.wanted == pytest.approx(1, abs=max(0.4, 3 * result.error / result.wanted))


@pytest.mark.long
def test_with_four_times_the_answers_false_alarms_stay_within_the_budget() -> None:
    result = growth("csat", 4, 5, streams=20, months=24, wanted=0.1)
    # With the thresholds of the baseline it is several times the budget.
    assert result.frozen > 2.5
    assert result.following == pytest.approx(1.1, abs=max(0.4, 3 * result.error))


def test_many_streams_at_once_alarm_when_the_service_would() -> None:
    _, standard = calm(BY_METRIC["conversions"], 3, streams=5, months=6, wanted=2.0)
    states = cusum(standard)
    for i in range(5):
        held = np.stack([standard.up[:, i], standard.down[:, i], standard.k[:, i]], axis=1)
        begins = [0, *(1 + np.flatnonzero((np.diff(held, axis=0) != 0).any(axis=1)))]
        rule = Reference(0.0, 1.0, 1e-9, [Thresholds(int(n) + 1, *held[n]) for n in begins])
        steps = [
            Observation(n + 1, e, z)
            for n, (e, z) in enumerate(zip(standard.exposure[:, i], standard.z[:, i], strict=True))
        ]
        _, changes = advance(rule, begin(0), steps)
        before = np.concatenate([[0], states[:-1, i]])
        assert [(change.at_s - 1, CODES[change.state]) for change in changes] == [
            (n, states[n, i]) for n in np.flatnonzero(states[:, i] != before)
        ]


def test_blocks_keep_what_is_within_them_and_the_weekday() -> None:
    days = [[(60 * day, float(day % 7 == 6))] for day in range(70)]
    weeks = drawn(np.random.default_rng(1), days, 7, 40)
    assert [value for [(_, value)] in weeks] == [float(day % 7 == 6) for day in range(40)]
    numbers = [second // 60 for [(second, _)] in weeks]
    assert all(after == before + 1 for i, (before, after) in enumerate(pairwise(numbers), 1) if i % 7)
    permuted = drawn(np.random.default_rng(1), days, 0, 700)
    assert sum(value for [(_, value)] in permuted) == pytest.approx(100, abs=40)
    assert any(value for day, [(_, value)] in enumerate(permuted) if day % 7 == 2)
    steps = steps_of_days("conversions", weeks)
    assert [step.end_s % 86_400 for step in steps[:2]] == [3600 * (1 + number // 60) for number in numbers[:2]]


@pytest.mark.long
@pytest.mark.olist
@pytest.mark.slow
def test_weeks_of_a_real_shop_that_resemble_themselves_are_no_drift(olist: Path) -> None:
    days = calendars(olist / "events.ndjson.gz")
    result = real(days["csat"], ("csat", 7), 5, streams=25, months=24, wanted=0.1)
    assert result.hours > 1.6 * result.weeks
    assert result.weeks == pytest.approx(1, abs=max(0.5, 3 * result.error))


@pytest.mark.olist
@pytest.mark.slow
def test_without_a_tolerance_streams_are_those_of_the_real_shop(olist: Path) -> None:
    days = calendars(olist / "events.ndjson.gz")["csat"]
    none = tolerated(days, "csat", 0.0, 5, 6, 12, 0.1)
    usual = real(days, ("csat", 7), 5, 6, 12, 0.1)
    assert (none.alarms, none.days) == pytest.approx((usual.weeks, usual.days_weeks))
    assert none.factor is not None
    assert (none.factor > 1) == (none.alarms > 1)


@pytest.mark.long
@pytest.mark.slow
def test_a_shift_is_found_within_weeks_by_all_at_equal_false_alarms() -> None:
    world = BY_METRIC["csat"]
    _, standard = calm(world, 5, streams=10, months=12, wanted=0.2)
    for result in delays(world, standard, 5, streams=10, wanted=0.2, months=12):
        ours = result.days["ours"]
        assert ours is not None
        assert 3 < ours < 20


def test_a_detector_that_cannot_be_quiet_has_no_setting() -> None:
    assert quiet(lambda threshold: 1.0, 0.1, 1, 10) is None
    assert quiet(lambda threshold: 1 / threshold, 0.1, 1, 100) == pytest.approx(10, rel=0.02)


def test_alarms_are_counted_when_they_begin_and_waits_from_the_shift() -> None:
    states = np.array([[0, 1], [1, 1], [1, 0], [0, 0], [-1, 0]])
    assert begun(states).tolist() == [2, 1]
    assert waits(states, 4) == pytest.approx(1)


def test_page_hinkley_sees_a_jump() -> None:
    z = np.concatenate([np.zeros((200, 1)), np.ones((100, 1))])
    standard = Standard(z, np.ones_like(z), np.ones(1), np.ones(1), np.ones(1))
    assert begun(page_hinkley(standard, 20))[0] >= 1
    assert textbook(standard).k[0] == 0.5


def test_without_river_there_are_no_rivals() -> None:
    standard = Standard(np.ones((9, 2)), np.ones((9, 2)), np.ones(2), np.ones(2), np.ones(2))
    assert set(rivals.makers()) in (set(), {"ADWIN", "KSWIN"})
    assert rivals.streams(standard, 5, 3) == [[1.0] * 3] * 2


def test_the_page_says_what_holds_and_what_does_not() -> None:
    numbers = ("minutes", "months", "seed", "echo", "busy", "wanted", "detectors", "rivals", "effort")
    fields = dict.fromkeys(numbers, 1.0)
    days = Delay("nps", "up", {"ours": 5.0, "Page-Hinkley": 4.0, "KSWIN": None})
    text = report([Calm("nps", 9, 0.05, 0.09, 0.01)], [days], [Growth("nps", 4, 9, 3.9, 1.1, 1.0, 0.1)], fields)
    assert "Not within 20% of the budget: nps." in text
    assert "| nps | up | 5.0 | - | - | 4.0 | - | - |" in text
    assert "nps up (Page-Hinkley)" in text
    assert "| nps | 4 | 9 | 390% | 110% | 10% | 100% |" in text
    assert "All within" in report([Calm("nps", 9, 0.05, 0.05, 0.01)], [], [], fields)


def test_the_page_keeps_its_real_streams_where_there_are_none_to_draw_from() -> None:
    numbers = ("minutes", "months", "seed", "echo", "busy", "wanted", "detectors", "rivals", "effort")
    fields = dict.fromkeys(numbers, 1.0)
    reals = [Real("csat", 7, 9, 3.9, 1.6, 0.1, 20.0, 30.0), Real("csat", 0, 9, 1.0, 1.1, 0.1, 20.0, 21.0)]
    declared = Tolerated("csat", 2, 9, 0.8, 0.1, 40.0, 0.9, 36.0)
    page = report([], [], [], fields, (reals, [declared, Tolerated("csat", 5, 9, 0.1, 0.1, 99.0, None, None)]))
    assert "| csat | 7 days | 9 | 390% | 160% | 10% | 20.0 | 30.0 |" in page
    assert "| csat | permuted | 9 | 100% | 110% |" in page
    assert "Not within 50% of the budget: csat 7." in page
    assert "| csat | 2 | 9 | 80% | 10% | 40.0 | 0.90 | 36.0 |" in page
    assert "| csat | 5 | 9 | 10% | 10% | 99.0 | - | - |" in page
    assert report([], [], [], fields, None, kept(page)) == page
    assert kept(report([], [], [], fields)) == ""
