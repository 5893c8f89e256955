"""The commands of `cxb`, each a few lines that read options and call what does the work.

What a command needs is imported inside of it: `cxb --help` must not wait for Kafka's and ClickHouse's drivers.
"""

from importlib import metadata
from typing import Annotated

import typer

from streams.cli import alerting, care, data, drift, governing, maps, reads, reporting, services

app = typer.Typer(
    name="cxb",
    help="Who owns our customers' experience, and is it getting better?",
    epilog="Start with: cxb up --demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,  # Rich takes a quarter of a second to load: too long to wait for a line of help
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
    (services.up, "up", "cxb up --demo\ncxb up --data ./shop --registry registry.toml"),
    (services.worker, "worker", "CXB_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 CXB_CLICKHOUSE_URL=http://ch:8123 cxb worker"),
    (services.migrate, "migrate", "CXB_CLICKHOUSE_URL=http://ch:8123 cxb migrate\ncxb migrate --cluster main --print"),
    (data.publish, "publish", "cxb publish --backfill --wait events.ndjson.gz\ncxb simulate | cxb publish -"),
    (data.simulate, "simulate", "cxb simulate --events 10000 --days 90 --seed 7 > events.ndjson"),
    (reads.check, "check", "cxb check registry.toml"),
    (
        reads.balances,
        "balances",
        "cxb balances --department marketing\ncxb balances --at 2026-03-01 --view as_is --json",
    ),
    (reads.scorecards, "scorecards", "cxb scorecards --at 2026-03-01"),
    (
        governing.governance,
        "governance",
        "cxb governance --measure credit_shapley\ncxb governance --since 2026-01-01 --what-if proposal.toml --json",
    ),
    (
        reporting.report,
        "report",
        "cxb report --lang it > report.md\ncxb report --since 2026-10-01 --at 2026-11-01 --format html > report.html",
    ),
    (reads.rejected, "rejected", "cxb rejected --reason bad_value\ncxb rejected --json"),
    (data.redrive, "redrive", "cxb redrive --dry-run\ncxb redrive --reason too_old"),
    (care.rebuild, "rebuild", "cxb rebuild --from 2026-03-01 --to 2026-04-01"),
    (care.erase, "erase", "echo c-4711 | cxb erase --customer -"),
    (
        alerting.alertmanager,
        "alertmanager",
        "cxb alertmanager --registry registry.toml --receivers receivers.toml > alertmanager.yml",
    ),
    (reads.doctor, "doctor", "cxb doctor"),
):
    app.command(name, epilog=f"Examples:\n\n\b\n{example}")(command)
governing.registry.command(
    "import",
    epilog="Examples:\n\n\b\ncxb registry import codeowners CODEOWNERS --office back\n"
    "cxb registry import csv owners.csv --into registry.toml",
)(maps.bring_in)
governing.registry.command(
    "export",
    epilog="Examples:\n\n\b\ncxb registry export --mermaid > map.mmd\ncxb registry export --csv > owners.csv",
)(maps.bring_out)
app.add_typer(governing.registry, name="registry")
app.add_typer(drift.drift, name="drift", help="What drifts and why; what detection promises.")
app.add_typer(drift.baseline, name="baseline", help="The usual levels that drift is measured against.")
