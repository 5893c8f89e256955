"""`cxb surrogates`: how much short-term metrics foretell long-term ones."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from streams.cli import options, output
from streams.cli.connection import Connection, connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.figures import departments
from streams.governance.surrogates import as_json, compute
from streams.parameters import BadParameter
from streams.registry.file import CompiledRegistry

app = typer.Typer(**MODULE_OPTIONS)

READINGS: Final = {
    "long_will_follow": "long will follow",
    "bought_from_the_future": "bought from the future",
    "cannot_be_told": "cannot be told",
}
SPARE: Final = ("weeks", "expected", "from", "to", "because")
"""Columns that a narrow terminal can do without, the first to go first."""
REASONS: Final = {
    "": "",
    "too_few_weeks": "too few weeks",
    "never_moved": "never moved",
    "no_skill": "forecasts get no better",
    "not_proved": "not beyond chance",
}


@app.command(epilog=examples("cxb surrogates --department marketing", "cxb surrogates --at 2026-03-01 --json"))
def surrogates(
    at: options.AtOption = None,
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    what_if: options.WhatIfOption = None,
    data: options.DataOption = None,
    as_json_: options.JsonOption = False,
) -> None:
    """How much short-term metrics foretell long-term ones. Descriptive, not causal.

    Each pair of a department is judged by forecasts of weeks that were not looked at.
    """
    connection = connect(data)
    compiled = connection.compiled(what_if)
    if department is not None:
        _require_known(connection, compiled, department)
    with connection.store() as store:
        result = as_json(compute(store, compiled, options.past(at) or datetime.now(UTC)), department)
    if as_json_:
        output.as_json(result)
        return
    columns: dict[str, Any] = {
        "department": lambda row: row["department"],
        "if up": lambda row: row["short"],
        "then": lambda row: row["long"],
        "reading": lambda row: READINGS[row["reading"]],
        "because": lambda row: REASONS[row["reason"]],
        "weeks later": _lag,
        "effect": lambda row: _figure(row, "effect"),
        "from": lambda row: _figure(row, "effect_low"),
        "to": lambda row: _figure(row, "effect_high"),
        "expected": lambda row: _figure(row, "expected"),
        "skill %": lambda row: output.number(None if row["skill"] is None else 100 * row["skill"]),
        "weeks": lambda row: str(row["weeks"]),
    }
    if result["pairs"]:
        output.table(
            result["pairs"], columns, f"Surrogates, {result['from']} to {result['to']}", numbers=7, spare=SPARE
        )
    for line in _lines(result):
        output.say(line)


def _require_known(connection: Connection, compiled: CompiledRegistry, department: str) -> None:
    try:
        with connection.store() as store:
            departments.require_known(store, compiled.registry, department)
    except BadParameter as error:
        raise typer.BadParameter(f"{department!r} is not {error.remedy}", param_hint="--department") from error


def _lag(row: Mapping[str, Any]) -> str:
    low, lag, high = row["lag_weeks_low"], row["lag_weeks"], row["lag_weeks_high"]
    return "-" if lag is None else str(lag) if low == high else f"{lag} ({low} to {high})"


def _figure(row: Mapping[str, Any], name: str) -> str:
    shown = output.number(row[name])
    return f"{shown} %" if row[name] is not None and row["effect_unit"] == "percent" else shown


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    pairs, readable = result["pairs"], [pair for pair in result["pairs"] if not pair["reason"]]
    if not pairs:
        yield "cannot be told: no department has both short-term and long-term metrics in these weeks."
        return
    yield (
        f"{len(readable)} of {len(pairs)} pairs can be told. {result['tested']} were tested in all departments, each "
        "on weeks that were not looked at. Effect: of a rise by 10 % (a rate: by 1 point). Expected: of the last weeks."
    )
    if any(pair["reason"] == "too_few_weeks" for pair in pairs):
        yield "Too few weeks: it takes 62 weeks with a figure of the long-term metric."
    for index in result["indices"]:
        yield (
            f"{index['department']}: {', '.join(index['shorts'])} take {100 * index['skill']:.0f} % of the squared "
            f"error from forecasts of {index['long']}."
        )
