"""Detectors over many streams at once: ours, with the baselines and thresholds of metrics/drift, and two others."""

from dataclasses import dataclass, replace

import numpy as np

from bench.calibrate.worlds import Array, States, World
from metrics.drift.baselines import LEAST_EVENTS, Baseline, Span, estimate, least_exposure
from metrics.drift.cusum import STATISTIC_CAP
from metrics.drift.rhythm import hour_of_week
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.thresholds import Curve
from metrics.durations import DAY_S, HOUR_S, MONTH_S

MONDAY_S = 4 * DAY_S
BASELINE_ANSWERS = 1000
WEEK_HOURS = 7 * 24
BASELINE_HOURS = 4 * WEEK_HOURS
MOST_BASELINE_HOURS = 9 * WEEK_HOURS


@dataclass(frozen=True, slots=True)
class Standard:
    """Residuals in standard deviations, with sparse hours pooled: the input of every CUSUM here.

    Attributes:
        z: Steps x streams: sums of residuals, in sd.
        exposure: Steps x streams: 0 if a group is not complete.
        k: Reference value of each stream.
        up: Threshold of rises of each stream, or of each step of it.
        down: Threshold of falls of each stream, or of each step of it.
    """

    z: Array
    exposure: Array
    k: Array
    up: Array
    down: Array

    def until(self, step: int) -> "Standard":
        """The same streams up to a step."""
        return replace(self, z=self.z[:step], exposure=self.exposure[:step])


def baseline_steps(world: World) -> int:
    """The number of steps of the baseline."""
    return BASELINE_ANSWERS if SUBJECTS[world.metric].manner == "answers" else MOST_BASELINE_HOURS


def _enough(world: World, total: Array) -> int:
    """The number of these steps that a stream's baseline takes: whole weeks, as in `next_span`."""
    if SUBJECTS[world.metric].manner == "answers":
        return len(total)
    weeks = np.flatnonzero(total.cumsum()[WEEK_HOURS - 1 :: WEEK_HOURS] >= LEAST_EVENTS)[0] + 1
    return max(BASELINE_HOURS, int(weeks) * WEEK_HOURS)


def ours(world: World, exposure: Array, total: Array, alarms_a_month: float) -> Standard:
    """Each stream's baseline, thresholds and residuals, as the service computes them."""
    subject = SUBJECTS[world.metric]
    first = baseline_steps(world)
    made = []
    for i in range(total.shape[1]):
        until = _enough(world, total[:first, i])
        made.append(baseline_of(world, exposure[:until, i], total[:until, i]))
    mean, sd = (np.array([getattr(baseline, name) for baseline in made]) for name in ("mean", "sd"))
    detectors = [baseline.detector(subject, subject.shift) for baseline in made]
    rates = [alarms_a_month / baseline.per_month / 2 for baseline in made]
    up, down = (
        np.array([Curve(detector, side).threshold(rate) for detector, rate in zip(detectors, rates, strict=True)])
        for side in (1, -1)
    )
    exposure, total = exposure[first:], total[first:]
    if subject.manner == "volume":
        hours = np.array([hour_of_week(MONDAY_S + HOUR_S * (first + i)) for i in range(len(total))])
        exposure = np.array([baseline.rhythm for baseline in made]).T[hours]
    least = np.array([least_exposure(subject, baseline.mean) for baseline in made])
    exposure, total = _grouped(exposure, total, least)
    return Standard((total - mean * exposure) / sd, exposure, np.array([d.k for d in detectors]), up, down)


def baseline_of(world: World, exposure: Array, total: Array) -> Baseline:
    """The baseline of one stream's stretch, as the service estimates it."""
    subject = SUBJECTS[world.metric]
    width = subject.width_s if subject.manner != "answers" else round(MONTH_S / world.a_month)
    begin = MONDAY_S
    steps = [
        Observation(begin + width * (i + 1), e, t)
        for i, (e, t) in enumerate(zip(exposure.tolist(), total.tolist(), strict=True))
    ]
    span = Span(begin, begin + width * len(steps), "automatic")
    baseline = estimate("d", subject, steps, span, 1, span.end_s)
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
    up, down = np.zeros(len(standard.k)), np.zeros(len(standard.k))
    highs, lows = (np.broadcast_to(limits * factor, standard.z.shape) for limits in (standard.up, standard.down))
    state = np.zeros(len(standard.k))
    states: States = np.zeros_like(standard.z, dtype=np.int8)
    for i, z in enumerate(standard.z):
        allowed, high, low = standard.k * standard.exposure[i], highs[i], lows[i]
        up = np.minimum(np.maximum(up + z - allowed, 0), STATISTIC_CAP * high)
        down = np.minimum(np.maximum(down - z - allowed, 0), STATISTIC_CAP * low)
        stays = ((state > 0) & (up > 0) & (down <= low)) | ((state < 0) & (down > 0) & (up <= high))
        rises = (up > high) & (up * low >= down * high)
        state = np.where(stays, state, np.where(rises, 1, np.where(down > low, -1, 0)))
        states[i] = state
    return states


def page_hinkley(standard: Standard, threshold: float, slack: float = 0.005) -> States:
    """Alarms of steps x streams, 0 or 1, of Page-Hinkley's test of both sides against the running mean."""
    count = np.zeros(len(standard.k))
    mean, up, down, least, most = (np.zeros(len(standard.k)) for _ in range(5))
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
