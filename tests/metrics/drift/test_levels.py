from math import sqrt

import pytest

from metrics.drift.baselines import Baseline
from metrics.drift.levels import usual_level
from metrics.drift.subjects import SUBJECTS
from metrics.durations import DAY_S
from metrics.figures.student import quantile


def baseline(metric: str, exposure: float, mean: float, sd: float, freedom: float = 20.0) -> Baseline:
    return Baseline("it", metric, 1, "automatic", 0, 28 * DAY_S, 28 * DAY_S, exposure, mean, sd, 0.0, 1.0, freedom)


def test_the_interval_of_a_level_is_students_and_shrinks_with_the_root_of_the_observations() -> None:
    few, many = (usual_level(SUBJECTS["nps"], baseline("nps", n, 0.3, 0.7)) for n in (400.0, 1600.0))
    assert (few.value, many.value) == (30.0, 30.0)
    assert few.high - few.value == pytest.approx(100 * quantile(20.0) * 0.7 / sqrt(400))
    assert few.high - few.low == pytest.approx(2 * (many.high - many.low))
    assert (few.n, many.n) == (400.0, 1600.0)


def test_a_volume_is_usual_by_the_day() -> None:
    level = usual_level(SUBJECTS["traffic"], baseline("traffic", 2800.0, 1.0, 2.0))
    assert level.value == pytest.approx(100.0)
    assert level.high == pytest.approx(100 * (1 + quantile(20.0) * 2 / sqrt(2800)))


def test_a_level_stays_within_what_the_metric_can_be() -> None:
    level = usual_level(SUBJECTS["csat"], baseline("csat", 4.0, 0.95, 0.9, freedom=1.0))
    assert (level.low, level.high) == (0.0, 100.0)
    assert usual_level(SUBJECTS["ces"], baseline("ces", 4.0, 1.2, 3.0, freedom=0.4)).low == 1.0
