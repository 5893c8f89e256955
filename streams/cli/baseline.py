"""`cxb baseline`: the usual levels that drift is measured against."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from metrics.drift.plan import level
from metrics.drift.subjects import SUBJECTS
from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.drift import repository
from streams.drift.baselines import request_baseline
from streams.store.client import Store
from streams.timestamps import by_clocks

app = typer.Typer(no_args_is_help=True, epilog=examples("cxb baseline list"), **MODULE_OPTIONS)

BaselineDepartment = Annotated[str, typer.Option("--department", metavar="D", help="Department of the baseline.")]
BaselineMetric = Annotated[str, typer.Option("--metric", metavar="M", help="Metric of the baseline.")]
DEFAULT_LENGTH: Final = timedelta(days=28)


@app.callback()
def baseline() -> None:
    """The usual levels that drift is measured against."""


@app.command("list", epilog=examples("cxb baseline list"))
def list_baselines(data: options.DataOption = None, as_json: options.JsonOption = False) -> None:
    """Every baseline, with its version and why it was created."""
    _print(_stored(data), as_json)


@app.command(epilog=examples("cxb baseline show --department sales --metric nps"))
def show(
    department: BaselineDepartment,
    metric: BaselineMetric,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """The baselines of one metric of one department, all versions."""
    rows = [row for row in _stored(data) if (row["department"], row["metric"]) == (department, metric)]
    _print(rows, as_json)


@app.command(epilog=examples("cxb baseline create --department sales --metric nps --from 2026-09-01"))
def create(
    department: BaselineDepartment,
    metric: Annotated[str, typer.Option("--metric", help="Metric of the baseline.", **options.choice(SUBJECTS, "M"))],
    first: Annotated[date | None, options.from_option("Start of the period [default: 28 days before its end].")] = None,
    last: options.PeriodToOption = None,
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Declares a period to be the usual state from now on. Earlier versions still apply to the time before."""
    connection, now = connect(data), datetime.now(UTC)
    compiled = connection.compiled(registry)
    options.one_of(department, [item.id for item in compiled.registry.departments], "--department")
    zone = compiled.registry.zone
    end = by_clocks(last, zone) if last else now
    start = by_clocks(first, zone) if first else end - DEFAULT_LENGTH
    if not start < end <= now:
        raise typer.BadParameter("must be before --to, and --to not later than now", param_hint="--from")
    with connection.store() as store:
        created = request_baseline(store, compiled, (department, metric), (start, end), now)
        rows = [row for row in _rows(store) if row["id"] == created.id]
    _print(rows, as_json)


def _stored(data: Path | None) -> list[dict[str, Any]]:
    with connect(data).store() as store:
        return _rows(store)


def _rows(store: Store) -> list[dict[str, Any]]:
    baselines = repository.by_id(repository.baselines(store))
    rows = [{"id": row.id, **row.as_dict()} for row in repository.baseline_rows(store)]
    return [{**row, "level": level(baselines[row["id"]])} for row in rows if row["id"] in baselines]


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    if not rows:
        output.say("no baseline: one is created with 1,000 answers, or on request with cxb baseline create")
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
        "hours of": lambda row: row["timezone"] if row["rhythm"] else "",
        "level": lambda row: output.number(row["level"], 2),
        "n": lambda row: output.number(row["exposure"], 0),
        "sd": lambda row: output.number(row["sd"], 3),
    }
    spare = ["sd", "hours of", "note", "n", "reason"]
    output.table(rows, columns, "Baselines, times in UTC", numbers=3, spare=spare, prose=["note"])
