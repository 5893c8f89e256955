"""`cxb sources check`: the lint of a file of sources."""

from pathlib import Path
from typing import Annotated

import typer

from metrics.sources.parsing import lint_sources
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.cli.linting import linted
from streams.sources.file import compiled_sources, text_of
from streams.sources.ready import ready_sources

app = typer.Typer(**MODULE_OPTIONS)


@app.command(name="check", epilog=examples("cxb sources check sources.toml"))
def check_sources(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The TOML file.")],
    as_json: options.JsonOption = False,
) -> None:
    """Lints a file of sources; exit 1 on an error."""
    text = text_of(file)
    problems = lint_sources(text, ready_sources())
    linted(file, problems, as_json=as_json)
    if topics := compiled_sources(text, str(file)).topics():
        named = ", ".join(topics)
        output.say(f"a worker subscribes to topics when it starts: restart it if one of these is new to it: {named}")
