"""`cxb registry export`: the map of ownership, for other tools."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from metrics.governance.chart import mermaid as chart
from streams.cli import options
from streams.cli.connection import compiled_registry
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.registry.exchange import as_csv

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb registry export --mermaid > map.mmd", "cxb registry export --csv > owners.csv"))
def export(
    mermaid: Annotated[bool, typer.Option("--mermaid", help="A flowchart of who owns what at an instant.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A row for each rule; with --at only those in force.")] = False,
    at: options.AtOption = None,
    file: options.RegistryOption = None,
    data: options.DataOption = None,
) -> None:
    """The map of ownership, as a flowchart or as a table. Target group, stage, touchpoint, front and back office."""
    if mermaid == csv:
        raise typer.BadParameter("choose one of --mermaid and --csv", param_hint="--mermaid")
    registry = compiled_registry(file, data).registry
    if csv:
        typer.echo(as_csv(registry, None if at is None else int(at.timestamp())), nl=False)
    else:
        typer.echo(chart(registry, int((at or datetime.now(UTC)).timestamp())), nl=False)
