"""What a declared tolerance is worth on blocks of a real shop: false alarms, and days to a fall at equal ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from bench.calibrate.measure import quiet
from bench.calibrate.real import (
    MONDAY_S,
    SPARE_DAYS,
    Day,
    baseline_of_days,
    days_to_fall,
    drawn,
    fallen,
    steps_of_days,
)
from metrics.drift import cusum
from metrics.drift.baselines import steps_of
from metrics.drift.cusum import Reference, StateChange
from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy, reference_of
from metrics.drift.shares import BudgetShares
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.volumes import days_of
from metrics.durations import DAY_S, MONTH_S

TOLERANCES: Final = {"csat": (0.0, 2.0, 5.0), "conversions": (0.0, 10.0, 20.0)}
"""By metric: none, a small and a large one, in the unit of the metric's smallest shift."""
BLOCK: Final = 7
LEAST_FACTOR, MOST_FACTOR = 0.25, 8.0


@dataclass(frozen=True, slots=True)
class Tolerated:
    """One tolerance.

    Attributes:
        metric: The metric.
        tolerance: How far its level may wander, in the unit of its smallest shift.
        months: Months over all streams.
        alarms: False alarms with the detector's own thresholds, as a share of the budget.
        error: Standard error of that, over streams.
        days: Mean days until the smallest fall worth acting on is found, with these thresholds.
        factor: How many times as high thresholds meet the budget exactly; None if none do.
        days_equal: Days with those: at equal false alarms.
    """

    metric: str
    tolerance: float
    months: float
    alarms: float
    error: float
    days: float
    factor: float | None
    days_equal: float | None


class _Run(NamedTuple):
    """What a detector needs to go over a stream again with other thresholds."""

    rule: Reference
    begin_s: int
    steps: list[Observation]

    def changes(self, factor: float) -> list[StateChange]:
        limits = [
            item._replace(**{name: factor * getattr(item, name) for name in _SCALED}) for item in self.rule.limits
        ]
        rule = Reference(self.rule.mean, self.rule.sd, self.rule.least, limits, self.rule.zone)
        return cusum.advance(rule, cusum.begin(self.begin_s), self.steps)[1]


_SCALED: Final = ("up", "down", "a_day")


def tolerated(
    days: Sequence[Day], metric: str, tolerance: float, seed: int, streams: int, months: int, wanted: float
) -> Tolerated:
    """Measures one tolerance; `wanted` is the number of false alarms a month."""
    policy = DetectionPolicy(wanted, DEFAULT_SHIFTS, {metric: tolerance})
    calm, falls = [], []
    for i in range(streams):
        rng = np.random.default_rng([seed, BLOCK, i])
        stream = drawn(rng, days, BLOCK, round(months * MONTH_S / DAY_S) + SPARE_DAYS)
        baseline = baseline_of_days(metric, stream)
        until_s = baseline.end_s + months * round(MONTH_S)
        calm.append(_run(metric, stream, policy, until_s))
        at = (baseline.end_s - MONDAY_S) // DAY_S + 182
        moved = [*stream[:at], *fallen(rng, metric, stream[at:], baseline.mean)]
        falls.append((_run(metric, moved, policy, MONDAY_S + len(moved) * DAY_S), at, len(moved)))

    def counts(factor: float) -> list[float]:
        return [sum(change.state != "calm" for change in run.changes(factor)) / months / wanted for run in calm]

    def waits(factor: float) -> float:
        found = [days_to_fall(run.changes(factor), at, count) for run, at, count in falls]
        return float(np.mean(found))

    own = np.array(counts(1.0))
    factor = quiet(lambda f: float(np.mean(counts(f))), 1.0, LEAST_FACTOR, MOST_FACTOR)
    return Tolerated(
        metric, tolerance, float(streams * months), float(own.mean()), float(own.std(ddof=1) / np.sqrt(streams)),
        waits(1.0), factor, None if factor is None else waits(factor),
    )  # fmt: skip


def _run(metric: str, stream: Sequence[Day], policy: DetectionPolicy, until_s: int) -> _Run:
    subject, steps = SUBJECTS[metric], steps_of_days(metric, stream)
    baseline = baseline_of_days(metric, stream)
    begin_s = baseline.valid_from_s
    rule = reference_of(baseline, policy, BudgetShares([begin_s]), days_of(steps, subject.width_s, until_s), until_s)
    return _Run(rule, begin_s, steps_of(subject, baseline.rhythm, steps, begin_s, until_s))
