"""The command that writes the report."""

import sys
from typing import Annotated

import typer

from streams.cli import options


def report(
    since: options.Since = None,
    at: options.At = None,
    view: options.View = "as_was",
    lang: Annotated[str, typer.Option(help="Language: en, it or es.")] = "en",
    form: Annotated[str, typer.Option("--format", metavar="F", help="md or html; html prints on two pages.")] = "md",
    what_if: options.WhatIf = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """The report for a monthly meeting. One or two pages about departments, never persons."""
    from metrics.report.localise import LANGUAGES  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.cli.reads import chosen_view  # noqa: PLC0415
    from streams.governance import report as reports  # noqa: PLC0415
    from streams.governance.counting import Question  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    options.one_of(lang, LANGUAGES, "--lang")
    options.one_of(form, reports.FORMATS, "--format")
    connection, (start, until) = connect(data), options.period(since, at)
    store = Store(connection.settings.clickhouse)
    try:
        question = Question(start, until, chosen_view(view))
        written = reports.write(store, connection.compiled(what_if), question, lang, connection.page)
    finally:
        store.close()
    if as_json:
        output.as_json(reports.as_json(written))
    else:
        sys.stdout.write(written.text(form))
