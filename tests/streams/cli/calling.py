"""Commands called in this process, on a store of the test's own."""

import io
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.cli.app import app
from streams.store.client import Store
from tests.streams.engine import EngineProcess


def cxb(*arguments: str, **environment: str) -> Result:
    """Runs a command; its output and exit code."""
    return CliRunner().invoke(app, list(arguments), env=environment)


class Terminal(io.StringIO):
    """A stdout that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def on_a_terminal(*arguments: str, **environment: str) -> list[str]:
    """The lines that a command prints to a terminal of 80 columns."""
    size = {"COLUMNS": "80", "LINES": "50", "TERM": "dumb"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (environment | size).items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdout", shown := Terminal())
        app(list(arguments), standalone_mode=False)
    return shown.getvalue().splitlines()


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
