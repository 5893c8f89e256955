"""make calibrate: simulates, counts, writes docs/drift.md; exit 1 if a type misses the budget by a fifth.

Streams of a real shop are drawn from REAL_EVENTS, events of NDJSON in gzip; without it, the page keeps theirs.
EFFORT, 1 if it is not set, is the share of the streams that are drawn from the shop, grown or declared to wander; of
each simulated type there are always as many as tell a fifth of the budget from noise. PROCESSES is how many work at a
time.
"""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from bench.calibrate import rivals
from bench.calibrate.detectors import Standard, baseline_steps, ours
from bench.calibrate.growth import FACTORS, GROWING, Growth, growth
from bench.calibrate.measure import Calm, Delay, calm, delays
from bench.calibrate.real import CASES, Real, calendars, real
from bench.calibrate.report import TOLERANCE, kept, report
from bench.calibrate.tolerances import TOLERANCES, Tolerated, tolerated
from bench.calibrate.worlds import DRIFTING, ECHO, WORLDS, World

SEED = 20261124
MONTHS = 24
EFFORT = float(os.environ.get("EFFORT", "1"))
STREAMS = 400
"""Simulated ones of a type: most raise no alarm and a few raise many, so that of 48 one cannot tell."""
GROWN, DRAWN, DECLARED = (max(2, round(EFFORT * streams)) for streams in (80, 150, 150))
WANTED = 0.05
SHIFTED = 60
TUNED_MONTHS = 8
RIVALS = 4
RIVAL_STEPS = 3_000
PAGE = Path(__file__).parents[2] / "docs" / "drift.md"


def main() -> int:
    """Measures every type; returns the exit code."""
    began = time.monotonic()
    results: list[Calm] = []
    waited: list[Delay] = []
    # A process for each type: those with most work first, because all must end.
    with ProcessPoolExecutor(int(os.environ.get("PROCESSES", "0")) or None) as pool:
        for measured, rows in pool.map(_measure, reversed(range(len(WORLDS)))):
            results.insert(0, measured)
            waited[:0] = rows
            sys.stderr.write(f"{measured.metric}: {measured.observed / WANTED:.0%} of the budget; {rows}\n")
        growths = list(pool.map(_growth, [(metric, factor) for metric in GROWING for factor in FACTORS]))
        events = os.environ.get("REAL_EVENTS")
        reals = list(pool.map(_real, [(events, *case) for case in CASES])) if events else None
        declared = [(events, metric, tolerance) for metric, parts in TOLERANCES.items() for tolerance in parts]
        tolerances = list(pool.map(_tolerated, declared)) if events else []
    numbers = {
        "minutes": max(1.0, (time.monotonic() - began) / 60),
        "months": sum(item.months for item in results),
        "seed": SEED,
        "echo": ECHO,
        "busy": DRIFTING,
        "wanted": WANTED,
        "detectors": 1 / WANTED,
        "rivals": RIVALS,
        "effort": EFFORT,
    }
    drawn = None if reals is None else (reals, tolerances)
    page = report(results, waited, growths, numbers, drawn, kept(PAGE.read_text(encoding="utf-8")))
    PAGE.write_text(page, encoding="utf-8")
    return int(any(abs(item.observed / item.wanted - 1) > TOLERANCE for item in results))


def _growth(case: tuple[str, float]) -> Growth:
    return growth(*case, seed=SEED, streams=GROWN, months=MONTHS, wanted=WANTED)


def _real(case: tuple[str, str, int]) -> Real:
    events, metric, block = case
    return real(calendars(Path(events))[metric], (metric, block), SEED, DRAWN, MONTHS, WANTED)


def _tolerated(case: tuple[str, str, float]) -> Tolerated:
    events, metric, tolerance = case
    return tolerated(calendars(Path(events))[metric], metric, tolerance, SEED, DECLARED, MONTHS, WANTED)


def _measure(number: int) -> tuple[Calm, list[Delay]]:
    """One type of WORLDS: its false alarms, and how soon each detector detects its shift."""
    world = WORLDS[number]
    measured, standard = calm(world, SEED, STREAMS, MONTHS, WANTED)
    begin = standard.until(round(TUNED_MONTHS * world.a_month))
    rows = delays(world, begin, SEED, SHIFTED, WANTED, TUNED_MONTHS)
    _rivals(world, standard, rows)
    return measured, rows


def _rivals(world: World, standard: Standard, rows: list[Delay]) -> None:
    """Adds the days of river's detectors, at the most sensitive setting that is as quiet as ours."""
    calm_streams = rivals.streams(standard, RIVALS, RIVAL_STEPS)
    allowed = WANTED * RIVALS * min(RIVAL_STEPS, len(standard.z)) / world.a_month
    for name, settings in rivals.makers().items():
        chosen = next((make for make in settings if rivals.alarms(make, calm_streams) <= max(1.0, allowed)), None)
        for row, sign in zip(rows, (1.0, -1.0), strict=True):
            row.days[name] = None
            if chosen is not None:
                shifted, at = _shifted(world, sign)
                row.days[name] = rivals.wait(chosen, shifted, at) / world.a_month * 30.4


def _shifted(world: World, sign: float) -> tuple[list[list[float]], int]:
    first, before, after = baseline_steps(world), round(world.a_month / 2), round(world.a_month * 4)
    shift = np.zeros(first + before + after)
    shift[first + before :] = sign
    exposure, total = world.draw(np.random.default_rng(SEED + 2), len(shift), RIVALS, shift)
    moved = ours(world, exposure, total, WANTED)
    return rivals.streams(moved, RIVALS, len(moved.z)), before


if __name__ == "__main__":
    sys.exit(main())
