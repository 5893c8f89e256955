"""make coverage-of-since: how often the days that an alarm gives for its drift's beginning hold the true instant.

Prints a table in Markdown, for docs/metrics.md; exit 1 if a row of a simulated type covers less than LEAST. Streams of
a real shop are drawn from REAL_EVENTS, events of NDJSON in gzip; without it they have no rows.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Final

import numpy as np

from bench.calibrate.detectors import baseline_of, baseline_steps, ends_of, enough
from bench.calibrate.real import CASES, MONDAY_S, Day, baseline_of_days, calendars, drawn, fallen, steps_of_days
from bench.calibrate.worlds import WORLDS, Array, World
from metrics.drift.baselines import Baseline
from metrics.drift.detection import DEFAULT_SHIFTS, Alarm, DetectionPolicy, detect
from metrics.drift.shares import BudgetShares
from metrics.drift.subjects import Observation
from metrics.durations import DAY_S, MONTH_S

SEED: Final = 20261201
DETECTIONS: Final = 300
BATCH: Final = 25
WANTED: Final = 0.05
"""False alarms a month of one detector: one a month for 20 detectors."""
SHIFTS: Final = (1.0, -1.0, 2.0, -2.0)
"""In units of the smallest shift worth acting on."""
CALM_MONTHS: Final = (0.3, 1.3)
"""So long, at random, a level stays after its baseline."""
FOLLOWED_MONTHS: Final = (0.5, 1.0, 2.0, 4.0)
"""How long after a shift its alarm is waited for: the last is the longest."""
LEAST: Final = 0.93
POLICY: Final = DetectionPolicy(WANTED, DEFAULT_SHIFTS)
REAL_STREAMS: Final = 150
REAL_DAYS: Final = 700
REAL_CALM: Final = 182
"""Days from a real stream's baseline to its fall."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the days of one type's alarms fit.

    Attributes:
        name: The type.
        shift: In units of the smallest shift worth acting on, negative for falls.
        found: How many alarms.
        detections: How many of them give days.
        covered: Share of them whose days hold the true instant.
        days: Median number of days of UTC that they name.
        same_day: Share of them whose `since` is on the true day.
    """

    name: str
    shift: float
    found: int
    detections: int
    covered: float
    days: float
    same_day: float


def coverage(
    world: World, shift: float, seed: int, detections: int, calm_months: tuple[float, float] = CALM_MONTHS
) -> Coverage:
    """Follows streams that shift until so many are found; what alarms before, or the other way, does not count.

    Args:
        world: The type of stream.
        shift: In units of the smallest shift worth acting on.
        seed: Of the streams.
        detections: How many alarms are wanted at least.
        calm_months: Between which numbers of months after its baseline a stream shifts.
    """
    rng = np.random.default_rng([seed, WORLDS.index(world), round(10 * shift) + 100])
    found: list[tuple[int, Alarm]] = []
    while len(found) < detections:
        found += _batch(world, shift, rng, calm_months)
    return _covered(world.metric, shift, found)


def real_coverage(days: list[Day], metric: str, block: int, seed: int, streams: int) -> Coverage:
    """The same of a real shop's days in blocks, after the smallest fall worth acting on, half a year after a baseline.

    Args:
        days: The shop's days.
        metric: Their metric.
        block: Days of a block; 0 permutes answers.
        seed: Of the streams.
        streams: How many; of some the fall is not found.
    """
    found: list[tuple[int, Alarm]] = []
    for number in range(streams):
        rng = np.random.default_rng([seed, block, number])
        stream = drawn(rng, days, block, REAL_DAYS)
        baseline = baseline_of_days(metric, stream)
        at = (baseline.end_s - MONDAY_S) // DAY_S + REAL_CALM
        steps = steps_of_days(metric, [*stream[:at], *fallen(rng, metric, stream[at:], baseline.mean)])
        at_s = MONDAY_S + at * DAY_S
        alone = BudgetShares([baseline.valid_from_s])
        _, alarms = detect([baseline], POLICY, alone, steps, MONDAY_S + REAL_DAYS * DAY_S)
        alarm = _first(alarms, at_s)
        if alarm is not None and alarm.state == "down":
            found.append((at_s, alarm))
    return _covered(f"{metric} of a real shop, {f'{block} days' if block else 'permuted'}", -1.0, found)


def _covered(name: str, shift: float, found: list[tuple[int, Alarm]]) -> Coverage:
    spans = [(at_s, alarm.since_s or 0, alarm.onset) for at_s, alarm in found if alarm.onset]
    return Coverage(
        name,
        shift,
        len(found),
        len(spans),
        mean(began.from_s <= at_s <= began.to_s for at_s, _, began in spans),
        median(began.to_s // DAY_S - began.from_s // DAY_S + 1 for _, _, began in spans),
        mean(since_s // DAY_S == at_s // DAY_S for at_s, since_s, _ in spans),
    )


def _batch(
    world: World, shift: float, rng: np.random.Generator, calm_months: tuple[float, float]
) -> Iterator[tuple[int, Alarm]]:
    """The instants, epoch seconds, at which some streams shift, and the alarms about it."""
    first, before = baseline_steps(world), round(world.a_month * rng.uniform(*calm_months))
    shifted = np.zeros(first + before + round(world.a_month * FOLLOWED_MONTHS[-1]))
    shifted[first + before :] = shift
    exposure, total = world.draw(rng, len(shifted), BATCH, shifted)
    ends = ends_of(world, len(shifted))
    at_s = int(ends[first + before - 1])
    for number in range(BATCH):
        until = enough(world, total[:first, number])
        baseline = baseline_of(world, exposure[:until, number], total[:until, number])
        alarm = _alarm(baseline, _steps(ends.tolist(), exposure[:, number], total[:, number]), at_s)
        if alarm is not None and alarm.state == ("up" if shift > 0 else "down"):
            yield at_s, alarm


def _steps(ends: list[int], exposure: Array, total: Array) -> list[Observation]:
    return [Observation(*step) for step in zip(ends, exposure.tolist(), total.tolist(), strict=True)]


def _alarm(baseline: Baseline, steps: list[Observation], at_s: int) -> Alarm | None:
    """The first alarm after an instant, epoch seconds; None if there is none, or one lasts at the instant."""
    # Thresholds take the most time, and few alarms come late.
    for months in FOLLOWED_MONTHS:
        known = [step for step in steps if step.end_s <= at_s + months * MONTH_S]
        _, alarms = detect([baseline], POLICY, BudgetShares([baseline.valid_from_s]), known, known[-1].end_s)
        if any(alarm.at_s > at_s and alarm.state != "calm" for alarm in alarms):
            return _first(alarms, at_s)
    return None


def _first(alarms: list[Alarm], at_s: int) -> Alarm | None:
    """The first alarm after an instant; None if there is none, or one lasts at the instant."""
    earlier = [alarm.state for alarm in alarms if alarm.at_s <= at_s]
    later = [alarm for alarm in alarms if alarm.at_s > at_s and alarm.state != "calm"]
    return later[0] if later and earlier[-1:] in ([], ["calm"]) else None


def possible(world: World, shift: float) -> bool:
    """Whether a level can shift so far: a share of 88 % cannot rise by 20 points."""
    return (world.metric, shift) != ("retention", 2.0)


def main() -> int:
    """Prints a row for each type, shift and direction."""
    rows = [coverage(world, shift, SEED, DETECTIONS) for world in WORLDS for shift in SHIFTS if possible(world, shift)]
    events = os.environ.get("REAL_EVENTS")
    days = calendars(Path(events)) if events else {}
    real = [real_coverage(days[metric], metric, block, SEED, REAL_STREAMS) for metric, block in CASES if days]
    sys.stdout.write(
        "| metric | shift | alarms | give days | covered | median days | `since` on the day |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    for row in [*rows, *real]:
        sys.stdout.write(
            f"| {row.name} | {row.shift:+g} | {row.found} | {row.detections} | {row.covered:.1%} | {row.days:g} | "
            f"{row.same_day:.0%} |\n"
        )
    return int(any(row.covered < LEAST for row in rows))


if __name__ == "__main__":
    sys.exit(main())
