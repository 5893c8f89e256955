"""`cxb scorecards`: the indices of an instant, or of the weeks before it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from metrics.catalogue import HORIZONS
from streams.cli import figures, options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.figures import index_history
from streams.figures.snapshot import as_json as json_rows
from streams.parameters import MOST_WEEKS

MOST_NAMED_METRICS: Final = 2
"""Metrics off their plan that the note names."""

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb scorecards --at 2026-03-01", "cxb scorecards --weeks 12 --department sales"))
def scorecards(
    at: options.AtOption = None,
    weeks: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_WEEKS, help="At midnight (UTC), and at those of so many weeks before."),
    ] = None,
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    view: options.ViewOption = "as_was",
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Each department against its targets. Short-term index next to long-term index."""
    connection, instant = connect(data), options.past(at)
    compiled = connection.compiled(registry)
    if department is not None:
        figures.require_department(connection, compiled, department)
    if weeks is None:
        cards = figures.computed(connection, compiled, instant, view).scorecards[view]
    else:
        instants = index_history.weekly_instants(instant or datetime.now(UTC), weeks)
        with connection.store() as store:
            cards = index_history.history(store, compiled, instants, view)
    rows = json_rows([card for card in cards if department in (None, card.department)])
    if as_json:
        output.as_json(rows)
    elif weeks is None:
        _table(rows, SCORECARD_COLUMNS, f"Scorecards {view} at {instant or datetime.now(UTC):%F %R} UTC")
    else:
        rows.sort(key=lambda row: row["department"])
        _table(rows, {"at (UTC)": lambda row: row["at"][:10], **SCORECARD_COLUMNS}, f"Scorecards {view} by week")
    figures.say_if_empty(connection, rows, instant, selected=bool(cards))


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any], title: str) -> None:
    spare = ["short (customers)", "long (customers)", "weight"]
    output.table(rows, columns, title, numbers=len(SCORECARD_COLUMNS) - 2, spare=spare, prose=["note"])


def _note(row: Mapping[str, Any]) -> str:
    """Which index rests on a single metric of several, and which metrics are off their plan beyond noise."""
    terms = ((term, row[f"{term}_metrics"], row[f"{term}_targets"]) for term in HORIZONS)
    single = [f"{term}: 1 of {targets} metrics" for term, metrics, targets in terms if metrics == 1 < targets]
    off = [f"{side} plan: {_few(row[key])}" for side, key in (("below", "behind"), ("above", "ahead")) if row[key]]
    return "; ".join([*single, *off])


def _few(metrics: Sequence[str]) -> str:
    """The first of some metrics, and how many more; --json has them all."""
    more = len(metrics) - MOST_NAMED_METRICS
    return ", ".join(metrics[:MOST_NAMED_METRICS]) + (f", {more} more" if more > 0 else "")


SCORECARD_COLUMNS: Final[Mapping[str, Any]] = {
    "department": lambda row: row["department"],
    "short": lambda row: output.number(row["short_index"]),
    "long": lambda row: output.number(row["long_index"]),
    "balance": lambda row: output.number(row["outcome_balance"]),
    "weight": lambda row: output.number(row["weight_balance"], 2),
    "short (customers)": lambda row: output.number(row["short_index_customer"]),
    "long (customers)": lambda row: output.number(row["long_index_customer"]),
    "note": _note,
}
