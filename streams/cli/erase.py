"""`cxb erase`: a person removed from facts, rejected events and dead letters."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from metrics.events.placeholders import is_nobody
from metrics.events.pseudonyms import pseudonyms
from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.errors import Unreachable
from streams.operations.erase import Receipt, erase_dead_letters, erase_from_store, extend
from streams.settings.customer_keys import customer_keys, known_key_ids
from streams.sources.file import SourcesWatcher
from streams.store.customer_keys import described, rows_of_other_keys

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("echo c-4711 | cxb erase --customer -"))
def erase(
    customer: Annotated[
        str, typer.Option("--customer", metavar="ID", help="The id as published; - reads it from standard input.")
    ],
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Removes a person, and prints a receipt. From facts, rejected events and dead letters."""
    name = sys.stdin.readline().strip() if customer == "-" else customer
    if not name:
        raise typer.BadParameter("the id is empty", param_hint="--customer")
    connection = connect(data)
    if is_nobody(name, connection.settings.ingest.nobodies()):
        raise typer.BadParameter(
            f"{name!r} stands for nobody (CXB_INGEST_PLACEHOLDERS), so there is no person to erase; "
            "facts that landed with it before: cxb placeholders",
            param_hint="--customer",
        )
    hashes = pseudonyms(name, customer_keys(connection.settings))
    known = known_key_ids(connection.settings)
    foreign = _topics_of_sources(connection.settings.sources)
    with _unfinished(), connection.store() as store:
        at, facts, minutes, rejected = erase_from_store(store, hashes)
        others = rows_of_other_keys(store, known)
        letters = asyncio.run(erase_dead_letters(connection.settings.kafka, name))
        at = extend(store, hashes, at, letters.latest_ms)
    remains = (*([described(others)] if others else []), *letters.remains, *foreign)
    receipt = Receipt(at, hashes, facts, minutes, rejected, letters.gone, letters.left, others, remains)
    if as_json:
        output.as_json(asdict(receipt))
    else:
        _show(receipt)
    if not (facts or rejected or letters.gone or letters.left):
        output.say(
            "nothing of this customer was found: check the id; what it did until now will not be taken in either"
        )
    if others or letters.left:
        output.say("not all of it is known to be gone: see what remains and until when, then erase again")
        raise typer.Exit(1)


def _topics_of_sources(file: Path | None) -> list[str]:
    """What remains there, of each topic."""
    return [
        f"topics of sources ({topic}): the person's records, until their retention removes them"
        for topic in SourcesWatcher(file).current.topics()
    ]


@contextmanager
def _unfinished() -> Iterator[None]:
    try:
        yield
    except Unreachable as error:
        raise Unreachable(f"the person is not known to be erased: erase again when this is fixed: {error}") from error


def _show(receipt: Receipt) -> None:
    lines: list[tuple[str, object]] = [
        ("until", f"{receipt.at:%F %T} UTC"),
        ("facts", receipt.facts),
        ("minutes computed again", receipt.minutes),
        ("rejected events", receipt.refused),
        ("dead letters", receipt.dead_letters),
        *([("dead letters left", receipt.dead_letters_left)] if receipt.dead_letters_left else []),
        *(("remembered as", text) for text in receipt.hashes),
        *(("remains", text) for text in receipt.remains),
    ]
    rows = [{"what": what, "count": str(count)} for what, count in lines]
    output.table(rows, {"erased": lambda row: row["what"], "": lambda row: row["count"]}, "Receipt")
