"""The measurements: false alarms a month in calm, and steps from a shift to its alarm."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.calibrate.detectors import Standard, baseline_steps, cusum, ours, page_hinkley
from bench.calibrate.worlds import Array, States, World

HOURS = "noise of hours"
"""Ours without the noise of weeks."""
SEARCHES = 7
BATCH = 200
"""Streams simulated at once."""


@dataclass(frozen=True, slots=True)
class Calm:
    """False alarms of one type.

    Attributes:
        metric: The type.
        months: Simulated months over all streams.
        wanted: False alarms a month for which the thresholds were computed.
        observed: False alarms a month that were counted.
        error: Standard error of `observed`, over streams.
    """

    metric: str
    months: float
    wanted: float
    observed: float
    error: float


@dataclass(frozen=True, slots=True)
class Delay:
    """Mean days from a shift to its alarm, at equal false alarms; None if the detector cannot be made so quiet."""

    metric: str
    direction: str
    days: dict[str, float | None]


def begun(states: States) -> Array:
    """Alarms that begin, of each stream."""
    before = np.vstack([np.zeros((1, states.shape[1])), states[:-1]])
    return np.asarray(((states != 0) & (states != before)).sum(axis=0), dtype=float)


def calm(world: World, seed: int, streams: int, months: int, wanted: float) -> tuple[Calm, Standard]:
    """Our false alarms, and the first streams: one batch, because memory does not hold all of them at once."""
    steps = baseline_steps(world) + round(months * world.a_month)
    batches, first = [], None
    for begin in range(0, streams, BATCH):
        width = min(BATCH, streams - begin)
        exposure, total = world.draw(np.random.default_rng([seed, begin]), steps, width, np.zeros(steps))
        standard = ours(world, exposure, total, wanted)
        batches.append(begun(cusum(standard)) / months)
        first = first or standard
    if first is None:
        raise ValueError(f"{world.metric}: no streams to simulate")
    counts = np.concatenate(batches)
    error = float(counts.std(ddof=1) / np.sqrt(streams))
    return Calm(world.metric, streams * months, wanted, float(counts.mean()), error), first


def textbook(standard: Standard) -> Standard:
    """The same streams under k = 0.5 and h = 5, in standard deviations of a step, as in textbooks."""
    spread = np.sqrt((standard.z**2).sum(axis=0) / (standard.exposure > 0).sum(axis=0))
    ones = np.ones(standard.z.shape[1])
    return Standard(standard.z / spread, (standard.exposure > 0).astype(float), 0.5 * ones, 5 * ones, 5 * ones)


def quiet(alarms: Callable[[float], float], wanted: float, low: float, high: float) -> float | None:
    """A setting between two at which a detector has no more false alarms than wanted; None if even `high` has more."""
    if alarms(high) > wanted:
        return None
    for _ in range(SEARCHES):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if alarms(middle) > wanted else (low, middle)
    return high


def waits(states: States, at: int) -> float:
    """Mean steps from a shift at step `at` to an alarm, over streams that are calm then; the end if none comes."""
    calm_then = states[at - 1] == 0
    after = states[at:, calm_then] != 0
    first = np.where(after.any(axis=0), after.argmax(axis=0) + 1, len(after))
    return float(first.mean())


def delays(world: World, calm_streams: Standard, seed: int, streams: int, wanted: float, months: int) -> list[Delay]:
    """Days until the smallest shift worth acting on is detected, up and down, at equal false alarms."""
    detectors = _tuned(calm_streams, wanted, months)
    result = []
    for direction, sign in (("up", 1.0), ("down", -1.0)):
        rng = np.random.default_rng(seed + 1)
        first, before, after = baseline_steps(world), round(world.a_month / 2), round(world.a_month * 4)
        shifted = np.zeros(first + before + after)
        shifted[first + before :] = sign
        exposure, total = world.draw(rng, len(shifted), streams, shifted)
        moved = ours(world, exposure, total, wanted)
        hours = ours(world, exposure, total, wanted, weeks=False)
        days = {
            name: None if run is None else waits(run(moved), before) / world.a_month * 30.4
            for name, run in detectors.items()
        }
        days[HOURS] = waits(cusum(hours), before) / world.a_month * 30.4
        result.append(Delay(world.metric, direction, days))
    return result


def _tuned(calm_streams: Standard, wanted: float, months: int) -> dict[str, Callable[[Standard], States] | None]:
    """Each detector made as quiet as wanted on calm streams."""
    standard = textbook(calm_streams)

    def rate(states: States) -> float:
        return float(begun(states).mean()) / months

    factor = quiet(lambda f: rate(cusum(standard, f)), wanted, 0.2, 20)
    hinkley = quiet(lambda t: rate(page_hinkley(calm_streams, t)), wanted, 1, 1000)
    return {
        "ours": cusum,
        "CUSUM k = 0.5": None if factor is None else lambda moved: cusum(textbook(moved), factor),
        "Page-Hinkley": None if hinkley is None else lambda moved: page_hinkley(moved, hinkley),
    }
