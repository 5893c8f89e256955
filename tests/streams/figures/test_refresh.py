import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from metrics.events import facts
from streams.figures import batches, days, refresh, snapshot
from streams.figures import minutes as cells
from streams.figures.refresh import Agreement, Refresher
from streams.registry.file import CompiledRegistry, RegistryWatcher
from streams.settings.settings import RefreshSettings
from streams.store.client import Store
from streams.store.clock import store_time
from tests.faults.proxy import Proxy
from tests.known import known
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
    """How many instants have recorded figures, but for the ends of days."""
    return int(store.query("SELECT uniqExact(at) AS n FROM balances WHERE at != toStartOfDay(at)")[0]["n"])


def test_facts_that_have_landed_are_in_the_figures_of_the_next_refresh(
    make: Make, store: Store, compiled: CompiledRegistry
) -> None:
    refresher = make()
    assert list(known(refresher.refresh(0)).balances["as_was"]) == []
    store.insert_facts(facts_of([event(n, "visit", recently()) for n in range(3)], compiled))
    refreshed = known(refresher.refresh(1))
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
    refreshed = known(refresher.refresh(4))
    assert refreshed.version == file.current.version
    owner = file.current.attribution.owner("web.checkout", "", "", "visit", int(recently().timestamp()))
    assert {row.department for row in refreshed.balances["as_was"]} == {owner, "company"}


NIGHT = datetime(2026, 4, 1, 23, 59, tzinfo=UTC)


def test_figures_of_whole_minutes_are_recorded_at_their_interval_once_these_have_settled(
    make: Make, store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of([event(1, "visit", NIGHT - timedelta(hours=1))], compiled))
    refresher = make(snapshot_s=100)
    # At 10 s past a minute it has settled: first 23:59, and then one 100 s later at the earliest, so 00:01.
    for after_s, count in ((10, 1), (50, 1), (70, 1), (129, 1), (130, 2), (240, 2), (250, 3)):
        refresher.refresh(after_s, NIGHT + timedelta(seconds=after_s))
        assert saved(store) == count
    found = store.query("SELECT DISTINCT at FROM balances WHERE at != toStartOfDay(at) ORDER BY at")
    assert [row["at"] - NIGHT for row in found] == [timedelta(minutes=n) for n in (0, 2, 4)]


@pytest.mark.long
def test_recorded_figures_are_those_of_their_instant_for_ever_and_live_ones_are_fresher(
    make: Make, store: Store, compiled: CompiledRegistry
) -> None:
    refresher, odd = make(), timedelta(minutes=3, seconds=31)
    sent = [
        event(n, kind, NIGHT + timedelta(seconds=7 * n), customer=f"c{n % 4}", count=2 if kind == "visit" else None)
        for n, kind in enumerate(("nps", "visit", "conversion", "csat", "repeat_purchase") * 6)
    ]
    compared, computed = 0, cache(lambda at: snapshot.compute(store, compiled, at))
    for n, one in enumerate(sent):
        now = NIGHT + timedelta(seconds=7 * n)
        store.insert_facts(facts_of([one], compiled))
        live = known(refresher.refresh(7.0 * n, now))
        assert sum(row.n for row in live.balances["as_was"] if row.department == "company") > 0
    list(days.fold(store, compiled.registry.horizons))
    # Days that ended since then have figures as well, if the test takes that long.
    soon = f"at < toDateTime('{NIGHT + timedelta(hours=12):%F %T}', 'UTC')"
    for row in store.query(f"SELECT * EXCEPT (registry_version, edition) FROM balances_latest WHERE {soon}"):
        [same] = [
            asdict(other)
            for other in computed(row["at"]).balances[row["view"]]
            if (other.department, other.metric, other.horizon) == (row["department"], row["metric"], row["horizon"])
        ]
        numbers = {name: value for name, value in same.items() if isinstance(value, float)}
        assert {name: row[name] for name in numbers} == pytest.approx(numbers, rel=1e-9)
        assert {name: row[name] for name in same.keys() - numbers} == {
            name: same[name] for name in same.keys() - numbers
        }
        compared += 1
    assert compared > 100
    at_odd = computed(NIGHT + odd).balances["as_was"]
    assert at_odd[0].n == computed(NIGHT + timedelta(minutes=3)).balances["as_was"][0].n


def test_while_an_earlier_edition_is_renewed_there_are_no_figures(
    make: Make, store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.insert_facts(facts_of([event(n, "visit", recently(n + 5)) for n in range(5)], compiled))
    make().refresh(0)
    store.command("TRUNCATE TABLE editions")
    monkeypatch.setattr(batches, "MINUTES_AT_ONCE", 2)
    monkeypatch.setattr(batches, "SPARSE_MINUTES_AT_ONCE", 2)
    monkeypatch.setattr(refresh, "REFRESH_FOR_S", 0.0)
    refresher = make()
    assert refresher.refresh(0) is None
    assert refresher.latest is None
    monkeypatch.setattr(refresh, "REFRESH_FOR_S", 60.0)
    assert refresher.refresh(1) is refresher.latest is not None


def test_the_sweep_finds_what_the_short_look_back_missed(make: Make, store: Store, compiled: CompiledRegistry) -> None:
    refresher = make()
    refresher.refresh(0)
    begun = store_time(store) - timedelta(minutes=1)
    columns = facts_of([event(1, "visit", recently())], compiled)
    store.insert("events", [*facts.COLUMNS, "ingested_at"], [*columns, [begun]])
    assert list(known(refresher.refresh(refresh.SWEEP_EVERY_S - 1)).balances["as_was"]) == []
    assert len(known(refresher.refresh(refresh.SWEEP_EVERY_S)).balances["as_was"]) > 0


def test_a_long_refresh_tells_how_far_it_is(
    make: Make,
    store: Store,
    compiled: CompiledRegistry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(batches, "MINUTES_AT_ONCE", 2)
    monkeypatch.setattr(batches, "SPARSE_MINUTES_AT_ONCE", 2)
    monkeypatch.setattr(refresh, "MINUTES_AT_ONCE", 2)
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
