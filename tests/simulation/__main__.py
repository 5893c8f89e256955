"""Runs simulations, one for each seed; a seed that fails is printed with the command that replays it."""

import argparse
import gc
import logging
import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from tests.simulation.breaches import BREACHES, planted
from tests.simulation.clocks import taken_over
from tests.simulation.plan import planned
from tests.simulation.running import Outcome, simulate

AT_ONCE: Final = 25
"""Seeds between two collections of garbage."""

SHOWN: Final = 5
HASH_SEED: Final = "PYTHONHASHSEED"


def outcomes(seeds: Iterable[int], breach: str | None = None) -> Iterable[Outcome]:
    """Simulates seeds, one after another; logs nothing, since what fails fails on purpose."""
    logging.disable(logging.CRITICAL)
    try:
        with taken_over(), planted(breach) as lacking:
            theme = BREACHES[breach].theme if breach else None
            for seed in seeds:
                yield simulate(planned(seed, theme), lacking)
    finally:
        logging.disable(logging.NOTSET)


def _failures(seeds: Sequence[int], breach: str | None) -> tuple[int, int, list[tuple[int, str]]]:
    gc.freeze()  # what was imported is no garbage, and need not be looked through again and again
    steps, failed = 0, []
    for outcome in outcomes(seeds, breach):
        steps += outcome.steps
        if outcome.violation:
            failed.append((outcome.plan.seed, str(outcome.violation)))
    return len(seeds), steps, failed


def _all(first: int, count: int, jobs: int, breach: str | None) -> int:
    began_s = time.monotonic()
    parts = [range(start, min(start + AT_ONCE, first + count)) for start in range(first, first + count, AT_ONCE)]
    done, steps, failed = 0, 0, []
    with ProcessPoolExecutor(jobs) as pool:
        for part_done, part_steps, part_failed in pool.map(_failures, parts, [breach] * len(parts)):
            done, steps = done + part_done, steps + part_steps
            failed += part_failed
    planting = f" --breach {breach.replace(' ', '-')}" if breach else ""
    for seed, found in failed[:SHOWN]:
        print(f"seed {seed}: {found}\n  replay: python -m tests.simulation --seed {seed}{planting}")
    seconds = time.monotonic() - began_s
    print(f"{done:,} schedules of {steps:,} steps in {seconds:.0f} s: {len(failed)} failed")
    return int(bool(failed))


def _replay(seed: int, breach: str | None) -> int:
    [outcome] = outcomes([seed], breach)
    print(outcome.plan)
    print("\n".join(outcome.trace))
    print(f"seed {seed}: {outcome.violation or 'everything held'}")
    return int(outcome.violation is not None)


def main() -> int:
    """Runs what the command line asks for; 1 if an invariant did not hold."""
    if os.environ.get(HASH_SEED) != "0":
        # The order of sets of texts is a choice that Python makes at its start.
        os.execve(
            sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]], os.environ | {HASH_SEED: "0"}
        )
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay one, with its trace")
    parser.add_argument("--first", type=int, default=0, help="the first of several")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--breach", choices=[name.replace(" ", "-") for name in BREACHES], help="plant one")
    given = parser.parse_args()
    breach = given.breach and given.breach.replace("-", " ")
    if given.seed is not None:
        return _replay(given.seed, breach)
    return _all(given.first, given.seeds, given.jobs, breach)


if __name__ == "__main__":
    sys.exit(main())
