"""`cxb surrogates`: how much short-term metrics foretell long-term ones."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from metrics.governance.weeks import SurrogatesBy
from streams.cli import figures, options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.governance.surrogates import as_json, compute
from streams.parameters import SurrogateParameters

app = typer.Typer(**MODULE_OPTIONS)

READINGS: Final = {
    "long_will_follow": "long will follow",
    "bought_from_the_future": "bought from the future",
    "cannot_be_told": "cannot be told",
}
REASONS: Final = {
    "too_few_weeks": "too few weeks",
    "never_moved": "never moved",
    "no_skill": "forecasts get no better",
    "not_proved": "not beyond chance",
}
# Six columns, so that no word is broken on a terminal of 80: the rest of what is told is in sentences below the table.
_COLUMNS: Final[dict[str, Any]] = {
    "department": lambda row: row["department"],
    "if up": lambda row: _leader(row["short"], row["touchpoint"]),
    "then": lambda row: row["long"],
    "reading": lambda row: READINGS[row["reading"]] + (f": {REASONS[row['reason']]}" if row["reason"] else ""),
    "effect": lambda row: _figure(row, "effect"),
    "weeks": lambda row: str(row["weeks"]),
}


@app.command(
    epilog=examples(
        "cxb surrogates --department marketing",
        "cxb surrogates --by touchpoint",
        "cxb surrogates --at 2026-03-01 --json",
    )
)
def surrogates(
    at: options.AtOption = None,
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    by: Annotated[SurrogatesBy, options.parameter(SurrogateParameters, "by")] = "department",
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
        figures.require_department(connection, compiled, department)
    with connection.store() as store:
        result = as_json(compute(store, compiled, options.past(at) or datetime.now(UTC), by), department)
    if as_json_:
        output.as_json(result)
        return
    if any(pair["reason"] != "too_few_weeks" for pair in result["pairs"]):
        title = f"Surrogates, {result['from'][:10]} to {result['to'][:10]}; weeks: those with a figure of both metrics"
        output.table(result["pairs"], _COLUMNS, title, numbers=1, prose=("if up", "reading", "effect"))
    for line in _lines(result):
        output.say(line)


def _leader(short: str, touchpoint: str) -> str:
    return f"{short} at {touchpoint}" if touchpoint else short


def _figure(row: Mapping[str, Any], name: str) -> str:
    """A change with its unit and interval."""
    if row[name] is None:
        return "-"
    value, low, high = (f"{row[part]:+z,.1f}" for part in (name, f"{name}_low", f"{name}_high"))
    return f"{value} {'%' if row['effect_unit'] == 'percent' else 'points'} ({low} to {high})"


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    pairs, readable = result["pairs"], [pair for pair in result["pairs"] if not pair["reason"]]
    if not pairs:
        yield "cannot be told: no department has both short-term and long-term metrics in these weeks."
        return
    if all(pair["reason"] == "too_few_weeks" for pair in pairs):
        yield (
            f"cannot be told of any of {len(pairs)} pairs: too few weeks. It takes 62 weeks with a figure of the "
            "long-term metric; --json has the weeks of each pair."
        )
        return
    yield (
        f"{len(readable)} of {len(pairs)} pairs can be told. {result['tested']} were tested in all departments, each "
        "on weeks that were not looked at. Effect: of a rise by 10 % (a rate: by 1 point)."
    )
    if any(pair["reason"] == "too_few_weeks" for pair in pairs):
        yield "Too few weeks: it takes 62 weeks with a figure of the long-term metric."
    yield from map(_told, readable)
    for index in result["indices"]:
        leaders = map(_leader, index["shorts"], index["touchpoints"])
        yield (
            f"{index['department']}: {', '.join(leaders)} take {100 * index['skill']:.0f} % of the squared "
            f"error from forecasts of {index['long']}."
        )


def _outcome(metric: str) -> str:
    # The rate is read by what it counts, in percent of that number.
    return "the number of repeat purchases" if metric == "repeat_rate" else metric


def _told(pair: Mapping[str, Any]) -> str:
    low, lag, high = pair["lag_weeks_low"], pair["lag_weeks"], pair["lag_weeks_high"]
    later = f"{lag} weeks" if low == high else f"{lag} ({low} to {high}) weeks"
    leader, outcome = _leader(pair["short"], pair["touchpoint"]), _outcome(pair["long"])
    return (
        f"{pair['department']}: {later} after {leader} is up, {outcome} moves by "
        f"{_figure(pair, 'effect')}. From the last weeks: {_figure(pair, 'expected')}. "
        f"Skill: {100 * pair['skill']:.0f} % of the squared error of forecasts."
    )
