"""The commands of `cxb`, each a few lines that read options and call what does the work.

What a command needs is imported inside of it: `cxb --help` must not wait for Kafka's and ClickHouse's drivers.
"""

from importlib import metadata
from typing import Annotated

import typer

from streams.cli import care, data, drift, reads, services

app = typer.Typer(
    name="cxb",
    help="Who owns our customers' experience, and is it getting better?",
    epilog="Start with: cxb up --demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"cxb {metadata.version('cx-balance')}")
        raise typer.Exit


@app.callback()
def _cxb(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Who owns our customers' experience, and is it getting better?"""


for command, name, example in (
    (services.up, "up", "cxb up --demo\n\ncxb up --data ./shop --registry registry.toml"),
    (services.worker, "worker", "CXB_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 CXB_CLICKHOUSE_URL=http://ch:8123 cxb worker"),
    (services.migrate, "migrate", "CXB_CLICKHOUSE_URL=http://ch:8123 cxb migrate"),
    (data.publish, "publish", "cxb publish --backfill --wait events.ndjson.gz\n\ncxb simulate | cxb publish -"),
    (data.simulate, "simulate", "cxb simulate --events 10000 --days 90 --seed 7 > events.ndjson"),
    (reads.check, "check", "cxb check registry.toml"),
    (
        reads.balances,
        "balances",
        "cxb balances --department marketing\n\ncxb balances --at 2026-03-01 --view as_is --json",
    ),
    (reads.scorecards, "scorecards", "cxb scorecards --at 2026-03-01"),
    (reads.rejected, "rejected", "cxb rejected --reason bad_value\n\ncxb rejected --json"),
    (data.redrive, "redrive", "cxb redrive --dry-run\n\ncxb redrive --reason too_old"),
    (care.rebuild, "rebuild", "cxb rebuild --from 2026-03-01 --to 2026-04-01"),
    (care.erase, "erase", "echo c-4711 | cxb erase --customer -"),
    (reads.doctor, "doctor", "cxb doctor"),
):
    app.command(name, epilog=f"[bold]Examples[/bold]\n\n{example}")(command)

app.add_typer(drift.drift, name="drift", help="What drifts and why; what detection promises.")
app.add_typer(drift.baseline, name="baseline", help="The usual levels that drift is measured against.")
