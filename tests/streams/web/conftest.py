"""A site for one test; a served page, a browser and a reader of it for all tests together."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from streams.figures import minutes
from streams.ingest.telemetry import Telemetry
from streams.registry.file import RegistryWatcher
from streams.store.client import Store
from streams.web.answers import Site
from tests.streams.conftest import Open
from tests.streams.databases import Databases
from tests.streams.given import REGISTRY, event, facts_of, rules_of
from tests.streams.web.page_of import Reader, chromium, context_of, fill, reader_in, registry_of, serving
from tests.streams.web.served import Served, served_by
from tests.tools import chromium_program


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
def open_module_store(databases: Databases) -> Iterator[Callable[[], Store]]:
    """Lends migrated databases, without a row, for as long as the module lasts."""
    with ExitStack() as lent:
        yield lambda: lent.enter_context(databases.lent())


@pytest.fixture(scope="session")
def home(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with figures, which every test only reads."""
    with databases.lent() as store, serving(store, registry_of(tmp_path_factory.mktemp("page"))) as (site, address):
        fill(store, site)
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of this process; a context of its own is for those whose reader is not as others."""
    async with chromium(chromium_program()) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """What `reader` reads in: to make one, and to fetch all files of the page again, takes a second."""
    made = await context_of(browser)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def reader(context: BrowserContext, home: str) -> AsyncIterator[Reader]:
    """A reader of the page in a tab of the test's own, with whom nothing may go wrong unseen."""
    await context.clear_cookies()
    tab = await reader_in(context, home)
    yield tab
    await tab.page.close()
    assert tab.complaints == []
    assert tab.foreign == []
