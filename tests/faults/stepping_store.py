"""The store's process with a clock that can be set: `python -m tests.faults.stepping_store`.

The engine takes the time from the kernel and cannot be given another clock. So whatever a statement asks of the clock
is answered with as many seconds more as a file says, which may change at any time. Defaults of columns, which are fixed
when their table is made, keep to the kernel's clock.
"""

import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from streams.embedded.engine import Answer, Engine
from streams.embedded.protocol import Statement
from streams.embedded.store_server import main

STEP: Final = "FAULTS_CLOCK_STEP_S"
"""The variable that names the file with the seconds."""
_NOW: Final = re.compile(r"now64\([^()]*\)")
_DEFINES: Final = re.compile(r"\s*(CREATE|ALTER)\b", re.IGNORECASE)
_run: Final = Engine.run


def stepped(sql: str, step_s: int) -> str:
    """A statement as a clock answers it that differs from the kernel's by so many seconds.

    >>> stepped("SELECT now64(6, 'UTC') AS now", -60)
    "SELECT (now64(6, 'UTC') + toIntervalSecond(-60)) AS now"
    """
    if _DEFINES.match(sql):
        return sql
    return _NOW.sub(lambda match: f"({match[0]} + toIntervalSecond({step_s}))", sql)


def run(engine: Engine, statement: Statement) -> Answer:
    """Runs a statement by the clock that the file sets."""
    step_s = int(Path(os.environ[STEP]).read_text())
    return _run(engine, replace(statement, sql=stepped(statement.sql, step_s)))


if __name__ == "__main__":
    patched: Any = Engine
    patched.run = run
    sys.exit(main())
