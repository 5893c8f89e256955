"""The simulated company as facts of 90 days, in a database of its own, with its cells."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest

from metrics.events import facts
from streams import simulate
from streams.figures import minutes
from streams.registry.file import CompiledRegistry, load, sample
from streams.store.client import Store
from streams.store.migrations import migrate
from tests.streams.engine import EngineProcess
from tests.streams.given import facts_of

HISTORY_EVENTS, HISTORY_DAYS = 60_000, 90
END = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Demo(NamedTuple):
    """A store with the company's history up to END, and who owned what."""

    store: Store
    compiled: CompiledRegistry


@pytest.fixture(scope="session")
def demo(engine: EngineProcess) -> Iterator[Demo]:
    """Made once; tests may add to it what does no harm to others."""
    store, compiled = Store(engine.settings(f"t_{uuid4().hex[:12]}")), load(sample())
    list(migrate(store))
    start = END - timedelta(days=HISTORY_DAYS)
    history = list(simulate.events(seed=1, start=start, end=END, count=HISTORY_EVENTS))
    columns = facts_of(history, compiled)
    # As of yesterday: of a history that is still coming in no baseline is made.
    landed = datetime.now(UTC) - timedelta(days=1)
    store.insert("events", [*facts.COLUMNS, "ingested_at"], [*columns, [landed] * len(history)])
    list(minutes.refresh(store, timedelta(0)))
    yield Demo(store, compiled)
    store.command(f"DROP DATABASE IF EXISTS {store.database}", use_database=False)
    store.close()
