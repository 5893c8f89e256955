"""`cxb redrive`: rejected events, sent through again."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.operations import redrive as redriving
from streams.operations.redrive import Redriven
from streams.settings.customer_keys import customer_keys
from streams.store.rejected import Selection

_COLUMNS = ("reason", "chosen", "sent", "erased", "not_kept")

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
    """Sends rejected events through again. Fix the cause first: a limit, the registry, the clock.

    Counts by reason: chosen, sent, erased (not sent: they name a person who was erased since) and not_kept (not sent:
    the dead-letter topic has removed their bytes, or never had all of them).
    """
    span = {} if offset is None else {"first": offset, "last": offset}
    selection = Selection(reason, first, last, partition, **span)
    connection = connect(data)
    with connection.store() as store:
        keys = customer_keys(connection.settings)
        redriven = asyncio.run(redriving.redrive(connection.settings.kafka, store, selection, keys, dry_run=dry_run))
    _show(redriven, dry_run=dry_run, as_json=as_json)


def _show(redriven: Redriven, *, dry_run: bool, as_json: bool) -> None:
    rows = [
        {
            "reason": name,
            "chosen": count,
            "sent": redriven.sent.get(name, 0),
            "erased": redriven.erased.get(name, 0),
            "not_kept": redriven.not_kept.get(name, 0),
        }
        for name, count in sorted(redriven.chosen.items())
    ]
    if as_json:
        # The name of before, for scripts of before.
        output.as_json([row | {"missing": row["not_kept"]} for row in rows])
        return
    columns = {name: (lambda row, name=name: str(row[name])) for name in _COLUMNS}
    output.table(rows, columns, numbers=len(_COLUMNS) - 1)
    total = sum((redriven.chosen if dry_run else redriven.sent).values())
    output.say(f"{'would send' if dry_run else 'sent'} {total} rejected events through again")
    if redriven.erased:
        output.say("erased: they name a person who was erased since they happened, and are not sent")
    if redriven.not_kept:
        output.say(
            "not_kept: their bytes are no longer in the dead-letter topic, or only the beginning: publish them again "
            "at their source"
        )
    if total and not dry_run:
        output.say("those that are still wrong are rejected again: cxb rejected")
