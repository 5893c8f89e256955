"""`cxb drivers`: at which touchpoints NPS or CSAT is decided."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, get_args

import typer

from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.governance.counting import Question
from streams.governance.drivers import Driven, DrivenMetric, as_json, compute
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)

DRIVEN: Final = get_args(DrivenMetric)

_COLUMNS: Final[dict[str, Any]] = {
    "touchpoint": lambda row: row["touchpoint"],
    "owner": lambda row: row["owner"],
    "note": lambda row: "" if row["driver"] else "not proved",
    "points": lambda row: output.number(row["slope"]),
    "from": lambda row: output.number(row["slope_low"]),
    "to": lambda row: output.number(row["slope_high"]),
    "share %": lambda row: output.number(100 * row["share"]),
    "satisfied %": lambda row: output.number(100 * row["level"]),
    "n": lambda row: f"{row['n']:,}",
}


@app.command(
    cls=options.PeriodCommand,
    epilog=examples("cxb drivers", "cxb drivers --metric csat --from 2026-01-01 --json"),
)
def drivers(
    metric: Annotated[str, typer.Option(help="What is decided: nps or csat.", **options.choice(DRIVEN, "M"))] = "nps",
    first: options.PeriodFromOption = None,
    last: options.PeriodToOption = None,
    what_if: options.WhatIfOption = None,
    data: options.DataOption = None,
    as_json_: options.JsonOption = False,
) -> None:
    """At which touchpoints NPS or CSAT is decided. Descriptive, not causal.

    Compares the last answer of each journey with the answers before it, touchpoint by touchpoint.
    """
    connection = connect(data)
    compiled = connection.compiled(what_if)
    start, end = options.period(first, last, compiled.registry.zone)
    chosen: DrivenMetric = "csat" if metric == "csat" else "nps"
    with connection.store() as store:
        driven = compute(store, compiled, Question(start, end), chosen)
    if as_json_:
        output.as_json(as_json(driven))
        return
    rows = as_json(driven)["drivers"]
    if rows:
        output.table(
            rows,
            _COLUMNS,
            f"Key drivers of {metric}, {output.period_text(start, end, compiled.registry.zone)}",
            numbers=6,
        )
    for line in _lines(driven):
        output.say(line)


def _lines(driven: Driven) -> Iterator[str]:
    drivers, metric = driven.drivers, driven.metric
    journeys, customers = counted(drivers.journeys, "journey"), counted(drivers.customers, "customer")
    looked = f"{journeys} of {customers} answered before their last {metric}"
    if not drivers.drivers:
        yield (
            f"cannot be told: {looked}. It needs 100 customers, 30 answers at a touchpoint, and last answers that "
            "differ; the events of one journey carry the same `journey`."
        )
        return
    yield f"{looked}{' (a sample)' if driven.is_sampled else ''}."
    if drivers.predicts:
        yield (
            f"The answers explain {100 * drivers.explained:.1f} % of the variance, and {100 * drivers.predicted:.1f} % "
            "for customers that were not looked at. Points: between the worst and the best answer there."
        )
    else:
        yield "Nothing is proved: for customers not looked at, the answers foretell no more than the mean does."
    if drivers.left_out:
        yield f"Left out, with too few answers: {', '.join(drivers.left_out)}."
