"""Commands that are imported when they are called: `cxb --help` does not wait for Kafka's and ClickHouse's drivers.

A module of a command (or of a group of commands) has a Typer application named `app`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import typer
from typer.core import TyperCommand, TyperGroup

from streams.runtime import signals
from streams.runtime.lazy import imported

MODULE_OPTIONS: Final[dict[str, Any]] = {
    "add_completion": False,  # of the whole `cxb` only
    "rich_markup_mode": None,  # Rich takes a quarter of a second to load: too long to wait for a line of help
}
"""What each Typer application below `cxb` is made with."""


def examples(*lines: str) -> str:
    """The end of a command's help: how it is called."""
    return "\n".join(("Examples:\n\n\b", *lines))


class ListeningCommand(TyperCommand):
    """A command that answers SIGINT and SIGTERM itself: it lets them through once it listens."""


class LazyCommand(TyperCommand):
    """The name of a command and its line of help, until it is called."""

    def __init__(self, name: str, module: str, line: str) -> None:
        super().__init__(name=name, help=line)
        self._module = module

    def load(self) -> Any:
        """The command itself.

        Raises:
            ImportError: Its module cannot be imported.
        """
        return typer.main.get_command(imported(f"{self._module}:app"))

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Imports the command. Its own context is used from here on, for help and completion too."""
        command = self.load()
        if not isinstance(command, ListeningCommand):
            signals.release()
        return command.make_context(info_name, args, parent=parent, **extra)


class LazyGroup(TyperGroup):
    """A group of which a subclass names the commands."""

    modules: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """By name of the command: its module, and its line in the group's help."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, (module, line) in self.modules.items():
            self.add_command(LazyCommand(name, module, line))
