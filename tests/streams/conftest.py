"""The real engine as the process that embedded mode starts, and databases on it."""

import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from streams.ingest.ingest import Commit
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.migrations import migrate
from tests.conftest import TopicFactory
from tests.faults.proxy import Proxy
from tests.kafka.broker import KafkaBroker
from tests.streams import reporting
from tests.streams.databases import Databases
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, rules_of
from tests.streams.group import Join, Member, kafka_of, member, settings_of
from tests.streams.ingesting import Make, worlds

Open = Callable[..., AbstractContextManager[Store]]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("CXB_") and not name.startswith("CXB_REQUIRE_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """The embedded store's process, one for the session."""
    directory, password = tmp_path_factory.mktemp("engine"), secrets.token_hex(16)
    variables = {"CXB_STORE_DIRECTORY": str(directory / "data"), "CXB_STORE_USER": "cx", "CXB_STORE_PASSWORD": password}
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.embedded.store_server"],
            cwd=Path(__file__).parents[2], env=os.environ | variables, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, (directory / "log").read_text()
    yield EngineProcess(int(line.rpartition(":")[2]), password)
    process.terminate()
    process.communicate(timeout=30)


@pytest.fixture(scope="session")
def databases(engine: EngineProcess) -> Databases:
    """Migrated databases, used again by one test after another."""
    return Databases(engine)


@pytest.fixture(scope="session")
def planted_store(engine: EngineProcess) -> Iterator[Store]:
    """The planted company's history, landed once for all tests; they read it only."""
    store = Store(engine.settings(f"t_planted_{secrets.token_hex(4)}"))
    list(migrate(store))
    reporting.fill(store)
    yield store
    store.command(f"DROP DATABASE IF EXISTS {store.database}", use_database=False)
    store.close()


@pytest.fixture
def open_store(databases: Databases) -> Open:
    """Lends a migrated database that holds nothing, or what a function lands in it."""
    return databases.lent


@pytest.fixture
def store(open_store: Open) -> Iterator[Store]:
    """A migrated database of the test's own."""
    with open_store() as opened:
        yield opened


@pytest.fixture
def between(store: Store, engine: EngineProcess) -> Iterator[tuple[Store, Proxy]]:
    """The same database behind a proxy, which may answer in the engine's place."""
    proxy = Proxy(engine.port)
    proxied = Store(EngineProcess(proxy.port, engine.password).settings(store.database))
    proxied.query("SELECT 1")
    yield proxied, proxy
    proxied.close()
    proxy.close()


@pytest.fixture(scope="session")
def compiled() -> CompiledRegistry:
    """A company of three departments, compiled."""
    return rules_of(REGISTRY)


@pytest.fixture
def registry_path(tmp_path: Path) -> Path:
    """The same as a file."""
    path = tmp_path / "registry.toml"
    path.write_text(REGISTRY)
    return path


@pytest.fixture
def join(kafka: KafkaBroker, store: Store, engine: EngineProcess, registry_path: Path) -> Join:
    """Joins the group of a topic; `through` is what the member sees as its store, `commit` what it commits with."""

    def joined(
        topic: str, through: Store | None = None, commit: Commit | None = None, **limits: Any
    ) -> AbstractAsyncContextManager[Member]:
        settings = settings_of(kafka_of(kafka.bootstrap, topic), engine.settings(store.database), **limits)
        return member(settings, store, registry_path, through, commit)

    return joined


@pytest.fixture
async def make_world(
    kafka: KafkaBroker, kafka_topic: TopicFactory, store: Store, registry_path: Path
) -> AsyncIterator[Make]:
    """Makes ingests; `through` is what one sees as its store."""
    async with worlds(kafka, kafka_topic, store, registry_path) as make:
        yield make
