"""`cxb placeholders`: stored facts whose customer is the hash of a text that stands for nobody."""

from typing import Annotated

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.operations.placeholders import clear, facts_of_nobody, hashes_of_nobody
from streams.settings.customer_keys import customer_keys
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb placeholders", "cxb placeholders --clear"))
def placeholders(
    wanted: Annotated[
        bool, typer.Option("--clear", help="Make them nobody's, and compute their minutes again.")
    ] = False,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Counts stored facts whose customer is nobody, by source.

    A placeholder such as null stands for nobody. These facts landed before it counted as no customer, or before
    CXB_INGEST_PLACEHOLDERS named it.
    """
    connection = connect(data)
    settings = connection.settings
    hashes = hashes_of_nobody(settings.ingest.nobodies(), customer_keys(settings))
    with connection.store() as store:
        found = facts_of_nobody(store, hashes)
        minutes = clear(store, hashes) if wanted else 0
    rows = [row.as_dict() for row in found]
    if as_json:
        output.as_json(rows)
    else:
        output.table(rows, {"source": lambda row: row["source"], "facts": lambda row: f"{row['facts']:,}"})
    if wanted:
        output.say(f"these facts are nobody's now; cells computed again: {counted(minutes, 'minute')}")
    elif found:
        output.say("each placeholder counts as one person here: cxb placeholders --clear makes these facts nobody's")
    else:
        output.say("no stored fact names a customer who is nobody")
