"""`cxb rejected`: the events that the service did not accept."""

from typing import Annotated

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.store.rejected import latest

_ON_A_TERMINAL = 60
"""Of a record, on a terminal. In a pipe and as JSON all that may be shown of it is there."""

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb rejected --reason bad_value", "cxb rejected --json"))
def rejected(
    reason: options.ReasonOption = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The latest so many.")] = 100,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """The rejected events. Why, where from, and what may be shown of the content.

    A terminal shows the first 60 characters of the content; a pipe and --json get all that may be shown.
    """
    with connect(data).store() as store:
        rows = [row.as_dict() for row in latest(store, reason, limit)]
    if as_json:
        output.as_json(rows)
        return
    columns = {
        "rejected_at": lambda row: f"{row['rejected_at']:%F %T}",
        "reason": lambda row: row["reason"],
        "detail": lambda row: row["detail"],
        "from": lambda row: f"{row['topic']}[{row['partition']}]@{row['offset']}",
        "payload": lambda row: row["payload"][: _ON_A_TERMINAL if output.on_a_terminal() else None],
    }
    output.table(rows, columns, "Rejected events, latest first")
    if rows:
        output.say("fix the publisher or the data, then send them through again with: cxb redrive")
