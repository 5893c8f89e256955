"""`cxb report`: the report of a period."""

import sys
from typing import Annotated

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.governance import report as reports
from streams.governance.counting import Question
from streams.parameters import ReportParameters

app = typer.Typer(**MODULE_OPTIONS)


@app.command(
    cls=options.PeriodCommand,
    epilog=examples(
        "cxb report --lang it > report.md",
        "cxb report --from 2026-10-01 --to 2026-11-01 --format html > report.html",
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
    is_complete: Annotated[
        bool, typer.Option("--all", help="Everything there is to say, on however many pages.")
    ] = False,
    what_if: options.WhatIfOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """The report for a monthly meeting. One or two pages about departments, never persons."""
    connection = connect(data)
    compiled = connection.compiled(what_if)
    start, end = options.period(first, last, compiled.registry.zone)
    with connection.store() as store:
        budget = connection.settings.drift.budget
        question = Question(start, end, view)
        written = reports.write(
            store, compiled, question, lang, connection.page, budget=budget, is_complete=is_complete
        )
    if as_json:
        output.as_json(reports.as_json(written))
    else:
        sys.stdout.write(written.text(form))
