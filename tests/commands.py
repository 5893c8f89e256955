"""The commands of `cxb`, as the application has them."""

from typing import Any

import typer

from streams.cli.app import app
from streams.cli.lazy import LazyCommand


def subcommands(group: Any) -> dict[str, Any]:
    """The commands of a group, each of them imported; none of what is no group."""
    lazy = getattr(group, "commands", {})
    return {name: command.load() if isinstance(command, LazyCommand) else command for name, command in lazy.items()}


CXB: Any = typer.main.get_command(app)
TOP_LEVEL = subcommands(CXB)
GROUPS = {name for name, command in TOP_LEVEL.items() if subcommands(command)}
COMMANDS = {
    name if inner is None else f"{name} {inner}": found
    for name, command in TOP_LEVEL.items()
    for inner, found in [(None, command), *subcommands(command).items()]
    if inner or name not in GROUPS or command.invoke_without_command
}
"""All that do something, by what a user types after `cxb`."""
