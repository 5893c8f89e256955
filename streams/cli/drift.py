"""`cxb drift`: what is drifting, and what detection promises."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import typer

from metrics.drift.baselines import LEAST_ANSWERS, LEAST_EVENTS
from metrics.drift.plan import plan as promises
from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.drift import repository
from streams.drift.explanation import drifting

NO_BASELINE: Final = (
    f"no baseline yet, so no drift can be seen: one is created from {LEAST_ANSWERS:,.0f} answers over a week, or "
    f"{LEAST_EVENTS:,.0f} events of a volume over four weeks; or on request, with: cxb baseline create"
)
NONE_DRIFTING: Final = "nothing is drifting, of {} that have a baseline: see cxb drift plan"

app = typer.Typer(
    invoke_without_command=True,
    no_args_is_help=False,
    help="What is drifting and why; what detection promises.",
    **MODULE_OPTIONS,
)


@app.callback(epilog=examples("cxb drift", "cxb drift --at 2026-03-01 --json", "cxb drift plan"))
def drift(
    context: typer.Context,
    at: options.AtOption = None,
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """What is drifting and why; what detection promises."""
    if context.invoked_subcommand is not None:
        return
    connection, instant = connect(data), options.past(at) or datetime.now(UTC)
    with connection.store() as store:
        rows = [item.as_dict() for item in drifting(store, connection.compiled(registry), instant)]
        measured = len(repository.baselines(store))
    if not rows:
        output.say(NONE_DRIFTING.format(measured) if measured else NO_BASELINE)
    if as_json:
        output.as_json(rows)
        return
    columns: dict[str, Any] = {
        "department": lambda row: row["department"],
        "metric": lambda row: row["metric"],
        "state": lambda row: row["state"],
        "since": lambda row: f"{row['since']:%F %R}",
        "reported": lambda row: f"{row['at']:%F %R}",
        "what": lambda row: row["text"],
    }
    output.table(rows, columns, f"Drift at {instant:%F %R} UTC")


@app.command(epilog=examples("cxb drift plan"))
def plan(data: options.DataOption = None, as_json: options.JsonOption = False) -> None:
    """Each detector's thresholds, and how soon it finds the smallest shift worth acting on."""
    connection = connect(data)
    policy = connection.settings.drift.policy()
    with connection.store() as store:
        rows = [asdict(promise) for promise in promises(repository.baselines(store), policy)]
    if not rows:
        output.say(NO_BASELINE)
    if as_json:
        output.as_json(rows)
        return
    columns: dict[str, Any] = {
        "department": lambda row: row["department"],
        "metric": lambda row: row["metric"],
        "promise": lambda row: row["text"],
        "level": lambda row: output.number(row["level"]),
        "shift": lambda row: output.number(row["shift"], 2),
        "up": lambda row: output.number(row["threshold_up"]),
        "down": lambda row: output.number(row["threshold_down"]),
        "a month": lambda row: output.number(row["per_month"], 0),
        "days": lambda row: output.number(row["delay_days"]),
    }
    title = f"Plan for {connection.settings.drift.budget:g} false alarms a month"
    output.table(rows, columns, title, numbers=len(columns) - 3)
