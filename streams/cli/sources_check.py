"""`cxb sources check`: the lint of a file of sources."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from metrics.sources.parsing import lint_sources
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.sources.file import text_of
from streams.sources.ready import ready_sources
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)


@app.command(name="check", epilog=examples("cxb sources check sources.toml"))
def check_sources(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The TOML file.")],
    as_json: options.JsonOption = False,
) -> None:
    """Lints a file of sources; exit 1 on an error."""
    problems = lint_sources(text_of(file), ready_sources())
    if as_json:
        output.as_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            sys.stdout.write(f"{file}: {problem.severity}: {problem}\n")
    errors = sum(problem.severity == "error" for problem in problems)
    output.say(f"{file}: {counted(errors, 'error')}, {counted(len(problems) - errors, 'warning')}")
    if errors:
        raise typer.Exit(1)
