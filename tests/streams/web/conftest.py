"""A site for one test; a served page, a browser and a reader of it for the tests of a module together."""

import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from streams.figures import minutes
from streams.ingest.telemetry import Telemetry
from streams.registry.file import RegistryWatcher
from streams.store.client import Store
from streams.store.migrations import migrate
from streams.web.answers import Site
from tests.streams.conftest import Open
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of, rules_of
from tests.streams.web.page_of import Reader, chromium, fill, reading, registry_of, serving
from tests.streams.web.served import Served, served_by
from tests.tools import tool


def answers_about_the_web(store: Store) -> None:
    """Twenty, when marketing owned it."""
    answers = [event(n, score=10 if n % 4 else 0, at=datetime(2026, 3, 10, 9, tzinfo=UTC)) for n in range(20)]
    store.insert_facts(facts_of(answers, rules_of(REGISTRY)))
    list(minutes.refresh(store, timedelta(seconds=3)))


@pytest.fixture
def filled(open_store: Open) -> Iterator[Store]:
    """A store with twenty answers about the web."""
    with open_store(answers_about_the_web) as store:
        yield store


@pytest.fixture
def site(filled: Store, registry_path: Path) -> Site:
    return Site(filled, RegistryWatcher(registry_path), Telemetry(), lambda: None, lambda: "")


@pytest.fixture
async def served(site: Site) -> AsyncIterator[Served]:
    async with served_by(site) as client:
        yield client


@pytest.fixture(scope="module")
def open_module_store(engine: EngineProcess) -> Iterator[Any]:
    """Makes migrated databases that last for the module."""
    stores: list[Store] = []

    def opened() -> Store:
        stores.append(Store(engine.settings(f"t_page_{secrets.token_hex(4)}")))
        list(migrate(stores[-1]))
        return stores[-1]

    yield opened
    for store in stores:
        store.command(f"DROP DATABASE IF EXISTS {store.database}", use_database=False)
        store.close()


@pytest.fixture(scope="module")
def home(open_module_store: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with figures."""
    store = open_module_store()
    with serving(store, registry_of(tmp_path_factory.mktemp("page"))) as (site, address):
        fill(store, site)
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(tool("chromium")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def reader(browser: Browser, home: str) -> AsyncIterator[Reader]:
    """A reader of the page, with whom nothing may go wrong unseen."""
    async with reading(browser, home) as tab:
        yield tab
        assert tab.complaints == []
        assert tab.foreign == []
