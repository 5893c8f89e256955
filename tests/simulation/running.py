"""Runs a plan, and says how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from streams.figures import minutes, snapshot
from tests.simulation.invariants import Violation
from tests.simulation.plan import Plan
from tests.simulation.worker import TracedChanges
from tests.simulation.world import World


@dataclass(frozen=True)
class Outcome:
    """How a simulation ended: what did not hold, what happened, and in how many steps."""

    plan: Plan
    violation: Violation | None
    trace: list[str]
    steps: int


def _no_figures(_store: Any, compiled: Any, at: Any, **_how: Any) -> snapshot.Snapshot:
    # Figures are pure functions of cells, and tested as such: here they would take most of the time.
    return snapshot.Snapshot(at, {}, {}, compiled.version)


def simulate(plan: Plan, lacking: Mapping[str, str] | None = None) -> Outcome:
    """Runs a plan, within `clocks.taken_over`.

    Args:
        plan: What happens.
        lacking: Tables whose sorting key lacks a column: a breach, planted.
    """
    violation: Violation | None = None
    world = World(plan, lacking or {})
    try:
        with (
            patch.object(snapshot, "compute", _no_figures),
            patch.object(minutes, "recompute", world.recompute),
            patch.object(minutes, "Changes", lambda store: TracedChanges(store, world.trace)),
        ):
            world.loop.run_until_complete(world.run())
    except Violation as found:
        violation = found
    finally:
        for process in (*world.processes, *world.operators.processes):
            process.alive = False
        world.loop.close()
    return Outcome(plan, violation, world.trace.lines(), world.loop.steps)
