"""`cxb simulate`: the events of a simulated company."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

import typer

from streams import simulate as company
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.simulate import planted as problems

app = typer.Typer(**MODULE_OPTIONS)


class _Command(options.RenamedOptions):
    renamed: ClassVar[Mapping[str, str]] = {"--until": "--to"}


@app.command(cls=_Command, epilog=examples("cxb simulate --events 10000 --days 90 --seed 7 > events.ndjson"))
def simulate(
    events: Annotated[int, typer.Option(min=0, max=100_000_000, help="How many.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")] = 1,
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="Spread over the last so many days.")] = 90.0,
    last: Annotated[
        datetime | None,
        typer.Option("--to", parser=options.instant, metavar="T", help="The last instant [default: now]."),
    ] = None,
    bad: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of events with a realistic mistake.")] = 0.0,
    governance: Annotated[int, typer.Option(min=0, max=1_000_000, help="So many facts about governance as well.")] = 0,
    planted: Annotated[
        bool, typer.Option("--planted", help="With one instance of every problem, under a registry of its own.")
    ] = False,
) -> None:
    """Writes a simulated company's events as NDJSON to stdout."""
    end = last or datetime.now(UTC)
    history = problems.history if planted else company.history
    rows = history(seed=seed, start=end - timedelta(days=days), end=end, count=events, facts=governance)
    if planted:
        output.say(f"these events belong to the registry {problems.registry()}")
    for line in company.ndjson(rows, bad_share=bad, seed=seed):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
