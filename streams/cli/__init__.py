"""The command line, `cxb`: data to stdout, messages to stderr.

Exit codes: 0 ok, 1 failed check, 2 usage, 3 configuration, 4 something unreachable.
"""

import sys

from streams.cli.app import app
from streams.errors import CxbError

__all__ = ["main"]


def main() -> None:
    """Runs a command; expected failures end in one sentence and the exit code that belongs to them."""
    try:
        app()
    except CxbError as error:
        sys.stderr.write(f"cxb: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has seen enough. Without this, the interpreter would complain when it flushes.
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
