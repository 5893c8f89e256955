"""Detectors over many streams at once: ours, with the baselines and thresholds of metrics/drift, and two others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.calibrate.worlds import Array, States, World
from metrics.drift.baselines import LEAST_EVENTS, Baseline, Span, estimate, least_exposure
from metrics.drift.cusum import STATISTIC_CAP, Reference
from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy, reference_of
from metrics.drift.rhythm import hour_of_week
from metrics.drift.shares import BudgetShares
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.volumes import DaySum
from metrics.durations import DAY_S, HOUR_S, MONTH_S

IntArray = NDArray[np.int64]
MONDAY_S = 4 * DAY_S
BASELINE_ANSWERS = 1000
DAY_HOURS = 24
WEEK_HOURS = 7 * DAY_HOURS
BASELINE_HOURS = 4 * WEEK_HOURS
MOST_BASELINE_HOURS = 9 * WEEK_HOURS


@dataclass(frozen=True, slots=True)
class Standard:
    """Residuals in standard deviations, with sparse hours pooled: the input of every CUSUM here.

    Attributes:
        z: Steps x streams: sums of residuals, in sd.
        exposure: Steps x streams: 0 if a group is not complete.
        k: Reference value of each stream, or of each step of it.
        up: Threshold of rises, likewise.
        down: Threshold of falls, likewise.
        a_day: Most that the statistic of rises may grow by on one day, of each step; None for no bound.
    """

    z: Array
    exposure: Array
    k: Array
    up: Array
    down: Array
    a_day: Array | None = None

    def until(self, step: int) -> "Standard":
        """The same streams up to a step."""
        k, up, down = (part[:step] if part.ndim > 1 else part for part in (self.k, self.up, self.down))
        a_day = None if self.a_day is None else self.a_day[:step]
        return Standard(self.z[:step], self.exposure[:step], k, up, down, a_day)


def baseline_steps(world: World) -> int:
    """The number of steps of the baseline."""
    return BASELINE_ANSWERS if SUBJECTS[world.metric].manner == "answers" else MOST_BASELINE_HOURS


def enough(world: World, total: Array) -> int:
    """The number of these steps that a stream's baseline takes: whole weeks, as in `next_span`."""
    if SUBJECTS[world.metric].manner == "answers":
        return len(total)
    weeks = np.flatnonzero(total.cumsum()[WEEK_HOURS - 1 :: WEEK_HOURS] >= LEAST_EVENTS)[0] + 1
    return max(BASELINE_HOURS, int(weeks) * WEEK_HOURS)


def ours(
    world: World, exposure: Array, total: Array, alarms_a_month: float, factor: float = 1.0, weeks: bool = True
) -> Standard:
    """Each stream's baseline, thresholds and residuals, as the service computes them.

    Args:
        world: The type of stream.
        exposure: Steps x streams.
        total: Steps x streams.
        alarms_a_month: The budget of each detector.
        factor: How many times as many answers come after the baseline.
        weeks: Whether thresholds follow volume and know the noise of weeks; else they keep to their baselines.
    """
    subject, first = SUBJECTS[world.metric], baseline_steps(world)
    ends = ends_of(world, len(total), factor)
    policy = DetectionPolicy(alarms_a_month, DEFAULT_SHIFTS)
    made, limits = [], []
    for i in range(total.shape[1]):
        until = enough(world, total[:first, i])
        made.append(baseline_of(world, exposure[:until, i], total[:until, i]))
        days = days_of_steps(ends - subject.width_s, exposure[:, i], total[:, i]) if weeks else {}
        alone = BudgetShares([made[-1].valid_from_s])
        limits.append(_limits(reference_of(made[-1], policy, alone, days, int(ends[-1])), ends[first:]))
    mean, sd = (np.array([getattr(baseline, name) for baseline in made]) for name in ("mean", "sd"))
    up, down, k, a_day = (np.array([limit[side] for limit in limits]).T for side in range(4))
    exposure, total = exposure[first:], total[first:]
    if subject.manner == "volume":
        hours = np.array([hour_of_week(int(end) - HOUR_S) for end in ends[first:]])
        exposure = np.array([baseline.rhythm for baseline in made]).T[hours]
    least = np.array([least_exposure(subject, baseline.mean) for baseline in made])
    exposure, total = _grouped(exposure, total, least)
    bound = a_day if subject.manner == "volume" else None
    return Standard((total - mean * exposure) / sd, exposure, k, up, down, bound)


def ends_of(world: World, steps: int, factor: float = 1.0) -> IntArray:
    """When each step ends, epoch seconds; after the baseline, `factor` times as many come as before."""
    width = SUBJECTS[world.metric].width_s if SUBJECTS[world.metric].manner != "answers" else MONTH_S / world.a_month
    first = baseline_steps(world)
    before, after = np.arange(1, first + 1), np.arange(1, steps - first + 1)
    ends = MONDAY_S + np.concatenate([width * before, width * first + width / factor * after])
    return np.asarray(np.round(ends), dtype=np.int64)


