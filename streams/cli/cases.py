"""`cxb cases`: the cases that are open at an instant."""

import sys
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from metrics.ids import is_touchpoint_id
from streams.cli import figures, options, output
from streams.cli.connection import connect
from streams.cli.csv_rows import csv_text
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.governance.open_cases import asked_for, case_rows, open_cases
from streams.timestamps import parse_instant

app = typer.Typer(**MODULE_OPTIONS)

_FREE: Final = ("case_id", "source", "touchpoint")


@app.command(epilog=examples("cxb cases --department sales", "cxb cases --at 2026-03-01 --csv > cases.csv"))
def cases(
    at: options.AtOption = None,
    department: Annotated[str | None, typer.Option(help="Only cases of this department.")] = None,
    touchpoint: Annotated[str | None, typer.Option(help="Only cases that were opened there.", metavar="ID")] = None,
    view: options.ViewOption = "as_was",
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
    as_csv: options.CsvOption = False,
) -> None:
    """The open cases, with age and owner. The oldest first; ids of cases, never of persons."""
    options.one_format(as_json, as_csv)
    if touchpoint is not None and not is_touchpoint_id(touchpoint):
        raise typer.BadParameter(f"{touchpoint!r} is not the id of a touchpoint", param_hint="--touchpoint")
    connection, instant = connect(data), options.past(at) or datetime.now(UTC)
    compiled = connection.compiled(registry)
    if department is not None:
        figures.require_department(connection, compiled, department)
    with connection.store() as store:
        every = open_cases(store, compiled, instant, view)
    with options.usage_errors():
        rows = case_rows(asked_for(every, compiled.registry, department, touchpoint), instant)
    if as_json:
        output.as_json(rows)
    elif as_csv:
        sys.stdout.write(csv_text(rows, _FREE))
    else:
        zone = compiled.registry.zone
        columns = _COLUMNS | {"opened": lambda row: output.local(parse_instant(row["opened_at"]), zone)}
        title = f"Open cases {view} at {output.local(instant, zone)} {zone.name}"
        output.table(rows, columns | {"age": lambda row: row["age"]}, title, numbers=1, spare=["source", "opened"])
    if not rows:
        output.say("no case is open then, of those asked for")


_COLUMNS: Final[dict[str, Any]] = {
    "case": lambda row: row["case_id"],
    "department": lambda row: row["department"],
    "touchpoint": lambda row: row["touchpoint"],
    "source": lambda row: row["source"],
}
