"""False alarms when answers become many more, or fewer, after the baseline: thresholds that follow, and frozen ones."""

from dataclasses import dataclass, replace

import numpy as np

from bench.calibrate.detectors import MONDAY_S, Standard, baseline_of, baseline_steps, cusum
from bench.calibrate.measure import begun
from bench.calibrate.worlds import WORLDS, Array, World
from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy, reference_of
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.volumes import MONTHS, volumes_of
from metrics.durations import MONTH_S

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
    following = _standard(world, factor, exposure, total, wanted)
    settled_from = round((MONTHS + 1) * world.a_month * factor)
    frozen = replace(following, up=following.up[0], down=following.down[0])
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


def _standard(world: World, factor: float, exposure: Array, total: Array, wanted: float) -> Standard:
    """The streams as the service sees them, with the thresholds of each step: it computes them by calendar month."""
    subject, first = SUBJECTS[world.metric], baseline_steps(world)
    made = [baseline_of(world, exposure[:first, i], total[:first, i]) for i in range(total.shape[1])]
    width = round(MONTH_S / world.a_month / factor)
    ends = made[0].end_s + width * np.arange(1, len(total) - first + 1)
    before = [Observation(MONDAY_S + round(MONTH_S / world.a_month) * (i + 1), 1.0, 0.0) for i in range(first)]
    after = [Observation(int(end), 1.0, 0.0) for end in ends]
    volumes = volumes_of([*before, *after], subject.width_s)
    policy = DetectionPolicy(wanted, DEFAULT_SHIFTS)
    rules = [reference_of(item, policy, [item.valid_from_s], volumes, int(ends[-1])) for item in made]
    # All streams have the same minutes, so their thresholds change at the same ones.
    place = np.searchsorted([limits.from_s for limits in rules[0].limits], ends, side="right") - 1
    up, down = (
        np.array([[getattr(limits, side) for limits in rule.limits] for rule in rules]) for side in ("up", "down")
    )
    mean, sd = (np.array([getattr(item, name) for item in made]) for name in ("mean", "sd"))
    k = np.array([rule.k for rule in rules])
    exposure, total = exposure[first:], total[first:]
    return Standard((total - mean * exposure) / sd, exposure, k, up[:, place].T, down[:, place].T)
