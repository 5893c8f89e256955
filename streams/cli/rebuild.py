"""`cxb rebuild`: cells and stored figures, computed again from facts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.errors import ConfigurationError
from streams.figures import rebuild as rebuilding
from streams.figures.rebuild import Progress as Step
from streams.store import damage
from streams.store.client import Store

REFUSED: Final = (
    f"parts of the facts are damaged and set aside: a rebuild would wipe cells that are still right. Restore or replay "
    f"the facts first ({damage.RUNBOOK}), or pass --despite-damage to count what is left"
)

REBUILT: Final = "computed again: cells of {minutes:,} minutes, {snapshots:,} snapshots of figures"
RECORDED: Final = (
    "recorded: the figures of {snapshots:,} ends of days; for late facts, those of {outdated:,} instants again"
)
FOLDED: Final = "folded: {days:,} days"

app = typer.Typer(**MODULE_OPTIONS)

SnapshotsOption = Annotated[
    bool,
    typer.Option(
        "--snapshots",
        help="Only record figures: of past days' ends that are due, and what late facts have outdated: as long as cxb "
        "balances takes, for each. If it is cut off it goes on where it stopped.",
    ),
]


@app.command(epilog=examples("cxb rebuild --from 2026-03-01 --to 2026-04-01"))
def rebuild(
    first: Annotated[
        datetime | None,
        typer.Option("--from", parser=options.instant, metavar="T", help="From this instant [default: the beginning]."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", parser=options.instant, metavar="T", help="To this one [default: now]."),
    ] = None,
    only_days: Annotated[
        bool, typer.Option("--only-days", help="Only fold closed days, with the registry's half-lives.")
    ] = False,
    snapshots: SnapshotsOption = False,
    despite_damage: Annotated[
        bool, typer.Option("--despite-damage", help="Also while ClickHouse lacks damaged parts of the facts.")
    ] = False,
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
) -> None:
    """Computes cells and stored figures again from facts alone. Ingest goes on meanwhile."""
    _require_alone(only_days, snapshots, first or last)
    connection = connect(data)
    compiled = connection.compiled(registry)
    steps: Callable[[Store], Iterator[Step]]
    if snapshots:
        steps, said = partial(rebuilding.past_days, compiled=compiled), RECORDED
    elif only_days:
        steps, said = partial(rebuilding.fold, compiled=compiled), FOLDED
    else:
        start, end = first or datetime.fromtimestamp(0, UTC), last or datetime.now(UTC) + timedelta(minutes=10)
        steps, said = partial(rebuilding.rebuild, compiled=compiled, first=start, last=end), REBUILT
    with connection.store() as store:
        if not despite_damage and damage.facts_are_missing(store):
            raise ConfigurationError(REFUSED)
        done = _watched(steps(store))
    output.say(said.format_map(done))


def _watched(steps: Iterator[Step]) -> dict[str, int]:
    """Takes the steps, with bars on a terminal; gives how much of each kind is done."""
    done = {"minutes": 0, "days": 0, "snapshots": 0, "outdated": 0}
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks = {what: progress.add_task(what, total=None) for what in done}
        for step in steps:
            progress.update(tasks[step.what], completed=step.done, total=step.total)
            done[step.what] = step.done
    return done


def _require_alone(only_days: bool, snapshots: bool, bound: datetime | None) -> None:
    if only_days and snapshots:
        raise typer.BadParameter("it folds days as well: leave out --only-days", param_hint="--snapshots")
    if (only_days or snapshots) and bound:
        option = "--only-days" if only_days else "--snapshots"
        raise typer.BadParameter("it takes all days that are due: leave out --from and --to", param_hint=option)
