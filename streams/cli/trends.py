"""`cxb trends`: how metrics went over a period."""

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from metrics.catalogue import HORIZONS, METRICS
from metrics.durations import DAY_S
from metrics.figures.trends import MOST_POINTS, TrendQuestion
from metrics.registry import COMPANY
from streams.cli import figures, options, output
from streams.cli.connection import Connection, connect
from streams.cli.csv_rows import csv_text
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.cli.sparkline import sparkline
from streams.figures import departments
from streams.figures.trend_parameters import TrendParameters
from streams.figures.trends import as_json as json_rows
from streams.figures.trends import trend
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

WIDEST: Final = 40
NARROWEST: Final = 8
"""Bars of a line at most and at least."""

app = typer.Typer(**MODULE_OPTIONS)

_Rows = list[dict[str, Any]]
_Line = Mapping[str, Any]
"""What a line shows, by the heading of its column; the figures under `values`."""


@app.command(
    epilog=examples(
        "cxb trends --department marketing --from 2026-01-01",
        "cxb trends --metric nps --by touchpoint",
        "cxb trends --metric csat --horizon long --csv > csat.csv",
    )
)
def trends(
    department: Annotated[str, typer.Option(help="Of this department; company: of all.")] = COMPANY,
    metric: options.MetricOption = None,
    horizon: Annotated[str | None, options.parameter(TrendParameters, "horizon")] = None,
    first: options.PeriodFromOption = None,
    last: options.PeriodToOption = None,
    points: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_POINTS, help="So many instants, evenly [default: each midnight UTC, and --to]."),
    ] = None,
    by: Annotated[str | None, options.parameter(TrendParameters, "by")] = None,
    view: options.ViewOption = "as_was",
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
    as_csv: options.CsvOption = False,
) -> None:
    """How metrics went over a period, with intervals. A line for each, its figure at both ends; by default 90 days.

    Without --horizon each metric is shown on the horizon of its term.
    """
    options.one_format(as_json, as_csv)
    connection = connect(data)
    compiled = connection.compiled(registry)
    given = {"department": department, "metric": metric, "horizon": horizon, "points": points, "by": by, "view": view}
    question = _question(connection, compiled, first, last, given)
    with connection.store() as store:
        if as_json or as_csv:
            rows = json_rows(trend(store, compiled, question), question.by, compiled.registry)
        else:
            rows = _of_terms(store, compiled, question, any_horizon=horizon is None)
    figures.say_if_empty(connection, rows, datetime.fromtimestamp(question.instants[-1], UTC), option="--to")
    if as_json:
        output.as_json(rows)
    elif as_csv:
        sys.stdout.write(csv_text(rows, [question.by or ""]))
    elif rows:
        _show(rows, question)


def _question(
    connection: Connection, compiled: CompiledRegistry, first: date | None, last: date | None, given: _Line
) -> TrendQuestion:
    with options.usage_errors():
        question = TrendParameters(from_=first, to=last, **given).question(datetime.now(UTC), compiled.registry.zone)
        with connection.store() as store:
            departments.require_known(store, compiled.registry, question.department)
    return question


def _of_terms(store: Store, compiled: CompiledRegistry, question: TrendQuestion, *, any_horizon: bool) -> _Rows:
    """The figures to show: each metric on the horizon of its term, if any is given for."""
    if not any_horizon:
        return json_rows(trend(store, compiled, question), question.by, compiled.registry)
    rows: _Rows = []
    for term in HORIZONS:
        names = [name for name in question.metrics if METRICS[name].term == term]
        if names:
            of_term = replace(question, metrics=names, horizons=(term,))
            rows += json_rows(trend(store, compiled, of_term), question.by, compiled.registry)
    return rows


def _show(rows: _Rows, question: TrendQuestion) -> None:
    start, end = question.instants[0], question.instants[-1]
    lines = _lines(rows, question)
    columns: dict[str, Callable[[_Line], str]] = {
        **({question.by: lambda line: line["of"]} if question.by else {}),
        "metric": lambda line: line["metric"],
        _moment(start): lambda line: line["first"],
        _moment(end): lambda line: line["last"],
    }
    taken = sum(max(len(heading), *(len(cell(line)) for line in lines)) + 2 for heading, cell in columns.items())
    width = min(WIDEST, max(NARROWEST, Console().width - taken - 2))
    columns["trend"] = lambda line: sparkline(line["values"], width)
    title = f"{question.department}, {question.view}, with 95 % intervals; \u00b7 no figure, ~ uncertain"
    output.table(lines, columns, title, ruled=False)


def _lines(rows: _Rows, question: TrendQuestion) -> list[_Line]:
    """One line for each metric, and touchpoint, segment or region; metrics in the order of the catalogue."""
    series: defaultdict[tuple[str, str, str], dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        at_s = int(datetime.fromisoformat(row["at"]).timestamp())
        series[row["metric"], row["horizon"], row[question.by] if question.by else ""][at_s] = row
    order = list(METRICS)
    return [
        {
            "of": of,
            "metric": _named(metric, horizon),
            "values": [found.get(at_s, {}).get("value") for at_s in question.instants],
            "first": _figure(found.get(question.instants[0])),
            "last": _figure(found.get(question.instants[-1])),
        }
        for (metric, horizon, of), found in sorted(series.items(), key=lambda item: (order.index(item[0][0]), item[0]))
    ]


def _named(metric: str, horizon: str) -> str:
    other = "" if horizon == METRICS[metric].term else f" ({horizon})"
    return f"{metric}, {METRICS[metric].unit}{other}"


def _figure(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "-"
    if row["suppressed"]:
        return str(row["suppressed"])
    mark = "~" if figures.is_uncertain(row) else ""
    interval = "" if row["ci_low"] is None else f" ({_number(row['ci_low'])} to {_number(row['ci_high'])})"
    return f"{mark}{_number(row['value'])}{interval}"


def _number(value: float) -> str:
    """Three digits or so that tell something.

    >>> _number(0.123), _number(54.38), _number(-7.0), _number(740.2), _number(12_345.0), _number(2.5e6)
    ('0.12', '54.4', '-7.00', '740', '12.3k', '2.50M')
    """
    for unit, name in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= unit:
            return _number(value / (1e6 if name == "M" else 1e3)) + name
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:.{digits}f}"


def _moment(at_s: int) -> str:
    at = datetime.fromtimestamp(at_s, UTC)
    return f"{at:%F}" if at_s % DAY_S == 0 else f"{at:%F %R}Z"
