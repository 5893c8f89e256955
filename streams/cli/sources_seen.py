"""`cxb sources seen`: unknown fields and touchpoints, by the source that sent them."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.figures.seen import Period, SeenParameters, seen_rows
from streams.parameters import MOST_REJECTED
from streams.timestamps import parse_instant

app = typer.Typer(**MODULE_OPTIONS)

_COLUMNS: Final[dict[str, Any]] = {
    "what": lambda row: row["what"],
    "source": lambda row: row["source"],
    "name": lambda row: row["name"],
    "did you mean": lambda row: row["like"],
}


@app.command(epilog=examples("cxb sources seen", "cxb sources seen --from 2026-11-01 --json"))
def seen(
    first: Annotated[date | None, options.parameter(SeenParameters, "from")] = None,
    last: Annotated[date | None, options.parameter(SeenParameters, "to")] = None,
    limit: Annotated[
        int, typer.Option(help="How many rows at most: fields, and touchpoints as many.", min=1, max=MOST_REJECTED)
    ] = 100,
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Unknown fields, and touchpoints that the registry does not declare, by the source that sent them."""
    connection = connect(data)
    compiled = connection.compiled(registry)
    zone = compiled.registry.zone
    with options.usage_errors(), connection.store() as store:
        period = Period(*SeenParameters(from_=first, to=last).bounds(datetime.now(UTC), zone))
        rows = seen_rows(store, compiled, period, limit)
    if as_json:
        output.as_json(rows)
        return
    columns = _COLUMNS | {
        "last": lambda row: output.local(parse_instant(row["last_at"]), zone),
        "events": lambda row: f"{row['events']:,}",
    }
    output.table(rows, columns, f"Unknown to cx-balance, times {zone.name}", numbers=1, spare=["last"])
    if not rows:
        output.say("nothing unknown in that period: every field and touchpoint is one that is declared")
