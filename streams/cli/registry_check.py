"""`cxb registry check`, also as `cxb check`: the lint of a registry."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from metrics.lint.lint import lint
from streams.cli import options, output
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.errors import ConfigurationError
from streams.wording import counted

app = typer.Typer(**MODULE_OPTIONS)


@app.command(epilog=examples("cxb registry check registry.toml", "cxb check registry.toml"))
def check(
    registry: Annotated[Path, typer.Argument(metavar="REGISTRY", help="The TOML file.")],
    as_json: options.JsonOption = False,
) -> None:
    """Lints a registry; exit 1 on an error."""
    try:
        problems = lint(registry.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read the registry {registry}: {error}") from error
    if as_json:
        output.as_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            sys.stdout.write(f"{registry}: {problem.severity}: {problem}\n")
    errors = sum(problem.severity == "error" for problem in problems)
    output.say(f"{registry}: {counted(errors, 'error')}, {counted(len(problems) - errors, 'warning')}")
    if errors:
        raise typer.Exit(1)
