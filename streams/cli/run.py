"""How a command of `cxb` is run, and how it ends: data to stdout, messages to stderr.

Exit codes: 0 ok, 1 failed check, 2 usage, 3 configuration, 4 something unreachable.
"""

import logging
import sys

from streams.cli.app import app
from streams.errors import CxbError


def run() -> None:
    """Runs a command; expected failures end with one sentence and their exit code."""
    # What these log about a failure is in our sentence already. A worker's log still gets it.
    for driver in ("aiokafka", "clickhouse_connect"):
        logging.getLogger(driver).addHandler(logging.NullHandler())
    stdout = sys.stdout
    try:
        app()
    except CxbError as error:
        sys.stderr.write(f"cxb: {error}\n")
        sys.exit(error.exit_code)
    except SystemExit as ended:
        # The reader of our output has closed the pipe. Typer wraps stdout in that case, and calls it a failure.
        sys.exit(0 if ended.code == 1 and sys.stdout is not stdout else ended.code)
    except KeyboardInterrupt:
        sys.exit(130)
