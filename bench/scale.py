"""`python -m bench.scale`: what grows with what: one dimension after the other, from one size to ten times that.

Each size has a store of its own, which is filled directly. Processor time, which hardly knows of other work of the
machine, and the most memory of store and worker while they work, as the kernel counts it.
To add a dimension, write a function of its size that returns costs by what was done, and name it in DIMENSIONS.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.memory import peak_mb
from bench.outside import cpu_s
from bench.outside import store as stored
from streams.figures import days, edition, snapshot
from streams.figures.closed_days import KeptClosedDays
from streams.figures.series import FigureSeries
from streams.registry.file import compiled
from streams.store.client import Store
from streams.store.migrations import migrate

DAYS: Final = 365
ROUNDS: Final = 3
TIMEOUT_S: Final = 600.0
KINDS: Final = ("nps", "csat", "ces", "visit", "conversion")
_CELLS = """
INSERT INTO cells (minute, touchpoint, segment, region, kind, n, sum_score, sum_score_sq, promoters, passives,
    detractors, satisfied, sum_count, sum_count_sq, refreshed_at)
SELECT toDateTime({start} + intDiv(number * {minutes}, {total}) * 60, 'UTC'),
    concat('t', toString(number % {touchpoints}), '.page'),
    {segment}, {region},
    {kinds}[intDiv(number, {combinations}) % {kind_count} + 1] AS kind_, 4, 4 + h % 13, 16 + h % 20, 1, 1, 2, 2, 4,
    16, toDateTime64({start}, 6, 'UTC')
FROM (SELECT number, cityHash64(number) AS h FROM numbers({total}))
"""


@dataclass(frozen=True, slots=True)
class Company:
    """What a company has: so many of each, spread evenly.

    Attributes:
        touchpoints: How many, each with rules of its own.
        departments: How many, which own the touchpoints in turn.
        periods: How many owners each touchpoint has had, one after the other; no two change on the same date.
        segments: How many segments rules name, each for a department; 0 for none.
        regions: How many regions likewise.
        cells: How many cells there are of the last year.
    """

    touchpoints: int
    departments: int = 20
    periods: int = 1
    segments: int = 0
    regions: int = 0
    cells: int = 1_000_000

    def registry(self, start: datetime) -> str:
        """The text of its registry, whose changes of owner lie between `start` and a year later."""
        lines = ['version = "scale"', 'policy = "single"', 'sponsor = "ceo"']
        for number in range(self.departments):
            lines += ["[[department]]", f'id = "d{number}"', f'name = "D{number}"', 'office = "front"']
        changes = self.touchpoints * (self.periods - 1)
        for touchpoint in range(self.touchpoints):
            edges = [
                start + timedelta(minutes=(turn * self.touchpoints + touchpoint + 1) * DAYS * 1440 // (changes + 1))
                for turn in range(self.periods - 1)
            ]
            for turn, (begins, ends) in enumerate(zip([None, *edges], [*edges, None], strict=True)):
                lines += _rule(f"t{touchpoint}.page", (touchpoint + turn) % self.departments)
                lines += [f"from = {begins:%FT%TZ}"] if begins else []
                lines += [f"to = {ends:%FT%TZ}"] if ends else []
            for name, count in (("segment", self.segments), ("region", self.regions)):
                for number in range(count):
                    lines += [*_rule(f"t{touchpoint}.page", (touchpoint + number) % self.departments)]
                    lines += [f'{name} = "{name[0]}{number}"']
        return "\n".join(lines) + "\n"

    def fill(self, store: Store, start: datetime) -> None:
        """Puts its cells directly into a store, evenly over the days until now."""
        minutes = int((datetime.now(UTC) - start).total_seconds() // 60)
        of_segments = f"intDiv(number, {self.touchpoints}) % {self.segments or 1}"
        of_regions = f"intDiv(number, {self.touchpoints * (self.segments or 1)}) % {self.regions or 1}"
        combinations = self.touchpoints * (self.segments or 1) * (self.regions or 1)
        store.command(
            _CELLS.format(
                start=int(start.timestamp()), minutes=minutes, total=self.cells, touchpoints=self.touchpoints,
                segment=f"concat('s', toString({of_segments}))" if self.segments else "''",
                region=f"concat('r', toString({of_regions}))" if self.regions else "''",
                kinds=list(KINDS), kind_count=len(KINDS), combinations=combinations,
            )
        )  # fmt: skip
        edition.note_renewed(store)


def _rule(touchpoint: str, department: int) -> list[str]:
    return ["[[ownership]]", f'touchpoint = "{touchpoint}"', f'owner = "d{department}"']


@dataclass(frozen=True, slots=True)
class Cost:
    """What one act took.

    Attributes:
        store_s: Processor time of the store, seconds.
        worker_s: Of this process, seconds.
        store_mb: The most memory of the store, MB.
        worker_mb: Of this process, MB.
        made: What it made, as a text.
    """

    store_s: float
    worker_s: float
    store_mb: float
    worker_mb: float
    made: str


Costs = Mapping[str, Cost]
"""By what was done."""


@contextmanager
def measured_store() -> Iterator[tuple[Store, int, Path]]:
    """A store of its own with our tables, the id of its process, and a directory that is removed afterwards."""
    with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as (settings, pid):
        store = Store(settings.model_copy(update={"timeout_s": TIMEOUT_S}))
        list(migrate(store))
        try:
            yield store, pid, Path(scratch)
        finally:
            store.close()


def cost(store_pid: int, act: Callable[[], str]) -> Cost:
    """What an act takes, which returns what it made."""
    for pid in ("self", str(store_pid)):
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the most memory counts from here
    store_s, worker_s = cpu_s(store_pid), time.process_time()
    made = act()
    worker_s = time.process_time() - worker_s
    return Cost(cpu_s(store_pid) - store_s, worker_s, peak_mb(store_pid), peak_mb(os.getpid()), made)


def figures(company: Company) -> Costs:
    """The figures of a company whose days are folded, as a refresh computes them: the first, and those that follow."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    compiled_registry = compiled(company.registry(start))
    with measured_store() as (store, pid, _):
        company.fill(store, start)
        list(days.fold(store, compiled_registry.registry.horizons))
        kept = KeptClosedDays()

        def act() -> str:
            latest = snapshot.compute(store, compiled_registry, datetime.now(UTC), live=True, closed=kept)
            return f"{sum(len(family.samples) for family in FigureSeries(lambda: latest).collect()):,} series"

        first = cost(pid, act)
        return {"first": first, "next": min((cost(pid, act) for _ in range(ROUNDS)), key=lambda one: one.store_s)}


