"""The usual level of a metric as a baseline has it, in the metric's unit, and how well it is known."""

from dataclasses import dataclass
from math import sqrt

from metrics.catalogue import METRICS
from metrics.drift.baselines import Baseline
from metrics.drift.subjects import Subject
from metrics.durations import DAY_S
from metrics.figures.student import quantile


@dataclass(frozen=True, slots=True)
class UsualLevel:
    """What is usual: the level, its 95 % interval, all in the metric's unit, and the observations behind it.

    Observations are answers, chances (of a rate) or events (of a volume).
    """

    value: float
    low: float
    high: float
    n: float


def usual_level(subject: Subject, baseline: Baseline) -> UsualLevel:
    """The level of a baseline; its interval is Student's, from the long-run deviation of one observation.

    >>> from metrics.drift.subjects import SUBJECTS
    >>> baseline = Baseline("it", "csat", 1, "automatic", 0, 7 * DAY_S, 7 * DAY_S, 1600.0, 0.75, 0.5, 0.0, 1.0, 1e6)
    >>> level = usual_level(SUBJECTS["csat"], baseline)
    >>> level.value, round(level.low, 2), round(level.high, 2), level.n
    (75.0, 72.55, 77.45, 1600.0)
    """
    metric = METRICS[subject.metric]
    # The exposure of a volume is the events that were expected: its mean is 1 of them.
    scale = baseline.exposure / (baseline.end_s - baseline.start_s) * DAY_S if subject.manner == "volume" else 1
    scale *= subject.scale
    half = quantile(max(1.0, baseline.freedom)) * baseline.sd / sqrt(baseline.exposure)
    low, high = scale * (baseline.mean - half), scale * (baseline.mean + half)
    return UsualLevel(
        scale * baseline.mean,
        max(metric.low, low),
        high if metric.high is None else min(metric.high, high),
        baseline.exposure,
    )
