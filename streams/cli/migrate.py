"""`cxb migrate`: the tables, created or upgraded."""

import re
from typing import Annotated, Final

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.settings import settings
from streams.store import migrations

app = typer.Typer(**MODULE_OPTIONS)

CLUSTER: Final = re.compile(r"[A-Za-z0-9_-]+")


@app.command(epilog=examples("CXB_CLICKHOUSE_URL=http://ch:8123 cxb migrate", "cxb migrate --cluster main --print"))
def migrate(
    printed: Annotated[bool, typer.Option("--print", help="Only print the statements, for others to run.")] = False,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="NAME", help="With --print: for a ClickHouse cluster.")
    ] = None,
    data: options.DataOption = None,
) -> None:
    """Creates or upgrades the ClickHouse tables. Safe to run again, and twice at once."""
    if cluster is not None and not printed:
        raise typer.BadParameter(
            "the tables of a cluster are made by its administrator: add --print", param_hint="--cluster"
        )
    if printed:
        _print_tables(cluster)
        return
    with connect(data).store() as store:
        for migration in migrations.migrate(store):
            output.say(f"version {migration.version} ({migration.name}) is in place")
        output.say(f"the tables of {store.database} are up to date")


def _print_tables(cluster: str | None) -> None:
    if cluster is not None and not CLUSTER.fullmatch(cluster):
        raise typer.BadParameter(f"{cluster!r} must be letters, digits, _ and - only", param_hint="--cluster")
    database = settings.load().clickhouse.database
    where = f" ON CLUSTER '{cluster}'" if cluster else ""
    typer.echo(f"CREATE DATABASE IF NOT EXISTS {database}{where};\n\nUSE {database};")
    for statement in migrations.statements():
        for text in migrations.on_cluster(statement, cluster) if cluster else [statement]:
            typer.echo(f"\n{text};")
