"""The commands of `cxb`, all of them imported."""

from typing import Any

import typer

from streams.cli.app import app
from streams.cli.lazy import LazyCommand


def imported(command: Any) -> Any:
    """A command itself, and those of its group, instead of what stands for them until they are called."""
    if isinstance(command, LazyCommand):
        command = command.load()
    for name, inner in getattr(command, "commands", {}).items():
        command.commands[name] = imported(inner)
    return command


CLI = imported(typer.main.get_command(app))
GROUPS = {name for name, command in CLI.commands.items() if hasattr(command, "commands")}
COMMANDS = {
    name if inner is None else f"{name} {inner}": found
    for name, command in CLI.commands.items()
    for inner, found in [(None, command), *getattr(command, "commands", {}).items()]
    if inner or name not in GROUPS or command.invoke_without_command
}
"""All that do something, by what a user types after `cxb`."""
