"""`cxb governance`: the figures of governance of a period."""

from typing import Annotated, Any, Final

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.governance.counting import Question, as_rows, compute
from streams.parameters import GovernanceParameters

app = typer.Typer(**MODULE_OPTIONS)

CONVERSIONS: Final = ("conversion", "repeat_purchase", "referral")


def _note(row: output.Row) -> str:
    if row["reason"]:
        return f"cannot be told: {row['reason'].replace('_', ' ')}"
    return "uncertain" if row["uncertain"] else ""


_COLUMNS: Final[dict[str, Any]] = {
    "measure": lambda row: row["measure"],
    "of": lambda row: row["subject"] or "the company",
    "note": _note,
    "value": lambda row: output.number(row["value"], 3),
    "from": lambda row: output.number(row["ci_low"], 3),
    "to": lambda row: output.number(row["ci_high"], 3),
    "n": lambda row: str(row["n"]),
}


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
    measure: Annotated[str | None, options.parameter(GovernanceParameters, "measure", "M")] = None,
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
    rows = [row for row in rows if measure in (None, row["measure"])]
    if as_json:
        output.as_json(rows)
        return
    output.table(
        rows, _COLUMNS, f"Governance {view}, {output.period_text(start, end, compiled.registry.zone)}", numbers=4
    )