def days_of_steps(begins: IntArray, exposure: Array, total: Array) -> dict[int, DaySum]:
    """What there is of one stream on each day, as `metrics.drift.volumes.days_of` counts it."""
    numbers = begins // DAY_S
    first = int(numbers[0])
    sums = (np.bincount(numbers - first, weights=part).tolist() for part in (exposure, total))
    return {(first + i) * DAY_S: DaySum(*day) for i, day in enumerate(zip(*sums, strict=True))}


def _limits(rule: Reference, ends: IntArray) -> tuple[Array, Array, Array, Array]:
    """Thresholds of rises and of falls, k, and the most of a day, at each step."""
    place = np.searchsorted([limits.from_s for limits in rule.limits], ends, side="right") - 1
    up, down, k, a_day = (np.array(part) for part in list(zip(*rule.limits, strict=True))[1:])
    return up[place], down[place], k[place], a_day[place]


def baseline_of(world: World, exposure: Array, total: Array) -> Baseline:
    """The baseline of one stream's stretch, as the service estimates it."""
    subject, ends = SUBJECTS[world.metric], ends_of(world, baseline_steps(world))[: len(total)].tolist()
    steps = [Observation(*step) for step in zip(ends, exposure.tolist(), total.tolist(), strict=True)]
    baseline = estimate("d", subject, steps, Span(MONDAY_S, ends[-1], "automatic"), 1, ends[-1])
    if baseline is None:
        raise ValueError(f"{world.metric}: the simulated stretch has no noise to estimate")
    return baseline


def _grouped(exposure: Array, total: Array, least: Array) -> tuple[Array, Array]:
    if not least.any():
        return exposure, total
    grouped_exposure, grouped_total = np.zeros_like(exposure), np.zeros_like(total)
    waiting_exposure, waiting_total = np.zeros(len(least)), np.zeros(len(least))
    for i in range(len(exposure)):
        waiting_exposure = waiting_exposure + exposure[i]
        waiting_total = waiting_total + total[i]
        full = waiting_exposure >= least
        grouped_exposure[i], grouped_total[i] = waiting_exposure * full, waiting_total * full
        waiting_exposure, waiting_total = waiting_exposure * ~full, waiting_total * ~full
    return grouped_exposure, grouped_total


def cusum(standard: Standard, factor: float = 1.0) -> States:
    """States of steps x streams, -1, 0, 1, of a two-sided CUSUM with `factor` times the standard thresholds."""
    highs, lows, ks = (np.broadcast_to(part, standard.z.shape) for part in (standard.up, standard.down, standard.k))
    state, up, down, high, low, k, before = (np.zeros(standard.z.shape[1]) for _ in range(7))
    states: States = np.zeros_like(standard.z, dtype=np.int8)
    for i, z in enumerate(standard.z):
        # Thresholds change in calm only.
        high, low, k = (
            np.where(state == 0, new, old)
            for new, old in ((factor * highs[i], high), (factor * lows[i], low), (ks[i], k))
        )
        allowed = k * standard.exposure[i]
        up_was, up = up, np.minimum(np.maximum(up + z - allowed, 0), STATISTIC_CAP * high)
        if standard.a_day is not None:
            before = up_was if i % DAY_HOURS == 0 else before
            up = np.minimum(up, before + standard.a_day[i])
        down = np.minimum(np.maximum(down - z - allowed, 0), STATISTIC_CAP * low)
        stays = ((state > 0) & (up > 0) & (down <= low)) | ((state < 0) & (down > 0) & (up <= high))
        rises = (up > high) & (up * low >= down * high)
        state = np.where(stays, state, np.where(rises, 1, np.where(down > low, -1, 0)))
        states[i] = state
    return states


def page_hinkley(standard: Standard, threshold: float, slack: float = 0.005) -> States:
    """Alarms of steps x streams, 0 or 1, of Page-Hinkley's test of both sides against the running mean."""
    count = np.zeros(standard.z.shape[1])
    mean, up, down, least, most = (np.zeros(standard.z.shape[1]) for _ in range(5))
    states: States = np.zeros_like(standard.z, dtype=np.int8)
    for i, z in enumerate(standard.z):
        active = standard.exposure[i] > 0
        value = np.where(active, z / np.sqrt(np.maximum(standard.exposure[i], 1e-9)), 0)
        count = count + active
        mean = mean + np.where(active, (value - mean) / np.maximum(count, 1), 0)
        up, down = up + active * (value - mean - slack), down + active * (value - mean + slack)
        least, most = np.minimum(least, up), np.maximum(most, down)
        alarm = (up - least > threshold) | (most - down > threshold)
        states[i] = alarm
        count, mean, up, down, least, most = (np.where(alarm, 0, part) for part in (count, mean, up, down, least, most))
    return states
