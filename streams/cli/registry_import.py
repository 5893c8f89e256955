"""`cxb registry import`: owners from the files of other tools."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from metrics.registry.exchange.drafts import Draft, beyond, with_office
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.registry import exchange
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)


@app.command(
    "import",
    epilog=examples(
        "cxb registry import codeowners CODEOWNERS --office back",
        "cxb registry import csv owners.csv --into registry.toml",
    ),
)
def import_owners(
    form: Annotated[
        str, typer.Argument(help="codeowners, csv or backstage.", **options.choice(exchange.FORMATS, "FORMAT"))
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to read.")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="REGISTRY", help="Add it to this file [default: print it].")
    ] = None,
    office: Annotated[
        str | None,
        typer.Option(
            "--office", help="Of departments for which the file names none.", **options.choice(("front", "back"))
        ),
    ] = None,
    partly: Annotated[bool, typer.Option("--partly", help="Also when some lines cannot be imported.")] = False,
    as_json: options.JsonOption = False,
) -> None:
    """Reads owners from CODEOWNERS, a CSV or a Backstage catalogue.

    Says line by line what cannot be imported, and exits with 1 then. Nothing is guessed.
    """
    text, registry = exchange.declared(into) if into else ("", None)
    draft = exchange.read(form, file, [department.id for department in registry.departments] if registry else ())
    draft = with_office(beyond(draft, registry) if registry else draft, office or "")
    lost = sum(note.lost for note in draft.notes)
    for note in draft.notes:
        output.say(f"{file}: {note}")
    addition = exchange.as_toml(draft)
    if as_json:
        output.as_json({"toml": addition, "notes": [asdict(note) for note in draft.notes]})
    elif into is None:
        typer.echo(addition, nl=False)
    if into is not None and (partly or not lost):
        _add(into, text, addition, draft)
    elif lost:
        output.say(f"{counted(lost, 'line')} could not be imported{'; nothing was written' if into else ''}")
    if lost and not partly:
        raise typer.Exit(1)


def _add(into: Path, text: str, addition: str, draft: Draft) -> None:
    whole = exchange.merged(text, addition)
    problems = exchange.problems_of(whole, text)
    for problem in problems:
        output.say(f"{into}: {problem}")
    if problems:
        remedy = "give --office, or end the rules that are there with `to`, and import again"
        output.say(f"{into} would be wrong with it, so nothing was written; {remedy}")
        raise typer.Exit(1)
    if not addition:
        output.say(f"{into} says all of that already")
        return
    exchange.write(into, whole)
    parts = (draft.departments, "department"), (draft.touchpoints, "touchpoint"), (draft.ownerships, "rule")
    added = ", ".join(counted(len(items), what) for items, what in parts)
    output.say(f"{into}: {added} added; change its version, and run cxb registry check {into}")
