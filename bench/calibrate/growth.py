"""False alarms when answers become many more, or fewer, after the baseline: thresholds that follow, and frozen ones."""

from dataclasses import dataclass

import numpy as np

from bench.calibrate.detectors import baseline_steps, cusum, ours
from bench.calibrate.measure import begun
from bench.calibrate.worlds import WORLDS
from metrics.drift.volumes import MONTHS

GROWING = ("nps", "csat", "ces")
FACTORS = (0.25, 1.0, 4.0)


@dataclass(frozen=True, slots=True)
class Growth:
    """False alarms of one type of metric whose volume changes when its baseline ends.

    Attributes:
        metric: The type.
        factor: How many times as many answers come as in the baseline.
        months: Simulated months over all streams.
        frozen: False alarms by the baseline's own volume, as a share of the budget.
        following: The same by the volume of the months before.
        settled: Of these, those after the first three months, when all months before are of the new volume.
        error: Standard error of `following`, over streams.
    """

    metric: str
    factor: float
    months: float
    frozen: float
    following: float
    settled: float
    error: float


def growth(metric: str, factor: float, seed: int, streams: int, months: int, wanted: float) -> Growth:
    """Measures one type at one factor; `wanted` is the number of false alarms a month."""
    world = next(world for world in WORLDS if world.metric == metric)
    first, later = baseline_steps(world), round(months * world.a_month * factor)
    exposure, total = world.draw(np.random.default_rng([seed, later]), first + later, streams, np.zeros(first + later))
    following = ours(world, exposure, total, wanted, factor)
    settled_from = round((MONTHS + 1) * world.a_month * factor)
    frozen = ours(world, exposure, total, wanted, factor, weeks=False)
    states = cusum(following)
    counts = begun(states) / months / wanted
    after = begun(states[settled_from:]) / (months - MONTHS - 1) / wanted
    return Growth(
        metric,
        factor,
        float(streams * months),
        float(begun(cusum(frozen)).mean()) / months / wanted,
        float(counts.mean()),
        float(after.mean()),
        float(counts.std(ddof=1) / np.sqrt(streams)),
    )
