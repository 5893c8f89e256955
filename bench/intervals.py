"""How often "95 %" intervals hold the truth, simulated: `make intervals` writes docs/intervals.md.

Every row is one kind of stream with a known truth; each run draws one, and asks the figure of an instant on both
horizons, with the formulas that the service uses.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Final

import numpy as np

from bench.intervals_rows import ROWS, Case
from bench.simulated import AT_S, ingredients
from metrics.catalogue import METRICS, Shape
from metrics.durations import DAY_S
from metrics.figures.formulas import figure

RUNS: Final = 2000
LEAST, MOST = 93.0, 99.0
HALF_LIVES: Final = {"short": 7 * DAY_S, "long": 90 * DAY_S}
DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "intervals.md"
_HEAD: Final = """# Intervals

How often the 95 % interval of a figure holds the truth, in simulated streams whose truth is known: {runs:,} runs of
each row, so a share of 95 % is known to about {error:.1f} points. `make intervals` writes this page; do not edit. The
formulas are those of [metrics](metrics.md). A row lies within {least:.0f} and {most:.0f} %, or says why it does not.
*shown*: in how many runs the figure had an interval on the short and on the long horizon; in the others it was
suppressed, or shown without one.

| metric | stream | short | long | shown | |
|---|---|---|---|---|---|
"""
WIDE: Final = "wide where there is little data"


@dataclass(frozen=True)
class Coverage:
    """What came out of the runs of a row on one horizon.

    Attributes:
        held: In how many runs the interval held the truth.
        shown: In how many there was one.
    """

    held: int
    shown: int

    @property
    def percent(self) -> float:
        """How often it held the truth, of the runs that showed it; 95 if none did."""
        return 100 * self.held / self.shown if self.shown else 95.0


def coverage(case: Case, runs: int, seed: int = 1) -> dict[str, Coverage]:
    """How often intervals hold the truth of a case, by horizon."""
    metric = METRICS[case.metric]
    counts = {horizon: [0, 0] for horizon in HALF_LIVES}
    by_customer = metric.shape not in (Shape.VOLUME, Shape.RATE)
    for run in range(runs):
        chance = np.random.default_rng([seed, run])
        for horizon, half_life_s in HALF_LIVES.items():
            days = min(case.days, 10 * half_life_s / DAY_S)
            streams = case.streams(chance, days)
            if not any(len(streams[kind].minutes) for kind in metric.kinds if kind in streams):
                continue
            material = ingredients(streams, metric.kinds, half_life_s, by_customer)
            found = figure(metric, material, AT_S, half_life_s)
            if found is not None and found.ci is not None:
                counts[horizon][1] += 1
                counts[horizon][0] += found.ci[0] - 1e-9 <= case.truth <= found.ci[1] + 1e-9
    return {horizon: Coverage(*of_horizon) for horizon, of_horizon in counts.items()}


def _row(case: Case, found: dict[str, Coverage], runs: int) -> str:
    short, long = found["short"], found["long"]
    shown = f"{100 * short.shown // runs} %, {100 * long.shown // runs} %"
    why = case.why or (WIDE if max(short.percent, long.percent) > MOST else "")
    ends = " | ".join(f"{of.percent:.1f} %" if of.shown else "-" for of in (short, long))
    return f"| {case.metric} | {case.name} | {ends} | {shown} | {why} |"


def unexplained(case: Case, found: dict[str, Coverage]) -> bool:
    """Whether a row holds too rarely without a reason."""
    return not case.why and min(of.percent for of in found.values()) < LEAST


def _measured(number_and_runs: tuple[int, int]) -> dict[str, Coverage]:
    number, runs = number_and_runs
    return coverage(ROWS[number], runs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulates every row and writes the document; 1 if a row holds too rarely without a reason."""
    parser = argparse.ArgumentParser(prog="bench.intervals")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--write", type=Path, default=DOCUMENT)
    options = parser.parse_args(arguments)
    with Pool(2) as pool:
        results = pool.imap(_measured, [(number, options.runs) for number in range(len(ROWS))])
        lines, failed = [], 0
        for case, found in zip(ROWS, results, strict=True):
            lines.append(_row(case, found, options.runs))
            failed += unexplained(case, found)
            print(lines[-1], file=sys.stderr, flush=True)
    error = 1.96 * (95 * 5 / options.runs) ** 0.5
    head = _HEAD.format(runs=options.runs, error=error, least=LEAST, most=MOST)
    options.write.write_text(head + "\n".join(lines) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
