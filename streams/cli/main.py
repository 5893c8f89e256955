"""The entry point of `cxb`. It imports next to nothing, so that signals are held back from the first moments on."""

from streams.runtime import signals
from streams.runtime.lazy import imported


def main() -> None:
    """Runs a command, see `streams.cli.run`."""
    signals.hold()
    imported("streams.cli.run:run")()
