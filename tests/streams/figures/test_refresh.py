import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.events import facts
from streams.figures import minutes as cells
from streams.figures import refresh
from streams.figures.refresh import Agreement, Refresher
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.settings.settings import RefreshSettings
from streams.store.client import Store
from streams.store.clock import store_time
from tests.faults.proxy import Proxy
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of, until

Make = Callable[..., Refresher]


@pytest.fixture
def make(store: Store, registry_path: Path) -> Make:
    def made(elected: Callable[[], bool] = lambda: True, **settings: Any) -> Refresher:
        return Refresher(
            store, RegistryWatcher(registry_path), RefreshSettings(**({"interval_s": 0.05} | settings)), elected
        )

    return made


def recently(minutes: float = 5) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


def saved(store: Store) -> int:
    return int(store.query("SELECT uniqExact(at) AS n FROM balances")[0]["n"])


def test_facts_that_have_landed_are_in_the_figures_of_the_next_refresh(
    make: Make, store: Store, compiled: CompiledRegistry
) -> None:
    refresher = make()
    assert list(refresher.refresh(0).balances["as_was"]) == []
    store.insert_facts(facts_of([event(n, "visit", recently()) for n in range(3)], compiled))
    refreshed = refresher.refresh(1)
    assert refresher.latest is refreshed
    assert {(row.department, row.n) for row in refreshed.balances["as_was"]} == {("sales", 3), ("company", 3)}
    assert refreshed.version == "v1"


def test_without_new_facts_figures_are_computed_only_now_and_then(make: Make) -> None:
    refresher = make()
    first = refresher.refresh(0)
    assert refresher.refresh(refresh.IDLE_EVERY_S - 0.1) is first
    assert refresher.refresh(refresh.IDLE_EVERY_S) is not first


@pytest.mark.parametrize("change", [('"v1"', '"v2"'), ('owner = "sales"', 'owner = "logistics"')])
def test_a_changed_registry_is_computed_under_at_once(
    change: tuple[str, str], store: Store, compiled: CompiledRegistry, registry_path: Path
) -> None:
    store.insert_facts(facts_of([event(1, "visit", recently())], compiled))
    file = RegistryWatcher(registry_path)
    refresher = Refresher(store, file, RefreshSettings(), lambda: True)
    refresher.refresh(0)
    registry_path.write_text(REGISTRY.replace(*change))
    assert file.check()
    refreshed = refresher.refresh(4)
    assert refreshed.version == file.current.version
    owner = file.current.attribution.owner("web.checkout", "", "", "visit", int(recently().timestamp()))
    assert {row.department for row in refreshed.balances["as_was"]} == {owner, "company"}


def test_snapshots_are_written_at_their_interval(make: Make, store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of([event(1, "visit", recently())], compiled))
    refresher = make(snapshot_s=100)
    for now_s, count in ((0, 1), (50, 1), (99, 1), (100, 2), (120, 2), (200, 3)):
        refresher.refresh(now_s)
        assert saved(store) == count


def test_the_sweep_finds_what_the_short_look_back_missed(make: Make, store: Store, compiled: CompiledRegistry) -> None:
    refresher = make()
    refresher.refresh(0)
    begun = store_time(store) - timedelta(minutes=1)
    columns = facts_of([event(1, "visit", recently())], compiled)
    store.insert("events", [*facts.COLUMNS, "ingested_at"], [*columns, [begun]])
    assert list(refresher.refresh(refresh.SWEEP_EVERY_S - 1).balances["as_was"]) == []
    assert len(refresher.refresh(refresh.SWEEP_EVERY_S).balances["as_was"]) > 0


def test_a_long_refresh_tells_how_far_it_is(
    make: Make,
    store: Store,
    compiled: CompiledRegistry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(cells, "MINUTES_AT_ONCE", 2)
    store.insert_facts(facts_of([event(n, "visit", recently(n + 5)) for n in range(5)], compiled))
    make().refresh(0)
    assert "refresh: 2 of 5 minutes" in caplog.text


def test_the_reconciliation_counts_what_disagrees_in_the_last_hour(
    make: Make, store: Store, compiled: CompiledRegistry
) -> None:
    refresher = make()
    columns = facts_of([event(n, "visit", recently(10 + n)) for n in range(3)], compiled)
    store.command("SYSTEM STOP MERGES events")
    store.insert_facts(columns)
    store.insert_facts(columns)
    assert refresher.reconcile() == Agreement(mismatched=3, copies=3)
    refresher.refresh(0)
    assert refresher.reconcile() == Agreement(mismatched=0, copies=3)
    store.command("SYSTEM START MERGES events")


async def test_only_the_elected_worker_refreshes_and_has_figures(make: Make, store: Store) -> None:
    elected = [False]
    refresher = make(lambda: elected[0])
    running = asyncio.create_task(refresher.run())
    await asyncio.sleep(0.2)  # four turns in which it must do nothing
    assert refresher.latest is None
    assert await asyncio.to_thread(cells.refreshed_upto, store) is None
    elected[0] = True
    await until(lambda: refresher.latest is not None)
    elected[0] = False
    await until(lambda: refresher.latest is None)
    running.cancel()
    await asyncio.wait([running])


async def test_the_running_refresher_reconciles(
    make: Make, store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "RECONCILE_EVERY_S", 0.0)
    columns = facts_of([event(1, "visit", recently(10))], compiled)
    store.command("SYSTEM STOP MERGES events")
    store.insert_facts(columns)
    store.insert_facts(columns)
    store.unknown_names = 0
    refresher = make()
    running = asyncio.create_task(refresher.run())
    await until(lambda: refresher.agreement == Agreement(0, 1))
    await until(lambda: refresher.names_over_limit == {"touchpoint": 0, "segment": 0, "region": 0})
    store.insert_facts(facts_of([event(2, "visit", recently(10), touchpoint="web.x", segment="x")], compiled))
    await until(lambda: refresher.names_over_limit == {"touchpoint": 1, "segment": 1, "region": 0})
    running.cancel()
    await asyncio.wait([running])
    store.command("SYSTEM START MERGES events")


async def test_a_store_that_went_away_is_waited_for(
    store: Store,
    compiled: CompiledRegistry,
    registry_path: Path,
    engine: EngineProcess,
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxy = Proxy(engine.port)
    proxied = Store(EngineProcess(proxy.port, engine.password).settings(store.database))
    refresher = Refresher(proxied, RegistryWatcher(registry_path), RefreshSettings(interval_s=0.02), lambda: True)
    running = asyncio.create_task(refresher.run())
    await until(lambda: refresher.latest is not None)
    proxy.behaviour.refuse = True
    proxy.cut()
    await until(lambda: "refresh: trying again" in caplog.text)
    store.insert_facts(facts_of([event(1, "visit", recently())], compiled))
    proxy.heal()
    await until(lambda: refresher.latest is not None and refresher.latest.balances["as_was"])
    running.cancel()
    await asyncio.wait([running])
    proxied.close()
    proxy.close()
