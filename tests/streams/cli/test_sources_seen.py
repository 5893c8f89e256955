"""`cxb sources seen`, on a real store."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from metrics.events.strangers import Stranger
from streams.ingest.strangers import insert_strangers
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A source that misspells a field, and another a touchpoint."""
    now_ms = int(datetime.now(UTC).timestamp() * 1000) - 60_000
    insert_strangers(store, {("crm", "eventId"): Stranger(3, now_ms, now_ms)})
    at = datetime.fromtimestamp(now_ms / 1000, UTC)
    store.insert_facts(facts_of([event(1, at=at, touchpoint="web.chekout", source="shop")], compiled))
    return environment_of(engine, store, registry_path)


def test_what_is_unknown_is_listed_by_source_with_what_may_be_meant(server: dict[str, str]) -> None:
    rows = json.loads(cxb("sources", "seen", "--json", **server).stdout)
    assert [(row["what"], row["source"], row["name"], row["events"], row["like"]) for row in rows] == [
        ("field", "crm", "eventId", 3, "event_id"), ("touchpoint", "shop", "web.chekout", 1, "web.checkout"),
    ]  # fmt: skip
    shown = cxb("sources", "seen", **server)
    assert shown.exit_code == 0
    assert "event_id" in shown.output


def test_a_period_without_anything_unknown_says_so(server: dict[str, str]) -> None:
    shown = cxb("sources", "seen", "--from", "2026-01-01", "--to", "2026-01-02", **server)
    assert shown.exit_code == 0
    assert "nothing unknown in that period" in shown.output
    assert json.loads(cxb("sources", "seen", "--to", "2026-01-02", "--json", **server).stdout) == []


def test_a_period_in_the_future_is_refused(server: dict[str, str]) -> None:
    assert cxb("sources", "seen", "--to", "2100-01-01", **server).exit_code == 2
