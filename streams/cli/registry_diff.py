"""`cxb registry diff`: what another registry would change."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from metrics.durations import DEFAULT_PERIOD
from streams.cli import options, output
from streams.cli.connection import connect
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.embedded.instance import NoInstance
from streams.errors import Unreachable
from streams.governance.counting import Question
from streams.governance.impact import moved_balances, moved_events
from streams.registry.file import CompiledRegistry, load
from streams.registry.views import differences

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb registry diff registry.toml proposal.toml"))
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="The TOML file as it is.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="As it would be.")],
    at: options.AtOption = None,
    view: options.ViewOption = "as_was",
    data: options.DataOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """What another registry would change. Differences in words, and the effect on the last 90 days.

    Owners at an instant, and everything else that is declared; events that would change hands, figures that would move.
    """
    instant, old, new = at or datetime.now(UTC), load(before), load(after)
    rows = differences(old.registry, new.registry, int(instant.timestamp()))
    summary = {0: "no difference", 1: "1 difference"}.get(len(rows), f"{len(rows)} differences")
    try:
        rows += _effects(old, new, Question(instant - DEFAULT_PERIOD, instant, view), data)
    except (NoInstance, Unreachable) as error:
        summary += f"; in words alone, events and figures are not looked at: {error}"
    if as_json:
        output.as_json(rows)
    else:
        columns = {name: (lambda row, name=name: _text(row.get(name))) for name in ("what", "which", "before", "after")}
        output.table(rows, columns | {"n": lambda row: _text(row.get("n"))}, f"What changes at {instant:%F %R} UTC")
    output.say(summary)


def _effects(
    old: CompiledRegistry, new: CompiledRegistry, question: Question, data: Path | None
) -> list[dict[str, Any]]:
    with connect(data).store() as store:
        moves = moved_events(store, old, new, question) + moved_balances(store, old, new, question)
    return [{**move} for move in moves]


def _text(value: object) -> str:
    return "" if value is None else f"{value:,.1f}" if isinstance(value, float) else str(value)
