"""`cxb distribution`: how people answered over a period."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

import typer

from metrics.figures.distribution import ANSWERS_OF, MOST_STRETCHES, DistributionQuestion
from metrics.registry import COMPANY
from streams.cli import figures, options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.figures import departments
from streams.figures.distribution import answer_counts
from streams.figures.distribution import as_json as json_rows
from streams.figures.distribution_parameters import DistributionParameters
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

ANSWER_COLUMNS: Final = ("from", "to", "view", "department", "metric", "n", "suppressed")

app = typer.Typer(**MODULE_OPTIONS)

_Row = Mapping[str, Any]


@app.command(
    epilog=examples(
        "cxb distribution --department marketing --metric nps",
        "cxb distribution --metric csat --from 2026-01-01 --csv > answers.csv",
    )
)
def distribution(
    department: Annotated[str, typer.Option(help="Of this department; company: of all.")] = COMPANY,
    metric: Annotated[str | None, options.parameter(DistributionParameters, "metric")] = None,
    first: options.PeriodFromOption = None,
    last: options.PeriodToOption = None,
    points: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_STRETCHES, help="So many stretches of equal length [default: days or weeks]."),
    ] = None,
    view: options.ViewOption = "as_was",
    registry: options.RegistryOption = None,
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
    as_csv: options.CsvOption = False,
) -> None:
    """How people answered NPS, CSAT and CES over a period.

    By day or week; by default of 90 days.
    """
    options.one_format(as_json, as_csv)
    connection = connect(data)
    compiled = connection.compiled(registry)
    given = {"department": department, "metric": metric, "points": points, "view": view}
    with connection.store() as store:
        question = _question(store, compiled, first, last, given)
        rows = json_rows(question, answer_counts(store, compiled, question))
    figures.say_if_empty(connection, rows, datetime.fromtimestamp(question.bounds[-1], UTC), option="--to")
    if as_json:
        output.as_json(rows)
    elif as_csv:
        sys.stdout.write(_csv(rows))
    elif rows:
        _show(rows, question)


def _question(
    store: Store, compiled: CompiledRegistry, first: date | None, last: date | None, given: _Row
) -> DistributionQuestion:
    with options.usage_errors():
        parameters = DistributionParameters(from_=first, to=last, **given)
        question = parameters.question(datetime.now(UTC), compiled.registry.zone)
        departments.require_known(store, compiled.registry, question.department)
    return question


def _csv(rows: list[dict[str, Any]]) -> str:
    """RFC 4180, with a header and a row for each answer of each stretch. No cell holds what events say."""
    lines: list[list[Any]] = [[*ANSWER_COLUMNS, "answer", "answers"]]
    lines += [
        [*(row[name] for name in ANSWER_COLUMNS), answer["answer"], answer["n"]]
        for row in rows
        for answer in row["answers"]
    ]
    return "".join(",".join("" if cell is None else str(cell) for cell in line) + "\r\n" for line in lines)


def _show(rows: list[dict[str, Any]], question: DistributionQuestion) -> None:
    title = f"{question.department}, {question.view}; share of answers, from the worst to the best"
    columns: dict[str, Callable[[_Row], str]] = {
        "from": lambda row: row["from"][:16].replace("T00:00", "").replace("T", " "),
        "metric": lambda row: row["metric"],
        "answers": _shares,
        "n": lambda row: f"{row['n']:,}",
    }
    output.table(rows, columns, title, numbers=1, ruled=False)


def _shares(row: _Row) -> str:
    if row["suppressed"]:
        return str(row["suppressed"])
    names = ANSWERS_OF[row["metric"]]
    return "  ".join(f"{name} {answer['n'] / row['n']:.0%}" for name, answer in zip(names, row["answers"], strict=True))
