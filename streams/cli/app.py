"""The table of commands, and the application that runs them."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import typer

from streams.cli.lazy import LazyGroup
from streams.runtime.lazy import imported


class Cxb(LazyGroup):
    """The commands in the order of the help."""

    modules: ClassVar[Mapping[str, tuple[str, str]]] = {
        "up": ("streams.cli.up", "Runs everything on this machine."),
        "worker": ("streams.cli.worker", "Runs a worker on the configured Kafka and ClickHouse."),
        "gateway": ("streams.cli.gateway", "Takes events by HTTP, and makes tokens."),
        "migrate": ("streams.cli.migrate", "Creates or upgrades the ClickHouse tables."),
        "schema": ("streams.cli.schema", "What an event may be, for machines: JSON Schema and more."),
        "publish": ("streams.cli.publish", "Sends events to the topic."),
        "simulate": ("streams.cli.simulate", "Writes a simulated company's events as NDJSON to stdout."),
        "check": ("streams.cli.registry_check", "Lints a registry; exit 1 on an error."),
        "balances": ("streams.cli.balances", "Every metric of every department, for any instant."),
        "scorecards": ("streams.cli.scorecards", "Each department against its targets."),
        "trends": ("streams.cli.trends", "How metrics went over a period, with intervals."),
        "annotations": ("streams.cli.annotations", "What happened in a period: owners, registry, drifts, notes."),
        "distribution": ("streams.cli.distribution", "How people answered NPS, CSAT and CES over a period."),
        "responses": ("streams.cli.responses", "How many of the invitations to surveys were answered."),
        "governance": ("streams.cli.governance", "Who owns the experience, measured."),
        "cases": ("streams.cli.cases", "The open cases, with age and owner."),
        "drivers": ("streams.cli.drivers", "At which touchpoints NPS or CSAT is decided."),
        "surrogates": ("streams.cli.surrogates", "How much short-term metrics foretell long-term ones."),
        "report": ("streams.cli.report", "The report for a monthly meeting."),
        "rejected": ("streams.cli.rejected", "The rejected events."),
        "redrive": ("streams.cli.redrive", "Sends rejected events through again."),
        "rebuild": ("streams.cli.rebuild", "Computes cells and stored figures again from facts alone."),
        "erase": ("streams.cli.erase", "Removes a person, and prints a receipt."),
        "placeholders": ("streams.cli.placeholders", "Counts stored facts whose customer is nobody, by source."),
        "alertmanager": ("streams.cli.alertmanager", "Prints Alertmanager's configuration."),
        "doctor": ("streams.cli.doctor", "Checks all that the service needs; exit 1 if a check fails."),
        "sources": ("streams.cli.sources", "Foreign events: which records become events, and how."),
        "registry": ("streams.cli.registry", "Who owns what, and what another file would change."),
        "drift": ("streams.cli.drift", "What is drifting and why; what detection promises."),
        "baseline": ("streams.cli.baseline", "The usual levels that drift is measured against."),
    }


app = typer.Typer(
    cls=Cxb,
    name="cxb",
    help="Who owns our customers' experience, and is it getting better?",
    epilog="Start with: cxb up --demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        # The standard library's reader of metadata is slow to load too.
        typer.echo(f"cxb {imported('importlib.metadata:version')('cx-balance')}")
        raise typer.Exit


@app.callback()
def _cxb(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Who owns our customers' experience, and is it getting better?"""
