"""What a second worker costs: the same events by one worker and by two, by native and by Python code."""

import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.costs import Cost, Costs, Dimension
from bench.events import expected, registry_text
from bench.large import speed_up
from bench.outside import broker, create_topic, publish
from bench.outside import store as stored
from bench.results import Expectation, Taken
from bench.rounds import CONTESTANTS, Course
from streams.store.client import Store
from streams.store.migrations import migrate

ROUNDS: Final = 3
PAIRS: Final = (
    ("native", "cx-balance", "cx-balance, 2 workers"),
    ("Python", "cx-balance, Python code", "cx-balance, Python code, 2 workers"),
)


def workers(events: int) -> Costs:
    """So many events, landed by one worker and by two."""
    return asyncio.run(_workers(events))


async def _workers(events: int) -> Costs:
    contestants = {contestant.name: contestant for contestant in CONTESTANTS}
    with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as kept:
        registry = Path(scratch) / "registry.toml"
        registry.write_text(registry_text())
        list(migrate(Store(kept[0])))
        async with broker("kafka", Path(scratch)) as on:
            await create_topic(on.address, "bench")
            await publish(on.address, "bench", events)
            course = Course(on, kept, "bench", registry, Expectation(events, expected(events)))
            costs: dict[str, Cost] = {}
            for code, one, two in PAIRS:
                runs: dict[str, list[Taken]] = {one: [], two: []}
                for _ in range(ROUNDS):
                    for name, taken in runs.items():
                        taken.append(await course.run(contestants[name]))
                for workers, name in enumerate(runs, start=1):
                    costs[f"{workers} {code}"] = _cost(runs[name], runs[one])
    return costs


def _cost(runs: Sequence[Taken], one: Sequence[Taken]) -> Cost:
    store_s, worker_s, worker_mb = (
        statistics.median(getattr(run, key) for run in runs) for key in ("store_cpu_s", "cpu_s", "peak_mb")
    )
    made = f"{speed_up(one, runs):.2f} times as fast, {speed_up(one, runs, with_store=True):.2f} with the store"
    return Cost(store_s, worker_s, None, worker_mb, "" if runs is one else made)


DIMENSIONS: Final = (Dimension("events, by workers", workers, (600_000, 3_000_000)),)
