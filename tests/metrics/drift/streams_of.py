"""Streams of steps that tests of drift are given."""

import random
from collections.abc import Iterable

from metrics.drift.baselines import Baseline, Span, estimate
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.durations import HOUR_S

HALF_HOUR_S = HOUR_S // 2


def answers(seed: int, count: int, share: float, after: float | None = None, at: int = 0) -> list[Observation]:
    """Satisfied or not, one each half hour; from the answer `at` on the share is another one."""
    rng = random.Random(seed)
    return [
        Observation((i + 1) * HALF_HOUR_S, 1, float(rng.random() < (after if after is not None and i >= at else share)))
        for i in range(count)
    ]


def visits(seed: int, days: int, hourly: float, after: float = 1.0, at: int = 10**9) -> list[Observation]:
    """Visits of each hour, more by day than by night; from day `at` on so many times as many."""
    rng = random.Random(seed)
    steps = []
    for hour in range(days * 24):
        level = hourly * (1.5 if 8 <= hour % 24 < 20 else 0.5) * (after if hour >= at * 24 else 1)
        count = sum(rng.random() < level / 60 for _ in range(60))
        if count:
            steps.append(Observation((hour + 1) * HOUR_S, 0, float(count)))
    return steps


def baseline_of(metric: str, steps: Iterable[Observation], start_s: int, end_s: int, version: int = 1) -> Baseline:
    """The baseline of a stretch, in force from its end on."""
    result = estimate("sales", SUBJECTS[metric], list(steps), Span(start_s, end_s, "automatic"), version, end_s)
    assert result is not None
    return result
