"""`cxb balances`: the figures of an instant."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from metrics.catalogue import METRICS
from metrics.figures.balances import Balance
from streams.cli import figures, options, output
from streams.cli.connection import Connection, connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.figures import days
from streams.figures.snapshot import figures_as_json
from streams.registry.file import CompiledRegistry

app = typer.Typer(**MODULE_OPTIONS)

_Columns = dict[str, Callable[[Mapping[str, Any]], str]]


@app.command(epilog=examples("cxb balances --department marketing", "cxb balances --at 2026-03-01 --view as_is --json"))
def balances(
    at: options.AtOption = None,
    what_if: options.WhatIfOption = None,
    view: options.ViewOption = "as_was",
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    metric: options.MetricOption = None,
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Every metric of every department, for any instant. On a short and on a long horizon."""
    connection, instant = connect(data), options.past(at)
    compiled = connection.compiled(what_if or registry)
    if department is not None:
        figures.require_department(connection, compiled, department)
    if what_if is not None:
        _say_if_by_minute(connection, compiled, connection.compiled(registry), what_if)
    every = figures.computed(connection, compiled, instant, view).balances[view]
    rows = [row for row in every if department in (None, row.department) and metric in (None, row.metric)]
    figures.say_if_empty(connection, rows, instant, selected=bool(every))
    if as_json:
        output.as_json(figures_as_json(rows, compiled.registry))
        return
    columns = _columns()
    if what_if is not None:
        current = figures.computed(connection, connection.compiled(registry), instant, view).balances[view]
        columns |= _comparison(current)
    title = f"Balances {view} at {instant or datetime.now(UTC):%F %R} UTC"
    figures_shown = figures_as_json(rows, compiled.registry)
    output.table(figures_shown, columns, title, numbers=len(columns) - 5, spare=["n", "n_eff"])


def _say_if_by_minute(
    connection: Connection, compiled: CompiledRegistry, current: CompiledRegistry, path: Path
) -> None:
    horizons = compiled.registry.horizons
    if horizons == current.registry.horizons:
        return
    with connection.store() as store:
        folded = days.clean(store, horizons)
    if not folded:
        output.say(
            f"the half-lives of {path} are not those of the service: every minute is read, which takes long on a long "
            f"history; to ask often, fold its days once: cxb rebuild --only-days --registry {path}"
        )


def _columns() -> _Columns:
    return {
        "department": lambda row: row["department"],
        "metric": lambda row: row["metric"],
        "horizon": lambda row: row["horizon"],
        "unit": lambda row: METRICS[row["metric"]].unit,
        "note": _note,
        "value": lambda row: output.shown_figure(row["value"]),
        "from": lambda row: output.shown_figure(row["ci_low"]),
        "to": lambda row: output.shown_figure(row["ci_high"]),
        "n": lambda row: str(row["n"]),
        "n_eff": _n_eff,
    }


def _comparison(current: Sequence[Balance]) -> _Columns:
    values = {(row.department, row.metric, row.horizon): row.value for row in current}
    return {
        "today's rules": lambda row: output.shown_figure(values.get((row["department"], row["metric"], row["horizon"])))
    }


def _n_eff(row: Mapping[str, Any]) -> str:
    return f"{'~' if row['sampled_one_in'] > 1 else ''}{output.number(row['n_eff'])}"


def _note(row: Mapping[str, Any]) -> str:
    if row["suppressed"]:
        return str(row["suppressed"]).replace("_", " ").replace("n eff", "n_eff")
    return "uncertain" if figures.is_uncertain(row) else ""
