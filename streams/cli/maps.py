"""Commands that bring ownership in from files of others, and the map of it out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli import options
from streams.cli.governing import rules_of

if TYPE_CHECKING:
    from metrics.registry.exchange.drafts import Draft


def bring_in(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="codeowners, csv or backstage.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to read.")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="REGISTRY", help="Add it to this file [default: print it].")
    ] = None,
    office: Annotated[
        str | None, typer.Option("--office", help="front or back: of departments of which the file does not tell.")
    ] = None,
    partly: Annotated[bool, typer.Option("--partly", help="Also when some lines cannot be kept.")] = False,
    as_json: options.Json = False,
) -> None:
    """Reads owners from CODEOWNERS, a CSV or a Backstage catalogue.

    Says line by line what cannot be kept, and exits with 1 then. Nothing is guessed.
    """
    from dataclasses import asdict  # noqa: PLC0415

    from metrics.registry.exchange.drafts import beyond, with_office  # noqa: PLC0415
    from streams.cli import output  # noqa: PLC0415
    from streams.registry import exchange as importing  # noqa: PLC0415

    options.one_of(form, importing.FORMATS, "FORMAT")
    options.one_of(office, ("front", "back"), "--office")
    text, known = importing.declared(into) if into else ("", None)
    draft = importing.read(form, file, [one.id for one in known.departments] if known else ())
    draft = with_office(beyond(draft, known) if known else draft, office or "")
    lost = sum(note.lost for note in draft.notes)
    for note in draft.notes:
        output.say(f"{file}: {note}")
    addition = importing.as_toml(draft)
    if as_json:
        output.as_json({"toml": addition, "notes": [asdict(note) for note in draft.notes]})
    elif into is None:
        typer.echo(addition, nl=False)
    if into is not None and (partly or not lost):
        _add(into, text, addition, draft)
    elif lost:
        output.say(f"{lost} lines could not be kept" + ("" if partly or into is None else "; nothing was written"))
    if lost and not partly:
        raise typer.Exit(1)


def _add(into: Path, text: str, addition: str, draft: "Draft") -> None:
    from streams.cli import output  # noqa: PLC0415
    from streams.registry import exchange as importing  # noqa: PLC0415

    whole = importing.merged(text, addition)
    problems = importing.problems_of(whole, text)
    for problem in problems:
        output.say(f"{into}: {problem}")
    if problems:
        remedy = "give --office, or end the rules that are there with `to`, and import again"
        output.say(f"{into} would be wrong with it, so nothing was written; {remedy}")
        raise typer.Exit(1)
    if not addition:
        output.say(f"{into} says all of that already")
        return
    importing.write(into, whole)
    added = f"{len(draft.departments)} departments, {len(draft.touchpoints)} touchpoints, {len(draft.ownerships)} rules"
    output.say(f"{into}: {added} added; change its version, and run cxb check {into}")


def bring_out(
    mermaid: Annotated[bool, typer.Option("--mermaid", help="A flowchart of who owns what at an instant.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A row for each rule; with --at only those in force.")] = False,
    at: options.At = None,
    file: options.Registry = None,
    data: options.Data = None,
) -> None:
    """The map of ownership: target group, stage, touchpoint, front and back office."""
    from metrics.governance.chart import mermaid as chart  # noqa: PLC0415
    from streams.registry.exchange import as_csv  # noqa: PLC0415

    if mermaid == csv:
        raise typer.BadParameter("choose one of --mermaid and --csv", param_hint="--mermaid")
    instant = options.instant(at, "--at")
    found = rules_of(file, data).registry
    if csv:
        typer.echo(as_csv(found, None if instant is None else int(instant.timestamp())), nl=False)
    else:
        typer.echo(chart(found, int((instant or datetime.now(UTC)).timestamp())), nl=False)
