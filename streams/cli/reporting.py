"""The command that writes the report."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from streams.cli import options


def report(
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Start of the period [default: 90 days before].")
    ] = None,
    at: options.At = None,
    view: options.View = "as_was",
    lang: Annotated[str, typer.Option(help="Language: en, it or es.")] = "en",
    form: Annotated[str, typer.Option("--format", metavar="F", help="md or html; html prints on two pages.")] = "md",
    what_if: Annotated[
        Path | None, typer.Option("--what-if", metavar="REGISTRY", help="The same facts under another registry.")
    ] = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """The report for a monthly meeting. One or two pages about departments, never persons."""
    from metrics.report.wording import LANGUAGES  # noqa: PLC0415
    from streams import report as reports  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.cli.reads import chosen_view  # noqa: PLC0415
    from streams.governance import Question  # noqa: PLC0415
    from streams.store import Store  # noqa: PLC0415

    options.one_of(lang, LANGUAGES, "--lang")
    options.one_of(form, reports.FORMATS, "--format")
    connection, until = connect(data), options.instant(at, "--at") or datetime.now(UTC)
    start = options.instant(since, "--since") or until - reports.PERIOD
    if start >= until:
        raise typer.BadParameter(f"{start:%F %R} is not before {until:%F %R} UTC", param_hint="--since")
    store = Store(connection.settings.clickhouse)
    try:
        question = Question(start, until, chosen_view(view))
        written = reports.write(store, connection.rules(what_if), question, lang, connection.page)
    finally:
        store.close()
    if as_json:
        output.as_json(reports.as_json(written))
    else:
        sys.stdout.write(written.text(form))
