"""Commands that run the service: up, worker, migrate."""

import os
import re
from pathlib import Path
from typing import Annotated, Final

import typer

from streams.cli import options

CLUSTER: Final = re.compile(r"[A-Za-z0-9_-]+")


def up(
    demo: Annotated[bool, typer.Option("--demo", help="Also publish a simulated company: 90 days, then live.")] = False,
    registry: Annotated[
        Path | None, typer.Option("--registry", metavar="FILE", help="Who owns what [default: the sample].")
    ] = None,
    data: options.Data = None,
) -> None:
    """Runs everything on this machine. Broker, store, worker, API and page; Ctrl-C stops it, losing nothing."""
    import asyncio  # noqa: PLC0415

    from streams.cli.embedded import run  # noqa: PLC0415
    from streams.cli.options import data_directory  # noqa: PLC0415

    asyncio.run(run(data_directory(data), registry, demo=demo))


def worker() -> None:
    """Runs a worker on the configured Kafka and ClickHouse. Settings: docs/configuration.md."""
    from streams import worker as app  # noqa: PLC0415
    from streams.embedded.processes import end_with_parent  # noqa: PLC0415
    from streams.settings import settings  # noqa: PLC0415

    end_with_parent()
    embedded = os.environ.get("CXB_EMBEDDED") == "1"
    # The embedded broker forgets everything when it stops: what it has accepted is read before we go.
    app.run(settings.load(), drain=embedded)


def migrate(
    printed: Annotated[bool, typer.Option("--print", help="Only print the statements, to be run by others.")] = False,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="NAME", help="With --print: for a ClickHouse cluster.")
    ] = None,
    data: options.Data = None,
) -> None:
    """Creates or upgrades the ClickHouse tables. Safe to run again, and twice at once."""
    if cluster is not None and not printed:
        raise typer.BadParameter(
            "a cluster's tables are made by its administrator: add --print", param_hint="--cluster"
        )
    if printed:
        _print_tables(cluster)
        return
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.store import migrations  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    store = Store(connect(data).settings.clickhouse)
    for migration in migrations.migrate(store):
        output.say(f"version {migration.version} ({migration.name}) is in place")
    output.say(f"the tables of {store.database} are up to date")
    store.close()


def _print_tables(cluster: str | None) -> None:
    from streams.settings import settings  # noqa: PLC0415
    from streams.store import migrations  # noqa: PLC0415

    if cluster is not None and not CLUSTER.fullmatch(cluster):
        raise typer.BadParameter(f"{cluster!r} must be letters, digits, _ and - only", param_hint="--cluster")
    database = settings.load().clickhouse.database
    where = f" ON CLUSTER '{cluster}'" if cluster else ""
    typer.echo(f"CREATE DATABASE IF NOT EXISTS {database}{where};\n\nUSE {database};")
    for statement in migrations.statements():
        for text in migrations.on_cluster(statement, cluster) if cluster else [statement]:
            typer.echo(f"\n{text};")
