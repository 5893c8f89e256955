"""`cxb report`: the report of a period."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from metrics.registry.alert_routing import Receivers
from metrics.zones import Zone
from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.governance import report as reports
from streams.governance.counting import Question
from streams.operations.delivery import Outgoing, send
from streams.parameters import ReportParameters
from streams.registry import receivers as receivers_file

app = typer.Typer(**MODULE_OPTIONS)

CompleteOption = Annotated[bool, typer.Option("--all", help="Everything there is to say, on however many pages.")]

ReceiversOption = Annotated[
    Path | None,
    typer.Option("--receivers", help="TOML of receivers, as of cxb alertmanager.", metavar="FILE"),
]

SendToOption = Annotated[
    str | None, typer.Option("--send-to", help="Sends it to this receiver instead of printing it.", metavar="NAME")
]

LastMonthOption = Annotated[
    bool, typer.Option("--last-month", help="The calendar month before this one, by the company's clocks.")
]


@app.command(
    cls=options.PeriodCommand,
    epilog=examples(
        "cxb report --lang it > report.md",
        "cxb report --from 2026-10-01 --to 2026-11-01 --format html > report.html",
        "cxb report --last-month --send-to board --receivers receivers.toml",
    ),
)
def report(
    first: options.PeriodFromOption = None,
    last: options.PeriodToOption = None,
    view: options.ViewOption = "as_was",
    lang: Annotated[str, options.parameter(ReportParameters, "lang")] = "en",
    form: Annotated[
        str, typer.Option("--format", help="html prints on two pages.", **options.choice(reports.FORMATS))
    ] = "md",
    is_complete: CompleteOption = False,
    last_month: LastMonthOption = False,
    send_to: SendToOption = None,
    receivers: ReceiversOption = None,
    what_if: options.WhatIfOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """The report for a monthly meeting. One or two pages about departments, never persons."""
    addresses = _addresses(send_to, receivers)
    connection = connect(data)
    compiled = connection.compiled(what_if)
    zone = compiled.registry.zone
    if last_month:
        first, last = _last_month(first, last, zone)
    start, end = options.period(first, last, zone)
    with connection.store() as store:
        budget = connection.settings.drift.budget
        question = Question(start, end, view)
        written = reports.write(
            store, compiled, question, lang, connection.page, budget=budget, is_complete=is_complete
        )
    if send_to is not None:
        sent = send(Outgoing(written.localised, reports.as_json(written)), send_to, addresses)
        if as_json:
            output.as_json({"sent_to": sent})
        else:
            output.say(f"sent the report of {output.period_text(start, end, zone)} to {', '.join(sent)}")
    elif as_json:
        output.as_json(reports.as_json(written))
    else:
        sys.stdout.write(written.text(form))


def _addresses(send_to: str | None, receivers: Path | None) -> Receivers:
    """What the receivers file says; looked at before anything is computed."""
    if send_to is None and receivers is None:
        return Receivers()
    if send_to is None or receivers is None:
        raise typer.BadParameter("give --send-to NAME and --receivers FILE together", param_hint="--send-to")
    return receivers_file.load(receivers)


def _last_month(first: date | None, last: date | None, zone: Zone) -> tuple[date, date]:
    if first is not None or last is not None:
        raise typer.BadParameter("it is a period: leave --from and --to away", param_hint="--last-month")
    end = zone.local(int(datetime.now(UTC).timestamp())).date().replace(day=1)
    return (end - timedelta(days=1)).replace(day=1), end
