"""Commands that look after what is kept: rebuild, erase."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from streams.cli import options


def rebuild(
    since: Annotated[
        str | None, typer.Option("--from", metavar="T", help="From this instant [default: the beginning].")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="T", help="To this one [default: now].")] = None,
    only_days: Annotated[
        bool, typer.Option("--only-days", help="Only fold closed days, with the registry's half-lives.")
    ] = False,
    registry: options.Registry = None,
    data: options.Data = None,
) -> None:
    """Computes cells and stored figures again from facts alone. Ingest goes on meanwhile."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.figures.rebuild import fold  # noqa: PLC0415
    from streams.figures.rebuild import rebuild as run  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    if only_days and (since or until):
        raise typer.BadParameter("it folds all days that are due: leave out --from and --to", param_hint="--only-days")
    connection = connect(data)
    first = options.instant(since, "--from") or datetime.fromtimestamp(0, UTC)
    last = options.instant(until, "--to") or datetime.now(UTC) + timedelta(minutes=10)
    store, compiled = Store(connection.settings.clickhouse), connection.compiled(registry)
    done: dict[str, int] = {"minutes": 0, "days": 0, "snapshots": 0}
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks = {what: progress.add_task(what, total=None) for what in done}
        for step in fold(store, compiled) if only_days else run(store, compiled, first, last):
            progress.update(tasks[step.what], completed=step.done, total=step.total)
            done[step.what] = step.done
    store.close()
    if only_days:
        output.say(f"folded: {done['days']:,} days")
        return
    output.say(f"computed again: cells of {done['minutes']:,} minutes, {done['snapshots']:,} snapshots of figures")


def erase(
    customer: Annotated[
        str, typer.Option("--customer", metavar="ID", help="The id as published; - reads it from standard input.")
    ],
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Removes a person, and prints a receipt. From facts, refused events and dead letters."""
    import asyncio  # noqa: PLC0415

    from metrics.events.pseudonyms import pseudonyms  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.operations.erase import Receipt, erase_dead_letters, erase_from_store  # noqa: PLC0415
    from streams.settings import settings  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    name = sys.stdin.readline().strip() if customer == "-" else customer
    if not name:
        raise typer.BadParameter("the id is empty", param_hint="--customer")
    chosen = connect(data).settings
    hashes = pseudonyms(name, settings.customer_keys(chosen))
    store = Store(chosen.clickhouse)
    at, facts, minutes, refused = erase_from_store(store, hashes)
    letters, remains = asyncio.run(erase_dead_letters(chosen.kafka, name))
    store.close()
    receipt = Receipt(at, hashes, facts, minutes, refused, letters, remains)
    if as_json:
        output.as_json(asdict(receipt))
        return
    lines: list[tuple[str, object]] = [
        ("at", f"{at:%F %T} UTC"),
        ("facts", facts),
        ("minutes computed again", minutes),
        ("refused events", refused),
        ("dead letters", letters),
        *(("remembered as", text) for text in hashes),
        *(("remains", text) for text in remains),
    ]
    rows = [{"what": what, "count": str(count)} for what, count in lines]
    output.table(rows, {"erased": lambda row: row["what"], "": lambda row: row["count"]}, "Receipt")
