"""A site that demands a token, and a client of it. Nothing here asks the store, so there is none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streams.ingest.telemetry import Telemetry
from streams.registry.file import RegistryWatcher
from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from streams.web.answers import Site
from tests.streams.web.access.visitor import Visitor, guarded


@pytest.fixture
def site(registry_path: Path) -> Site:
    nowhere = Store(ClickHouseSettings(url="http://127.0.0.1:1"))
    return Site(nowhere, RegistryWatcher(registry_path), Telemetry(), lambda: None, lambda: "")


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[Visitor]:
    async with guarded(site) as client:
        yield client
