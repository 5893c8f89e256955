"""Commands about who owns what: the figures of governance, and the registry as a table and as a difference."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metrics.durations import DEFAULT_PERIOD
from streams.cli import options

if TYPE_CHECKING:
    from streams.governance.counting import Question
    from streams.registry.file import CompiledRegistry

registry = typer.Typer(
    help="Who owns what, and what another file would change.",
    epilog="Examples:\n\n\b\ncxb registry show\ncxb registry diff registry.toml proposal.toml",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def governance(
    since: options.Since = None,
    at: options.At = None,
    view: options.View = "as_was",
    measure: Annotated[str | None, typer.Option(help="Only this measure.")] = None,
    conversion: Annotated[
        str, typer.Option(help="What credit is given for: conversion, repeat_purchase or referral.")
    ] = "conversion",
    what_if: options.WhatIf = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Who owns the experience, measured. Descriptive, not causal.

    Lines of responsibility, dispersion, hand-offs, credit, perception, coverage, cases.
    """
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.cli.reads import chosen_view  # noqa: PLC0415
    from streams.governance.counting import Question, as_rows, compute  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    options.one_of(conversion, ("conversion", "repeat_purchase", "referral"), "--conversion")
    connection, (start, until) = connect(data), options.period(since, at)
    question = Question(start, until, chosen_view(view), conversion)
    store = Store(connection.settings.clickhouse)
    try:
        rows = as_rows(compute(store, connection.compiled(what_if), question))
    finally:
        store.close()
    options.one_of(measure, dict.fromkeys(row["measure"] for row in rows), "--measure")
    rows = [row for row in rows if measure in (None, row["measure"])]
    if as_json:
        output.as_json(rows)
        return
    columns: dict[str, Any] = {
        "measure": lambda row: row["measure"],
        "of": lambda row: row["subject"] or "the company",
        "note": lambda row: "uncertain" if row["uncertain"] else "",
        "value": lambda row: output.number(row["value"], 3),
        "from": lambda row: output.number(row["ci_low"], 3),
        "to": lambda row: output.number(row["ci_high"], 3),
        "n": lambda row: str(row["n"]),
    }
    output.table(rows, columns, f"Governance {view}, {start:%F} to {until:%F %R} UTC", numbers=4)


@registry.command("show", epilog="Examples:\n\n\b\ncxb registry show\ncxb registry show --at 2026-03-01")
def show(
    at: options.At = None,
    file: options.Registry = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Who owns what at an instant: a line for each touchpoint, facet and slice that the rules tell apart."""
    from streams.cli import output  # noqa: PLC0415
    from streams.registry.views import owners_at  # noqa: PLC0415

    instant = options.instant(at, "--at") or datetime.now(UTC)
    rows = owners_at(rules_of(file, data).registry, int(instant.timestamp()))
    if as_json:
        output.as_json(rows)
        return
    names = ("touchpoint", "name", "stage", "channel", "facet", "events", "owner", "shares", "consulted", "sponsor")
    columns = {name: (lambda row, name=name: str(row[name])) for name in names}
    output.table(rows, columns, f"Who owns what at {instant:%F %R} UTC")


@registry.command("diff", epilog="Examples:\n\n\b\ncxb registry diff registry.toml proposal.toml")
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="The TOML file as it is.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="As it would be.")],
    at: options.At = None,
    view: options.View = "as_was",
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """What another registry would change: in words, and of the last 90 days in effect.

    Owners at an instant, and everything else that is declared; events that would change hands, figures that would move.
    """
    from streams.cli import output  # noqa: PLC0415
    from streams.cli.reads import chosen_view  # noqa: PLC0415
    from streams.embedded.instance import NoInstance  # noqa: PLC0415
    from streams.errors import Unreachable  # noqa: PLC0415
    from streams.governance.counting import Question  # noqa: PLC0415
    from streams.registry.file import load  # noqa: PLC0415
    from streams.registry.views import differences  # noqa: PLC0415

    instant, old, new = options.instant(at, "--at") or datetime.now(UTC), load(before), load(after)
    question = Question(instant - DEFAULT_PERIOD, instant, chosen_view(view))
    rows = differences(old.registry, new.registry, int(instant.timestamp()))
    said = f"{len(rows)} differences" if rows else "no difference"
    try:
        rows += _effects(old, new, question, data)
    except (NoInstance, Unreachable) as error:
        said += f"; in words alone, events and figures are not looked at: {error}"
    if as_json:
        output.as_json(rows)
    else:
        columns = {name: (lambda row, name=name: _told(row.get(name))) for name in ("what", "which", "before", "after")}
        output.table(rows, columns | {"n": lambda row: _told(row.get("n"))}, f"What changes at {instant:%F %R} UTC")
    output.say(said)


def _effects(
    old: "CompiledRegistry", new: "CompiledRegistry", question: "Question", data: Path | None
) -> list[dict[str, Any]]:
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.governance.impact import moved_balances, moved_events  # noqa: PLC0415
    from streams.store.client import Store  # noqa: PLC0415

    store = Store(connect(data).settings.clickhouse)
    try:
        moves = moved_events(store, old, new, question) + moved_balances(store, old, new, question)
        return [{**move} for move in moves]
    finally:
        store.close()


def _told(value: object) -> str:
    return "" if value is None else f"{value:,.1f}" if isinstance(value, float) else str(value)


def rules_of(file: Path | None, data: Path | None) -> "CompiledRegistry":
    """The rules of a file, or those in force."""
    from streams.cli.connection import connect  # noqa: PLC0415
    from streams.registry.file import load  # noqa: PLC0415

    # A file needs no running instance.
    return load(file) if file is not None else connect(data).compiled()
