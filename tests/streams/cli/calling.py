"""Commands called in this process, on a store of the test's own."""

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from typer.testing import CliRunner, Result

from streams.cli.app import app
from streams.store.client import Store
from tests.streams.engine import EngineProcess


def cxb(*arguments: str, **environment: str) -> Result:
    """Runs a command; its output and exit code."""
    return CliRunner().invoke(app, list(arguments), env=environment)


def on_terminal(*arguments: str, columns: int, **environment: str) -> list[str]:
    """The lines that a command writes to a terminal of so many columns."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "streams.cli", *arguments]
    variables = {**os.environ, **environment, "COLUMNS": str(columns)}
    with subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=subprocess.DEVNULL, env=variables
    ) as process:
        os.close(follower)
        shown = b""
        with suppress(OSError):  # how Linux ends a terminal whose other side is closed
            while piece := os.read(leader, 65_536):
                shown += piece
        os.close(leader)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()


def environment_of(engine: EngineProcess, store: Store, registry: Path) -> dict[str, str]:
    """The environment with which a command finds a store."""
    settings = engine.settings(store.database)
    return {
        "CXB_CLICKHOUSE_URL": settings.url,
        "CXB_CLICKHOUSE_USER": settings.user,
        "CXB_CLICKHOUSE_PASSWORD": settings.password.get_secret_value(),
        "CXB_CLICKHOUSE_DATABASE": settings.database,
        "CXB_CUSTOMER_KEY": "ab" * 32,
        "CXB_REGISTRY": str(registry),
    }
