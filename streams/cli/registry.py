"""`cxb registry`: the group of commands about who owns what."""

from collections.abc import Mapping
from typing import ClassVar

import typer

from streams.cli.lazy import MODULE_OPTIONS, LazyGroup, examples


class _Registry(LazyGroup):
    modules: ClassVar[Mapping[str, tuple[str, str]]] = {
        "check": ("streams.cli.registry_check", "Lints a registry; exit 1 on an error."),
        "show": ("streams.cli.registry_show", "Who owns what at an instant."),
        "diff": ("streams.cli.registry_diff", "What another registry would change."),
        "import": ("streams.cli.registry_import", "Reads owners from CODEOWNERS, a CSV or a Backstage catalogue."),
        "export": ("streams.cli.registry_export", "The map of ownership, as a flowchart or as a table."),
    }


app = typer.Typer(
    cls=_Registry,
    epilog=examples(
        "cxb registry check registry.toml",
        "cxb registry show",
        "cxb registry diff registry.toml proposal.toml",
    ),
    no_args_is_help=True,
    **MODULE_OPTIONS,
)


@app.callback()
def registry() -> None:
    """Who owns what, and what another file would change."""
