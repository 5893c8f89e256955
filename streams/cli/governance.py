"""`cxb governance`: the figures of governance of a period."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from metrics.governance.measures import MeasureUnit
from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.governance.counting import Question, as_rows, compute
from streams.parameters import GovernanceParameters
from streams.wording import duration

app = typer.Typer(**MODULE_OPTIONS)

CONVERSIONS: Final = ("conversion", "repeat_purchase", "referral")


def _note(row: output.Row) -> str:
    if row["reason"]:
        return f"cannot be told: {row['reason'].replace('_', ' ')}"
    return "uncertain" if row["uncertain"] else ""


def _called(row: output.Row) -> str:
    """A measure without the unit that it is counted in: people read its times in days, hours or minutes."""
    return str(row["measure"].removesuffix("_s") if row["unit"] == "s" else row["measure"])


_COLUMNS: Final[dict[str, Any]] = {
    "measure": _called,
    "of": lambda row: row["subject"] or "the company",
    "note": _note,
    "value": lambda row: written(row["unit"], row["value"]),
    "from": lambda row: written(row["unit"], row["ci_low"]),
    "to": lambda row: written(row["unit"], row["ci_high"]),
    "n": lambda row: output.number(row["n"], 0),
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
    if not rows:
        what = f"no figure of {measure}" if measure else "nothing"
        output.say(f"{what} in this period under this registry: it takes other events or rules, or a longer period")
    if as_json:
        output.as_json(rows)
        return
    output.table(
        rows, _COLUMNS, f"Governance {view}, {output.period_text(start, end, compiled.registry.zone)}", numbers=4
    )


_DIGITS: Final[Mapping[MeasureUnit, int]] = {"count": 0, "slope": 4, "metric": 1, "number": 2}
_SMALL: Final = 0.1


def written(unit: MeasureUnit, value: float | None) -> str:
    """A value as it is read: a share in percent, a time in days, hours or minutes, a count as a whole number.

    >>> [written("share", 0.639), written("share", 0.0639), written("count", 1655.0), written("difference", 0.1)]
    ['64 %', '6.4 %', '1,655', '+0.10']
    >>> [written("s", 1_062_720.0), written("s", 5_400.0), written("s", 90.0), written("yes", 1.0), written("s", None)]
    ['12.3 days', '1.5 h', '2 min', 'yes', '-']
    """
    if value is None or unit in _DIGITS:
        return output.number(value, _DIGITS.get(unit, 0))
    if unit == "share":
        return f"{output.number(100 * value, int(abs(value) < _SMALL))} %"
    if unit == "s":
        return duration(value)
    return "yes" if unit == "yes" else f"{value:+z,.2f}"
