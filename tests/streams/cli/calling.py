"""Commands called in this process, on a store of the test's own."""

from pathlib import Path

from typer.testing import CliRunner, Result

from streams.cli.app import app
from streams.store.client import Store
from tests.streams.engine import EngineProcess


def cxb(*arguments: str, **environment: str) -> Result:
    """Runs a command; what it says and how it ends."""
    return CliRunner().invoke(app, list(arguments), env=environment)


def told_of(engine: EngineProcess, store: Store, registry: Path) -> dict[str, str]:
    """The environment that leads a command to a store."""
    settings = engine.settings(store.database)
    return {
        "CXB_CLICKHOUSE_URL": settings.url,
        "CXB_CLICKHOUSE_USER": settings.user,
        "CXB_CLICKHOUSE_PASSWORD": settings.password.get_secret_value(),
        "CXB_CLICKHOUSE_DATABASE": settings.database,
        "CXB_CUSTOMER_KEY": "ab" * 32,
        "CXB_REGISTRY": str(registry),
    }
