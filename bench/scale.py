"""`python -m bench.scale`: what grows with what: one dimension after the other, from one size to ten times that.

Each size has a store of its own, which is filled directly, and a process of its own, as has each of several readings of
one size. Processor time, which hardly knows of other work of the machine, and the most memory of store and worker while
they work, as the kernel counts it.
To add a dimension, write a function of its size that returns costs by what was done, and name it in DIMENSIONS.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from bench import scale_governance, scale_workers
from bench.costs import Cost, Costs, Dimension, apart, as_in_a_worker, cost, measured_store
from metrics.durations import DAY_S
from metrics.figures.distribution import ANSWER_METRICS, DistributionQuestion
from metrics.figures.trends import TrendQuestion
from streams.drift.observations import observed, owned_tallies
from streams.figures import days, edition, snapshot
from streams.figures.distribution import answer_counts
from streams.figures.kept_days import KeptClosedDays
from streams.figures.response_rates import InvitationSpan, invited
from streams.figures.series import FigureSeries
from streams.figures.trends import trend
from streams.governance import counting
from streams.governance.counting import Question
from streams.registry.file import CompiledRegistry, compiled
from streams.runtime import memory
from streams.settings.settings import Settings
from streams.store.client import Store
from streams.timestamps import from_epoch

DAYS: Final = 365
ROUNDS: Final = 3
SERIES_LIMIT: Final = Settings.model_fields["series_limit"].default
FLOORS: Final = {"nps": (-20, 40), "csat": (50, 90), "ces": (3, 6), "traffic": (0, 100), "conversions": (0, 10)}
"""What each department has a target of: the figure of no attainment, and of all."""
KINDS: Final = ("nps", "csat", "ces", "visit", "conversion", "survey_sent")
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

_LATE = """
INSERT INTO cells (minute, touchpoint, segment, region, kind, n, sum_count, sum_count_sq, refreshed_at)
SELECT toDateTime({at}, 'UTC'), 't{touchpoint}.page', '', '', 'visit', 1, 1, 1, now64(6, 'UTC')
"""

_FACTS = """
INSERT INTO events (event_id, source, kind, touchpoint, occurred_at, ingested_at, customer, journey, score, count,
    department, registry_version)
SELECT toString(number), 'bench', ['csat', 'ces', 'survey_sent'][number % 3 + 1] AS kind_,
    concat('t', toString(h % {touchpoints}), '.page'),
    toDateTime64({start} + bitShiftRight(h, 20) % {seconds}, 3, 'UTC') AS at, at + 2, concat('c', toString(h % 20000)),
    concat('j', toString(h % 50000)), if(number % 3 < 2, 1 + bitShiftRight(h, 40) % 5, NULL), 1, '', 'scale'
FROM (SELECT number, cityHash64(number) AS h FROM numbers(300000))
"""


@dataclass(frozen=True, slots=True)
class Company:
    """What a company has: so many of each, spread evenly.

    Attributes:
        touchpoints: How many, each with rules of its own.
        departments: How many, each with targets, which own the touchpoints in turn.
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
            for metric, (floor, internal) in FLOORS.items():
                lines += ["[[target]]", f'metric = "{metric}"', f'department = "d{number}"']
                lines += [f"floor = {floor}", f"internal = {internal}"]
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


def _a_year_ago() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)


def figures(company: Company) -> Costs:
    """The figures of a company whose days are folded, as a refresh computes them.

    The first, those that follow, and those after a late event in a day that is over, which is folded again.
    """
    start = _a_year_ago()
    compiled_registry = compiled(company.registry(start))
    with measured_store() as (store, pid):
        company.fill(store, start)
        list(days.fold(store, compiled_registry.registry.horizons))
        kept = KeptClosedDays()
        memory.settled()  # as a worker does once it has started
        latest: list[snapshot.Snapshot] = []
        series = FigureSeries(lambda: latest[-1], SERIES_LIMIT)

        def act() -> str:
            # The one before is there until the next one is, as in a worker.
            latest[:] = [snapshot.compute(store, compiled_registry, datetime.now(UTC), live=True, closed=kept)]
            return f"{sum(len(family.samples) for family in series.collect()):,} series"

        def after_late() -> str:
            at = start + timedelta(days=DAYS - 40 - len(late), hours=9)
            late.append(at)
            store.command(_LATE.format(at=int(at.timestamp()), touchpoint=7 * len(late) % company.touchpoints))
            days.mark(store, [int(at.timestamp())])
            list(days.fold(store, compiled_registry.registry.horizons))
            return act()

        late: list[datetime] = []
        first = cost(pid, act)
        then = {"next": act, "late": after_late}
        return {"first": first} | {what: _cheapest(pid, act) for what, act in then.items()}


def _cheapest(pid: int, act: Callable[[], str]) -> Cost:
    return min((cost(pid, act) for _ in range(ROUNDS)), key=lambda one: one.store_s)


