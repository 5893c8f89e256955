"""The entry point of `cxb`. It imports next to nothing, so that signals are held back from the first moments on.

One in the middle of an import would end a command with a traceback. `streams.runtime.signals` lets them through.
"""

import signal
from importlib import import_module


def main() -> None:
    """Runs a command, see `streams.cli.run`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    import_module("streams.cli.run").run()
