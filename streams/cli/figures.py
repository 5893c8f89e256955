"""What commands that read figures share."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import typer

from metrics.figures import sample_sizes
from metrics.figures.balances import View
from streams.cli import output
from streams.cli.connection import Connection
from streams.figures import departments, snapshot
from streams.figures.landed import landed_facts
from streams.figures.snapshot import Snapshot
from streams.parameters import BadParameter
from streams.registry.file import CompiledRegistry


def computed(connection: Connection, compiled: CompiledRegistry, at: datetime | None, view: View) -> Snapshot:
    """The figures of an instant, or of now with what has landed of the minute that is not over, computed now."""
    with connection.store() as store:
        return snapshot.compute(store, compiled, at or datetime.now(UTC), [view], live=at is None)


def is_uncertain(row: Mapping[str, Any]) -> bool:
    """Whether a figure that is shown rests on too little to be used against anybody."""
    return sample_sizes.makes_uncertain(row["n_eff"]) or row["ci_low"] is None


def require_department(connection: Connection, compiled: CompiledRegistry, department: str) -> None:
    """Refuses the name of a department that there has never been.

    Raises:
        typer.BadParameter: There is none.
    """
    try:
        with connection.store() as store:
            departments.require_known(store, compiled.registry, department)
    except BadParameter as error:
        raise typer.BadParameter(f"{department!r} is not {error.remedy}", param_hint="--department") from error


def say_if_empty(
    connection: Connection, rows: Sequence[object], at: datetime | None, *, selected: bool = False, option: str = "--at"
) -> None:
    """Says why there are no figures, if there are none, and what to do; on stderr, with `--json` too.

    Args:
        connection: Whose figures they are.
        rows: The figures.
        at: Their instant; None for now.
        selected: Whether there are others, of another department or metric.
        option: What chooses the instant.
    """
    if rows:
        return
    if selected:
        output.say("no such figures at that instant: leave --department or --metric away to see which there are")
        return
    with connection.store() as store:
        landed = landed_facts(store, at or datetime.now(UTC))
    if not landed.facts:
        output.say("no events have landed yet: send some with cxb publish, or see cxb simulate")
    elif not landed.earlier:
        output.say(f"no events up to that instant, but {landed.facts:,} later ones: choose a later one with {option}")
    else:
        output.say("events have landed, and their figures are being computed: try again in a few seconds")
