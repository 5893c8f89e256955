"""What a second worker costs, by native and by Python code, and what partitions do: the job of `bench`."""

import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench.costs import Cost, Costs, Dimension
from bench.events import expected, registry_text
from bench.large import speed_up
from bench.outside import PARTITIONS, broker, create_topic, publish
from bench.outside import store as stored
from bench.results import Expectation, Taken
from bench.rounds import CONTESTANTS, Course
from streams.store.client import Store
from streams.store.migrations import migrate

ROUNDS: Final = 3
EVENTS: Final = 300_000
"""Of each number of partitions."""
PAIRS: Final = (
    ("native", "cx-balance", "cx-balance, 2 workers"),
    ("Python", "cx-balance, Python code", "cx-balance, Python code, 2 workers"),
)


def workers(events: int) -> Costs:
    """So many events, landed by one worker and by two."""
    return asyncio.run(_workers(events))


async def _workers(events: int) -> Costs:
    contestants = {contestant.name: contestant for contestant in CONTESTANTS}
    costs: dict[str, Cost] = {}
    async with _course(events, PARTITIONS) as course:
        for code, one, two in PAIRS:
            runs: dict[str, list[Taken]] = {one: [], two: []}
            for _ in range(ROUNDS):
                for name, taken in runs.items():
                    taken.append(await course.run(contestants[name]))
            for workers, name in enumerate(runs, start=1):
                costs[f"{workers} {code}"] = _cost(runs[name], _compared(runs[name], runs[one]))
    return costs


@asynccontextmanager
async def _course(events: int, partitions: int) -> AsyncIterator[Course]:
    """The job with so many events in so many partitions."""
    with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as kept:
        registry = Path(scratch) / "registry.toml"
        registry.write_text(registry_text())
        list(migrate(Store(kept[0])))
        async with broker("kafka", Path(scratch)) as on:
            await create_topic(on.address, "bench", partitions)
            await publish(on.address, "bench", events, partitions=partitions)
            yield Course(on, kept, "bench", registry, Expectation(events, expected(events)), partitions)


def _compared(runs: Sequence[Taken], one: Sequence[Taken]) -> str:
    if runs is one:
        return ""
    return f"{speed_up(one, runs):.2f} times as fast, {speed_up(one, runs, with_store=True):.2f} with the store"


def partitions(size: int) -> Costs:
    """300,000 events in so many partitions, by the worker as it is: medians of three."""
    return {"ingest": _cost(asyncio.run(_rounds(size)), f"{EVENTS:,} facts")}


async def _rounds(size: int) -> list[Taken]:
    async with _course(EVENTS, size) as course:
        return [await course.run(CONTESTANTS[0]) for _ in range(ROUNDS)]


def _cost(runs: Sequence[Taken], made: str) -> Cost:
    store_s, worker_s, worker_mb = (
        statistics.median(getattr(run, key) for run in runs) for key in ("store_cpu_s", "cpu_s", "peak_mb")
    )
    return Cost(store_s, worker_s, None, worker_mb, made)


DIMENSIONS: Final = (
    Dimension("partitions", partitions, (4, 64)),
    Dimension("events, by workers", workers, (600_000, 3_000_000)),
)
