"""`cxb registry show`: who owns what."""

from datetime import UTC, datetime

import typer

from streams.cli import options, output
from streams.cli.connection import compiled_registry
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.registry.views import owners_at

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb registry show", "cxb registry show --at 2026-03-01"))
def show(
    at: options.AtOption = None,
    file: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Who owns what at an instant. One line for each touchpoint, facet and slice that the rules distinguish."""
    instant = at or datetime.now(UTC)
    rows = owners_at(compiled_registry(file, data).registry, int(instant.timestamp()))
    if as_json:
        output.as_json(rows)
        return
    names = ("touchpoint", "name", "stage", "channel", "facet", "events", "owner", "shares", "consulted", "sponsor")
    columns = {name: (lambda row, name=name: str(row[name])) for name in names}
    output.table(rows, columns, f"Who owns what at {instant:%F %R} UTC")
