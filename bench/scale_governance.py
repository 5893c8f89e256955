"""What grows with departments in governance, with drift's history, and with partitions: dimensions of bench.scale."""

import asyncio
import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from bench.costs import Cost, Costs, Dimension, apart, cost, measured_store
from bench.events import expected, registry_text
from bench.governance import land
from bench.outside import broker, create_topic, publish
from bench.outside import store as stored
from bench.results import Expectation, Taken
from bench.rounds import CONTESTANTS, Course
from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from metrics.durations import DEFAULT_PERIOD
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from streams.drift.watcher import DetectionRunner
from streams.governance import counting, series
from streams.governance.counting import Question
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.migrations import migrate

DAYS: Final = 390
OWNERS: Final = 10
EVENTS: Final = 300_000
ROUNDS: Final = 3
KINDS: Final = ("nps", "csat", "ces", "visit", "conversion")
# Each department has a touchpoint, with cells at even distances over the days; each kind in turn.
_CELLS: Final = """
INSERT INTO cells (minute, touchpoint, segment, region, kind, n, sum_score, sum_score_sq, promoters, passives,
    detractors, satisfied, sum_count, sum_count_sq, refreshed_at)
SELECT toDateTime({start} + intDiv(intDiv(number, {owners}) * {minutes}, {each}) * 60, 'UTC'),
    concat('t', toString(number % {owners}), '.page'), '', '', {kinds}[intDiv(number, {owners}) % {kind_count} + 1],
    4, 4 + h % 13, 16 + h % 20, h % 3, 1, 3 - h % 3, h % 5, 4, 16, toDateTime64({start}, 6, 'UTC')
FROM (SELECT number, cityHash64(number) AS h FROM numbers({total}))
"""


def company(departments: int) -> CompiledRegistry:
    """A registry of so many departments with a touchpoint each."""
    lines = ['version = "scale"', 'policy = "single"', 'sponsor = "cmo"']
    for number in range(departments):
        lines += ["[[department]]", f'id = "d{number}"', f'name = "D{number}"', 'office = "front"']
        lines += ["[[ownership]]", f'touchpoint = "t{number}.page"', f'owner = "d{number}"']
        lines += ["[[touchpoint]]", f'id = "t{number}.page"', 'stage = "during"', 'channel = "online"']
        lines += [f'name = {{ en = "T{number}" }}']
    registry = parse("\n".join(lines) + "\n")
    return CompiledRegistry(registry, Attribution(registry))


def departments(size: int) -> Costs:
    """Governance of a company of so many departments that all hand over to each other in 100,000 journeys."""
    at = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    compiled = company(size)
    with measured_store() as (store, pid):
        land(store, compiled, at - timedelta(days=90), 5 * 100_000)

        acts: dict[str, Callable[[], int]] = {
            "series of the elected worker": lambda: len(series.governance_kpis(store, compiled, at).figures),
            "all figures": lambda: len(counting.compute(store, compiled, Question(at - DEFAULT_PERIOD, at))),
        }
        return {
            what: apart(partial(cost, pid, lambda act=act: f"{act():,} figures"))  # type: ignore[misc]
            for what, act in acts.items()
        }


def history(size: int) -> Costs:
    """The first look for drift over so many cells of 390 days."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    compiled, each = company(OWNERS), size // OWNERS
    with measured_store() as (store, pid):
        store.command(
            _CELLS.format(
                start=int(start.timestamp()), owners=OWNERS, minutes=DAYS * 1440, each=each, kinds=list(KINDS),
                kind_count=len(KINDS), total=OWNERS * each,
            )
        )  # fmt: skip
        # As of yesterday: of a history that is still coming in no baseline is made.
        store.insert("refreshes", ("upto", "minutes"), ([datetime.now(UTC) - timedelta(days=1)], [0]))
        runner = DetectionRunner(store, DetectionPolicy(1.0, DEFAULT_SHIFTS))

        def act() -> str:
            runner.look(compiled, datetime.now(UTC), 0.0)
            return "its first look"

        return {"drift": cost(pid, act)}


def partitions(size: int) -> Costs:
    """The job of `bench` with 300,000 events in so many partitions, by the worker as it is: medians of three."""
    rounds = asyncio.run(_rounds(size))
    store_s, own_s, own_mb = (
        statistics.median(getattr(taken, name) for taken in rounds) for name in ("store_cpu_s", "cpu_s", "peak_mb")
    )
    return {"ingest": Cost(store_s, own_s, None, own_mb, f"{EVENTS:,} facts")}


async def _rounds(size: int) -> list[Taken]:
    topic, (ours, *_) = f"of{size}", CONTESTANTS
    with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as kept:
        registry = Path(scratch) / "registry.toml"
        registry.write_text(registry_text())
        list(migrate(Store(kept[0])))
        async with broker("kafka", Path(scratch)) as on:
            await create_topic(on.address, topic, size)
            await publish(on.address, topic, EVENTS, partitions=size)
            course = Course(on, kept, topic, registry, Expectation(EVENTS, expected(EVENTS)), size)
            return [await course.run(ours) for _ in range(ROUNDS)]


DIMENSIONS: Final = (
    Dimension("departments, in governance", departments, (50, 500)),
    Dimension("cells of a history, in drift", history, (500_000, 5_000_000)),
    Dimension("partitions", partitions, (4, 64)),
)