def readings(size: int) -> Costs:
    """What is read beside figures of now, with so many dates on which an owner changes."""
    now_s = int(datetime.now(UTC).timestamp()) // 3_600 * 3_600
    start = _a_year_ago()
    company = Company(touchpoints=size // 4, periods=5)
    rules = compiled(company.registry(start))
    with measured_store() as (store, pid):
        company.fill(store, start)
        begins = now_s - 90 * DAY_S
        store.command(_FACTS.format(start=begins, seconds=90 * DAY_S, touchpoints=company.touchpoints))
        list(days.fold(store, rules.registry.horizons))
        costs = {}
        for what, act in _readings(store, rules, now_s).items():
            costs[what] = apart(partial(cost, pid, lambda act=act: f"{act():,} rows"))  # type: ignore[misc]
        return costs


def _readings(store: Store, rules: CompiledRegistry, now_s: int) -> Mapping[str, Callable[[], int]]:
    """Readings that return how many rows they made."""
    since_s, attribution = now_s - 90 * DAY_S, rules.attribution
    instants = [now_s - back * DAY_S for back in range(DAYS - 1)][::-1]

    def answers() -> int:
        question = DistributionQuestion("d1", ANSWER_METRICS, "as_is", [since_s, now_s - 30 * DAY_S, now_s])
        return sum(stretch.n for stretch in answer_counts(store, rules, question))

    def points(department: str, last: int) -> int:
        question = TrendQuestion(department, ("nps",), ("long",), "as_is", instants[-last:])
        return len(trend(store, rules, question))

    period = Question(from_epoch(since_s), from_epoch(now_s))
    return {
        "drift, first look at a year": lambda: len(observed(store, attribution, now_s - DAYS * DAY_S, now_s).moves),
        "drift, tallies of 90 days": lambda: len(owned_tallies(store, attribution, rules.names, KINDS, since_s, now_s)),
        "distribution, 90 days": answers,
        "response rates, 90 days": lambda: len(invited(store, rules, InvitationSpan(since_s, now_s), "as_was")),
        "trend as_is of the company, 364 points": lambda: points("company", DAYS),
        "trend as_is of a department, 30 points": lambda: points("d1", 30),
        "trend as_is of a department, 364 points": lambda: points("d1", DAYS),
        "governance, 90 days": lambda: len(counting.count(store, rules, period).owned),
        "governance, all figures of 90 days": lambda: len(counting.compute(store, rules, period)),
    }


def dates(size: int) -> Costs:
    """Dates on which an owner changes: four of each touchpoint, all different."""
    return figures(Company(touchpoints=size // 4, periods=5))


def departments(size: int) -> Costs:
    """Departments, with five touchpoints each that have had five owners."""
    return figures(Company(touchpoints=5 * size, departments=size, periods=5))


def combinations(size: int) -> Costs:
    """Touchpoints, each with rules for 100 segments and 20 regions."""
    return figures(Company(touchpoints=size, segments=100, regions=20))


DIMENSIONS: Final = (
    Dimension("dates of ownership changes", dates, (2_000, 20_000)),
    Dimension("dates, other readings", readings, (2_000, 20_000)),
    Dimension("departments", departments, (100, 1_000)),
    Dimension("touchpoints x 100 segments x 20 regions", combinations, (20, 200)),
    *scale_governance.DIMENSIONS,
    *scale_workers.DIMENSIONS,
)


def main() -> None:
    """Measures all dimensions, or those named, and prints a table."""
    parser = argparse.ArgumentParser(prog="bench.scale")
    parser.add_argument("names", nargs="*", help="beginnings of dimensions' names; all by default")
    names = tuple(parser.parse_args().names)
    as_in_a_worker()
    print("| dimension | size | what | store, CPU s | worker, CPU s | grows | store, MB | worker, MB | makes |")
    print("|---|---|---|---|---|---|---|---|---|")
    for dimension in DIMENSIONS:
        if not names or dimension.name.startswith(names):
            for row in rows(dimension):
                print(row, flush=True)


def rows(dimension: Dimension) -> Iterator[str]:
    """The rows of a table about a dimension; growth is that of all processor time."""
    before: Costs = {}
    for size in dimension.sizes:
        costs = apart(partial(dimension.measured, size))
        for what, item in costs.items():
            grows = ""
            if what in before:
                grows = f"{(item.store_s + item.worker_s) / (before[what].store_s + before[what].worker_s):.1f}"
            store_mb = "" if item.store_mb is None else f"{item.store_mb:.0f}"
            yield (
                f"| {dimension.name} | {size:,} | {what} | {item.store_s:.2f} | {item.worker_s:.2f} | {grows} "
                f"| {store_mb} | {item.worker_mb:.0f} | {item.made} |"
            )
        before = costs


if __name__ == "__main__":
    main()
