"""The command line, `cxb`: data to stdout, messages to stderr.

Exit codes: 0 ok, 1 failed check, 2 usage, 3 configuration, 4 something unreachable.
"""

import logging
import sys

from streams.cli.app import app
from streams.errors import CxbError

__all__ = ["main"]


def main() -> None:
    """Runs a command; expected failures end in one sentence and the exit code that belongs to them."""
    # What they log about a failure is in our sentence already; a worker's log gets it all the same.
    for driver in ("aiokafka", "clickhouse_connect"):
        logging.getLogger(driver).addHandler(logging.NullHandler())
    stdout = sys.stdout
    try:
        app()
    except CxbError as error:
        sys.stderr.write(f"cxb: {error}\n")
        sys.exit(error.exit_code)
    except SystemExit as ended:
        # Whoever read our output has seen enough. Typer, which puts a wrapper over stdout then, calls it a failure.
        sys.exit(0 if ended.code == 1 and sys.stdout is not stdout else ended.code)
    except KeyboardInterrupt:
        sys.exit(130)
