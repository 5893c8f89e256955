"""`cxb annotations`: what happened in a period."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from streams.cli import options, output
from streams.cli.connection import Connection, connect
from streams.cli.csv_rows import csv_text
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.drift.annotations import AnnotationParameters, annotations_of
from streams.drift.annotations import as_json as json_rows
from streams.figures import departments
from streams.registry.file import CompiledRegistry

app = typer.Typer(**MODULE_OPTIONS)

_Row = Mapping[str, Any]


@app.command(
    epilog=examples("cxb annotations --from 2026-01-01", "cxb annotations --department sales --csv > happened.csv")
)
def annotations(
    department: Annotated[
        str | None, typer.Option(help="Only what this department's figures have to do with [default: everything].")
    ] = None,
    first: options.PeriodFromOption = None,
    last: options.PeriodToOption = None,
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
    as_csv: options.CsvOption = False,
) -> None:
    """What happened in a period: owners, registry, drifts, notes. Oldest first."""
    options.one_format(as_json, as_csv)
    connection = connect(data)
    compiled = connection.compiled(registry)
    question = AnnotationParameters(from_=first, to=last, department=department)
    rows = _rows(connection, compiled, question)
    if as_json:
        output.as_json(rows)
    elif as_csv:
        sys.stdout.write(csv_text(rows, [*rows[0]] if rows else []))
    elif rows:
        zone = compiled.registry.zone
        columns = {
            "when": lambda row: output.local(datetime.fromisoformat(row["at"]), zone),
            "what": lambda row: row["kind"].replace("_", " "),
            "department": lambda row: row["department"],
            "touchpoint": lambda row: row["touchpoint"],
            "text": lambda row: row["text"],
        }
        output.table(rows, columns, spare=["touchpoint", "department"], prose=["text"])
    if not rows:
        output.say("nothing happened in that period: choose another with --from and --to, or publish a note")


def _rows(connection: Connection, compiled: CompiledRegistry, question: AnnotationParameters) -> list[dict[str, Any]]:
    with options.usage_errors(), connection.store() as store:
        period = question.bounds(datetime.now(UTC), compiled.registry.zone)
        if question.department is not None:
            departments.require_known(store, compiled.registry, question.department)
        return json_rows(annotations_of(store, compiled, *period, question.department))
