"""`cxb sources`: the group of commands about foreign events."""

from collections.abc import Mapping
from typing import ClassVar

import typer

from streams.cli.lazy import MODULE_OPTIONS, LazyGroup, examples


class _Sources(LazyGroup):
    modules: ClassVar[Mapping[str, tuple[str, str]]] = {
        "check": ("streams.cli.sources_check", "Lints a file of sources; exit 1 on an error."),
        "list": ("streams.cli.sources_list", "The sources of the file in force, and the ready-made ones."),
        "infer": ("streams.cli.sources_infer", "Proposes a mapping from a sample, by names and values."),
        "seen": ("streams.cli.sources_seen", "Unknown fields and touchpoints, by who sent them."),
        "try": ("streams.cli.sources_try", "Record, mapping and event side by side; sends nothing."),
    }


app = typer.Typer(
    cls=_Sources,
    epilog=examples(
        "cxb sources list",
        "cxb sources try delighted-csv survey.csv --set touchpoint=web.checkout",
        "cxb sources check sources.toml",
    ),
    no_args_is_help=True,
    **MODULE_OPTIONS,
)


@app.callback()
def sources() -> None:
    """Foreign events: which records become events, and how."""
