"""`cxb responses`: how many of the invitations to surveys were answered."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from metrics.figures.response_rates import ResponsesBy
from streams.cli import figures, options, output
from streams.cli.connection import Connection, connect
from streams.cli.csv_rows import csv_text
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.figures import departments
from streams.figures.response_rates import ResponseParameters, response_rows
from streams.registry.file import CompiledRegistry

app = typer.Typer(**MODULE_OPTIONS)

_Row = Mapping[str, Any]
_WHY: Final = {
    "too_recent": "too recent",
    "n_eff<5": "n_eff<5",
    "more_answers_than_invitations": "more answers than invitations",
}


@app.command(epilog=examples("cxb responses --by touchpoint", "cxb responses --department sales --by week --csv"))
def responses(
    department: Annotated[
        str | None, typer.Option(help="Only of this department [default: of each; by week: of the company].")
    ] = None,
    by: Annotated[ResponsesBy, options.parameter(ResponseParameters, "by")] = "department",
    first: options.PeriodFromOption = None,
    last: options.PeriodToOption = None,
    view: options.ViewOption = "as_was",
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
    as_csv: options.CsvOption = False,
) -> None:
    """How many of the invitations to surveys were answered. Within seven days: younger ones do not count yet."""
    options.one_format(as_json, as_csv)
    connection = connect(data)
    compiled = connection.compiled(registry)
    question = ResponseParameters(from_=first, to=last, view=view, department=department, by=by)
    rows = _rows(connection, compiled, question)
    if as_json:
        output.as_json(rows)
    elif as_csv:
        sys.stdout.write(csv_text(rows, ["touchpoint"]))
    elif rows:
        _table(rows, by, compiled)
    if not rows:
        output.say("no invitations in that period: publish events of the kind survey_sent, see docs/event.md")


def _rows(connection: Connection, compiled: CompiledRegistry, question: ResponseParameters) -> list[dict[str, Any]]:
    with options.usage_errors(), connection.store() as store:
        period = question.bounds(datetime.now(UTC), compiled.registry.zone)
        if question.department is not None:
            departments.require_known(store, compiled.registry, question.department)
        return response_rows(store, compiled, question, period)


def _table(rows: list[dict[str, Any]], by: ResponsesBy, compiled: CompiledRegistry) -> None:
    zone = compiled.registry.zone
    columns: dict[str, Any] = {
        **({"from": lambda row: output.local(datetime.fromisoformat(row["from"]), zone)} if by == "week" else {}),
        "department": lambda row: row["department"],
        **({"touchpoint": lambda row: row["touchpoint"]} if by == "touchpoint" else {}),
        "response rate": _figure,
        "answered": lambda row: f"{row['answered']:,}",
        "invitations": lambda row: f"{row['n']:,}",
        "open": lambda row: f"{row['open']:,}",
        "basis": lambda row: row["basis"],
    }
    title = f"Invitations answered within 7 days, {rows[0]['view']}, with 95 % intervals; ~ uncertain"
    output.table(rows, columns, title, spare=["basis"])


def _figure(row: _Row) -> str:
    if row["value"] is None:
        return _WHY[row["suppressed"]]
    mark = "~" if figures.is_uncertain(row) else ""
    return f"{mark}{row['value']:.1f} % ({row['ci_low']:.1f} to {row['ci_high']:.1f})"
