"""`cxb redrive`: rejected events, sent through again."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.operations import redrive as redriving
from streams.store.rejected import Selection

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb redrive --dry-run", "cxb redrive --reason too_old"))
def redrive(
    reason: options.ReasonOption = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", parser=options.instant, metavar="T", help="Only those rejected since."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", parser=options.instant, metavar="T", help="Only those rejected before."),
    ] = None,
    partition: Annotated[int | None, typer.Option(min=0, help="Only those of this partition.")] = None,
    offset: Annotated[int | None, typer.Option(min=0, help="Only the one at this offset.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Sends rejected events through again. Fix the cause first: a limit, the registry, the clock."""
    span = {} if offset is None else {"first": offset, "last": offset}
    selection = Selection(reason, first, last, partition, **span)
    connection = connect(data)
    with connection.store() as store:
        redriven = asyncio.run(redriving.redrive(connection.settings.kafka, store, selection, dry_run=dry_run))
    rows = [
        {
            "reason": name,
            "chosen": count,
            "sent": redriven.sent.get(name, 0),
            "missing": redriven.missing.get(name, 0),
        }
        for name, count in sorted(redriven.chosen.items())
    ]
    if as_json:
        output.as_json(rows)
        return
    columns = {name: (lambda row, name=name: str(row[name])) for name in ("reason", "chosen", "sent", "missing")}
    output.table(rows, columns, numbers=3)
    total = sum((redriven.chosen if dry_run else redriven.sent).values())
    output.say(f"{'would send' if dry_run else 'sent'} {total} rejected events through again")
    if total and not dry_run:
        output.say("those that are still wrong are rejected again: cxb rejected")
