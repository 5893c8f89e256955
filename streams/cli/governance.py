"""`cxb governance`: the figures of governance of a period."""

from datetime import datetime
from typing import Annotated, Any, Final

import typer

from metrics.zones import Zone
from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.governance.counting import Question, as_rows, compute

app = typer.Typer(**MODULE_OPTIONS)

CONVERSIONS: Final = ("conversion", "repeat_purchase", "referral")


@app.command(
    cls=options.PeriodCommand,
    epilog=examples(
        "cxb governance --measure credit_shapley",
        "cxb governance --from 2026-01-01 --what-if proposal.toml --json",
    ),
)
def governance(
    first: options.PeriodFromOption = None,
    last: options.PeriodToOption = None,
    view: options.ViewOption = "as_was",
    measure: Annotated[str | None, typer.Option(help="Only this measure.")] = None,
    conversion: Annotated[
        str,
        typer.Option(
            help="What credit is given for: conversion, repeat_purchase or referral.",
            **options.choice(CONVERSIONS, "KIND"),
        ),
    ] = "conversion",
    what_if: options.WhatIfOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Who owns the experience, measured. Descriptive, not causal.

    Lines of responsibility, dispersion, hand-offs, credit, perception, coverage, cases.
    """
    connection = connect(data)
    compiled = connection.compiled(what_if)
    start, end = options.period(first, last, compiled.registry.zone)
    with connection.store() as store:
        rows = as_rows(compute(store, compiled, Question(start, end, view, conversion)))
    options.one_of(measure, dict.fromkeys(row["measure"] for row in rows), "--measure")
    rows = [row for row in rows if measure in (None, row["measure"])]
    if as_json:
        output.as_json(rows)
        return
    columns: dict[str, Any] = {
        "measure": lambda row: row["measure"],
        "of": lambda row: row["subject"] or "the company",
        "note": lambda row: "uncertain" if row["uncertain"] else "",
        "value": lambda row: output.number(row["value"], 3),
        "from": lambda row: output.number(row["ci_low"], 3),
        "to": lambda row: output.number(row["ci_high"], 3),
        "n": lambda row: str(row["n"]),
    }
    output.table(rows, columns, _title(view, start, end, compiled.registry.zone), numbers=4)


def _title(view: str, start: datetime, end: datetime, zone: Zone) -> str:
    first, last = (zone.local(int(at.timestamp())) for at in (start, end))
    return f"Governance {view}, {first:%F} to {last:%F %R} {zone.name}"
