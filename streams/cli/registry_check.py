"""`cxb registry check`, also as `cxb check`: the lint of a registry."""

from pathlib import Path
from typing import Annotated

import typer

from metrics.lint.lint import lint
from streams.cli import options
from streams.cli.lazy import MODULE_OPTIONS, examples
from streams.cli.linting import linted
from streams.errors import ConfigurationError

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
    linted(registry, problems, as_json=as_json)
