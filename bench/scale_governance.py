"""What grows with departments in governance and with the history of drift: dimensions of bench.scale."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from bench.costs import Costs, Dimension, apart, cost, measured_store
from bench.governance import land
from metrics.drift.detection import DEFAULT_SHIFTS, DetectionPolicy
from metrics.durations import DEFAULT_PERIOD
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from streams.drift import repository
from streams.drift.watcher import DetectionRunner
from streams.governance import counting, series
from streams.governance.counting import Question
from streams.registry.file import CompiledRegistry

DAYS: Final = 390
OWNERS: Final = 10
KINDS: Final = ("nps", "csat", "ces", "visit", "conversion")
# Each department has a touchpoint, with cells at even distances over the days; each kind in turn, no two at once.
_CELLS: Final = """
INSERT INTO cells (minute, touchpoint, segment, region, kind, n, sum_score, sum_score_sq, promoters, passives,
    detractors, satisfied, sum_count, sum_count_sq, refreshed_at)
SELECT toDateTime({start} + intDiv(number * {minutes}, {total}) * 60, 'UTC'),
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
    """The looks for drift over so many cells of 390 days."""
    return _drift(OWNERS, size)


def watched(size: int) -> Costs:
    """The looks for drift in the figures of so many departments, with a million cells of 390 days."""
    return _drift(size, 1_000_000)


def _drift(owners: int, cells: int) -> Costs:
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    compiled = company(owners)
    with measured_store() as (store, pid):
        store.command(
            _CELLS.format(
                start=int(start.timestamp()), owners=owners, minutes=DAYS * 1440, kinds=list(KINDS),
                kind_count=len(KINDS), total=cells,
            )
        )  # fmt: skip
        # As of yesterday: of a history that is still coming in no baseline is made.
        store.insert("refreshes", ("upto", "minutes"), ([datetime.now(UTC) - timedelta(days=1)], [0]))
        runner = DetectionRunner(store, DetectionPolicy(1.0, DEFAULT_SHIFTS))

        def act() -> str:
            runner.look(compiled, datetime.now(UTC), 0.0)
            return f"{len(repository.baselines(store)):,} watched"

        return {what: cost(pid, act) for what in ("drift, first look", "drift, next look")}


DIMENSIONS: Final = (
    Dimension("departments, in governance", departments, (50, 500)),
    Dimension("cells of a history, in drift", history, (500_000, 5_000_000)),
    Dimension("departments, in drift", watched, (100, 1_000)),
)
