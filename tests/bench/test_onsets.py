"""The days of an alarm in short: the whole coverage is `make coverage-of-since`, its figures are in docs/metrics.md."""

from pathlib import Path

import pytest

from bench.calibrate.onsets import LEAST, SHIFTS, coverage, possible, real_coverage
from bench.calibrate.real import calendars
from bench.calibrate.worlds import WORLDS

BY_METRIC = {world.metric: world for world in WORLDS}


@pytest.mark.parametrize(("metric", "shift"), [("csat", -2.0), ("ces", 2.0)])
def test_the_days_of_nine_alarms_in_ten_hold_the_true_instant(metric: str, shift: float) -> None:
    result = coverage(BY_METRIC[metric], shift, 11, detections=60)
    assert result.detections >= 60
    # Three standard errors of 60 alarms below what a whole row has to cover.
    assert result.covered >= LEAST - 3 * (LEAST * (1 - LEAST) / result.detections) ** 0.5
    assert result.same_day < result.covered
    assert 1 <= result.days < 15


def test_every_shift_but_one_is_possible() -> None:
    impossible = [(world.metric, shift) for world in WORLDS for shift in SHIFTS if not possible(world, shift)]
    assert impossible == [("retention", 2.0)]


def test_the_days_of_a_real_shops_falls_hold_the_true_instant(olist: Path) -> None:
    days = calendars(olist / "events.ndjson.gz")["csat"]
    result = real_coverage(days, "csat", 7, 11, streams=20)
    assert result.detections >= 10
    assert result.covered >= 0.75
