"""`cxb doctor`: whether all that the service needs is there and agrees with itself."""

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.operations.doctor import examine

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb doctor"))
def doctor(data: options.DataOption = None, as_json: options.JsonOption = False) -> None:
    """Checks all that the service needs; exit 1 if a check fails.

    Kafka, ClickHouse, topics, tables, registry, clock.
    """
    connection = connect(data)
    results = examine(connection.settings, connection.registry, connection.spool)
    rows = [{"check": result.check, "state": result.state, "detail": result.detail} for result in results]
    if as_json:
        output.as_json(rows)
    else:
        columns = {name: (lambda row, name=name: str(row[name])) for name in ("check", "state", "detail")}
        output.table(rows, columns)
    if any(result.state == "failed" for result in results):
        raise typer.Exit(1)
