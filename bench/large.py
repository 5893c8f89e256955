"""Ten times the events: is memory constant, what does start-up hide, and what does a second worker gain?"""

import os
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.results import Taken

TIMES = 10
ONE, TWO, JVM = "cx-balance", "cx-balance, 2 workers", "Kafka Streams"
CONTESTANTS = (ONE, TWO, JVM)


def summary(small: Sequence[Taken], large: Mapping[str, Sequence[Taken]]) -> dict[str, Any]:
    """Memory at both sizes, and the gain of two workers compared with what the cores allow."""
    figures: dict[str, Any] = {}
    one, two = large.get(ONE, ()), large.get(TWO, ())
    if small and one:
        figures["peak_mb"], figures["peak_mb_at_10_times"] = (_median(runs, "peak_mb") for runs in (small, one))
    if one and two:
        figures |= accounting(one, two, os.cpu_count() or 1)
    return figures


def accounting(one: Sequence[Taken], two: Sequence[Taken], cores: int) -> dict[str, float]:
    """The wall time of one worker over that of two, the most that the cores allow, and what cores enough would give.

    Worker, store and broker of one run take a number of CPU seconds together. Spread over all cores without a gap,
    they take at least that number divided by the number of cores.
    """
    wall_1, wall_2 = _median(one, "wall_s"), _median(two, "wall_s")
    busy_1, busy_2 = (
        sum(_median(runs, key) for key in ("cpu_s", "store_cpu_s", "broker_cpu_s")) for runs in (one, two)
    )
    return {
        "two_workers_are_faster_by": wall_1 / wall_2,
        "cores_allow_at_most": wall_1 / (busy_1 / cores),
        "cores_busy_with_one": busy_1 / wall_1,
        "cores_busy_with_two": busy_2 / wall_2,
        "cores": cores,
        "two_workers_by_accounting": speed_up(one, two),
        "two_workers_by_accounting_with_the_store": speed_up(one, two, with_store=True),
    }


def speed_up(one: Sequence[Taken], two: Sequence[Taken], *, with_store: bool = False) -> float:
    """How many times as fast two workers are where each has a core of its own: twice the CPU time of one over theirs.

    Args:
        one: Runs of one worker.
        two: Runs of two that share the same events.
        with_store: Whether the store's time counts as well, as if it had two cores too.
    """
    keys = ("cpu_s", "store_cpu_s") if with_store else ("cpu_s",)
    alone, shared = (sum(_median(runs, key) for key in keys) for runs in (one, two))
    return 2 * alone / shared


def _median(runs: Sequence[Taken], key: str) -> float:
    return float(statistics.median(getattr(run, key) for run in runs))