def dates(size: int) -> Costs:
    """Dates on which an owner changes: four of each touchpoint, all different."""
    return figures(Company(touchpoints=size // 4, periods=5))


def departments(size: int) -> Costs:
    """Departments, with five touchpoints each that have had five owners."""
    return figures(Company(touchpoints=5 * size, departments=size, periods=5))


def combinations(size: int) -> Costs:
    """Touchpoints, each with rules for 100 segments and 20 regions."""
    return figures(Company(touchpoints=size, segments=100, regions=20))


@dataclass(frozen=True, slots=True)
class Dimension:
    """What is made larger: a function of its size, and the two sizes."""

    name: str
    measured: Callable[[int], Costs]
    sizes: tuple[int, int]


DIMENSIONS: Final = (
    Dimension("dates of ownership changes", dates, (2_000, 20_000)),
    Dimension("departments", departments, (100, 1_000)),
    Dimension("touchpoints x 100 segments x 20 regions", combinations, (20, 200)),
)


def main() -> None:
    """Measures all dimensions, or those named, and prints a table."""
    parser = argparse.ArgumentParser(prog="bench.scale")
    parser.add_argument("names", nargs="*", help="beginnings of dimensions' names; all by default")
    names = tuple(parser.parse_args().names)
    print("| dimension | size | what | store, CPU s | worker, CPU s | grows | store, MB | worker, MB | makes |")
    print("|---|---|---|---|---|---|---|---|---|")
    for dimension in DIMENSIONS:
        if not names or dimension.name.startswith(names):
            print("\n".join(rows(dimension)), flush=True)


def rows(dimension: Dimension) -> Iterator[str]:
    """The rows of a table about a dimension; growth is that of all processor time."""
    before: Costs = {}
    for size in dimension.sizes:
        costs = dimension.measured(size)
        for what, item in costs.items():
            grows = ""
            if what in before:
                grows = f"{(item.store_s + item.worker_s) / (before[what].store_s + before[what].worker_s):.1f}"
            yield (
                f"| {dimension.name} | {size:,} | {what} | {item.store_s:.2f} | {item.worker_s:.2f} | {grows} "
                f"| {item.store_mb:.0f} | {item.worker_mb:.0f} | {item.made} |"
            )
        before = costs


if __name__ == "__main__":
    main()
