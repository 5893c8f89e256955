"""Commands about drift: what drifts and why, what detection promises, and the baselines it compares with."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streams.cli import options

if TYPE_CHECKING:
    from streams.store.client import Store

drift = typer.Typer(invoke_without_command=True, no_args_is_help=False, rich_markup_mode=None)
baseline = typer.Typer(no_args_is_help=True, rich_markup_mode=None, epilog="Examples:\n\n\b\ncxb baseline list")

Department = Annotated[str, typer.Option("--department", metavar="D", help="Whose.")]
Metric = Annotated[str, typer.Option("--metric", metavar="M", help="Of what.")]
REQUESTED = timedelta(days=28)


@drift.callback(epilog="Examples:\n\n\b\ncxb drift\ncxb drift --at 2026-03-01 --json\ncxb drift plan")
def what_drifts(
    context: typer.Context,
    at: options.At = None,
    registry: options.Registry = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """What drifts, since when, who owns it, what happened then and what contributes."""
    if context.invoked_subcommand is not None:
        return
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.drift.explanation import drifting  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    connection, instant = connect(data), options.instant(at, "--at") or datetime.now(UTC)
    store = Store(connection.settings.clickhouse)
    found = [drifts.as_dict() for drifts in drifting(store, connection.compiled(registry), instant)]
    store.close()
    if as_json:
        output.as_json(found)
        return
    columns: dict[str, Any] = {
        "department": lambda row: row["department"],
        "metric": lambda row: row["metric"],
        "state": lambda row: row["state"],
        "since": lambda row: f"{row['since']:%F %R}",
        "told": lambda row: f"{row['at']:%F %R}",
        "what": lambda row: row["text"],
    }
    output.table(found, columns, f"Drift at {instant:%F %R} UTC")
    if not found:
        output.say("nothing drifts, of what has a baseline: cxb drift plan shows what has one")


@drift.command("plan", epilog="Examples:\n\n\b\ncxb drift plan")
def plan(data: options.Data = None, as_json: options.Json = False) -> None:
    """Each detector's thresholds, and how soon it finds the smallest shift worth acting on."""
    from dataclasses import asdict  # noqa: PLC0415

    from metrics.drift.plan import plan as promises  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.drift import repository  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    settings = connect(data).settings
    store = Store(settings.clickhouse)
    rows = [asdict(found) for found in promises(repository.baselines(store), settings.drift.policy())]
    store.close()
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
    title = f"Plan for {settings.drift.budget:g} false alarms a month"
    output.table(rows, columns, title, numbers=len(columns) - 3)
    if not rows:
        output.say("no baseline yet: an answered metric needs 1,000 answers over a week, a volume 400 events over four")


@baseline.command("list", epilog="Examples:\n\n\b\ncxb baseline list")
def list_baselines(data: options.Data = None, as_json: options.Json = False) -> None:
    """Every baseline, with its version and why it was made."""
    _show(_kept(data), as_json)


@baseline.command("show", epilog="Examples:\n\n\b\ncxb baseline show --department sales --metric nps")
def show(department: Department, metric: Metric, data: options.Data = None, as_json: options.Json = False) -> None:
    """The baselines of one metric of one department, all versions."""
    rows = [row for row in _kept(data) if (row["department"], row["metric"]) == (department, metric)]
    _show(rows, as_json)


@baseline.command(
    "create", epilog="Examples:\n\n\b\ncxb baseline create --department sales --metric nps --from 2026-09-01"
)
def create(
    department: Department,
    metric: Metric,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="T", help="Begin of the stretch [default: 28 days before]."),
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="T", help="End of the stretch [default: now].")] = None,
    registry: options.Registry = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Takes a stretch of time for usual from now on; the versions before stay for what was before."""
    from metrics.drift.subjects import SUBJECTS  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.drift.baselines import request_baseline  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    options.one_of(metric, SUBJECTS, "--metric")
    connection, now = connect(data), datetime.now(UTC)
    compiled = connection.compiled(registry)
    options.one_of(department, [item.id for item in compiled.registry.departments], "--department")
    last = options.instant(until, "--to") or now
    first = options.instant(since, "--from") or last - REQUESTED
    if not first < last <= now:
        raise typer.BadParameter("must be before --to, and --to not later than now", param_hint="--from")
    store = Store(connection.settings.clickhouse)
    made = request_baseline(store, compiled, (department, metric), (first, last), now)
    rows = [row for row in _rows(store) if row["id"] == made.id]
    store.close()
    _show(rows, as_json)


def _kept(data: Any) -> list[dict[str, Any]]:
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    store = Store(connect(data).settings.clickhouse)
    try:
        return _rows(store)
    finally:
        store.close()


def _rows(store: "Store") -> list[dict[str, Any]]:
    from metrics.drift.plan import level  # noqa: PLC0415
    from streams.drift import repository  # noqa: PLC0415

    known = {made.id: made for versions in repository.baselines(store).values() for made in versions}
    rows = [{"id": row.id, **row.as_dict()} for row in repository.baseline_rows(store)]
    return [{**row, "level": level(known[row["id"]])} for row in rows if row["id"] in known]


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    from streams.cli import output  # noqa: PLC0415

    if as_json:
        output.as_json(rows)
        return
    columns: dict[str, Any] = {
        "id": lambda row: row["id"],
        "reason": lambda row: row["reason"],
        "note": lambda row: row["note"],
        "from": lambda row: f"{row['start_at']:%F %R}",
        "to": lambda row: f"{row['end_at']:%F %R}",
        "in force from": lambda row: f"{row['valid_from']:%F %R}",
        "level": lambda row: output.number(row["level"], 2),
        "n": lambda row: output.number(row["exposure"], 0),
        "sd": lambda row: output.number(row["sd"], 3),
    }
    output.table(rows, columns, "Baselines", numbers=3)
    if not rows:
        output.say("no baseline: one comes by itself with 1,000 answers; or ask for it with cxb baseline create")
