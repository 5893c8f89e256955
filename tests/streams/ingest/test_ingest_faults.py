import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from faust.types import TP

from metrics.events.pseudonyms import pseudonym
from metrics.registry.attribution import Attribution
from streams.errors import ConfigurationError
from streams.ingest.erased import LOOK_EVERY_S
from streams.kafka.transport import NOTHING_BEFORE
from streams.store.client import Store
from tests.faults.proxy import Proxy, http_error, is_insert
from tests.native import needs_native
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, REGISTRY, event, records, until
from tests.streams.ingesting import TOPIC, Make, World, behind_proxy

pytestmark = pytest.mark.kafka


async def test_a_store_that_refuses_connections_is_waited_for_and_nothing_is_lost(
    make_world: Make, store: Store, engine: EngineProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make_world(proxied)
        proxy.behaviour.refuse = True
        proxy.cut()
        await world.ingest.take(world.chunk(records([event(1), b"bad", event(2)])))
        landing = asyncio.create_task(world.ingest.land())
        await until(lambda: "trying again in 0.4 s" in caplog.text)
        assert world.ingest.status.stalled_since is not None
        assert b"cx_ingest_stalled 1.0" in world.telemetry.exposition()
        assert (world.commits, await world.landed()) == ([], set())
        proxy.heal()
        await asyncio.wait_for(landing, 30)
    assert world.ingest.status.stalled_since is None
    assert b"cx_ingest_stalled 0.0" in world.telemetry.exposition()
    assert (world.commits, await world.landed()) == ([{TP(TOPIC, 0): 3}], {"e-1", "e-2"})
    assert len(await world.ask("SELECT * FROM rejected FINAL")) == 1


@pytest.mark.parametrize(
    "answer",
    [http_error(503, None, "no upstream"), http_error(500, 252, "Too many parts"), http_error(500, 241, "Memory")],
)
async def test_a_store_that_answers_with_errors_is_waited_for(
    make_world: Make, store: Store, engine: EngineProcess, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make_world(proxied)
        await world.ingest.take(world.chunk(records([event(1)])))
        proxy.behaviour.answer = lambda data: answer if is_insert(data) else None
        landing = asyncio.create_task(world.ingest.land())
        await until(lambda: "facts: trying again" in caplog.text)
        proxy.heal()
        await asyncio.wait_for(landing, 30)
    assert (world.commits, await world.landed()) == ([{TP(TOPIC, 0): 1}], {"e-1"})


async def test_who_is_erased_while_the_store_refuses_inserts_does_not_land_when_it_takes_them_again(
    make_world: Make, store: Store, engine: EngineProcess, caplog: pytest.LogCaptureFixture
) -> None:
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make_world(proxied)
        await world.ingest.take(world.chunk(records([event(1, customer="ann"), event(2, customer="bob")])))
        refused = http_error(500, 252, "Too many parts")
        proxy.behaviour.answer = lambda data: refused if is_insert(data) else None
        landing = asyncio.create_task(world.ingest.land())
        await until(lambda: "facts: trying again" in caplog.text)
        await asyncio.to_thread(store.insert, "erased", ("customer",), ([pseudonym("ann", KEY)],))
        world.erased.add("e-1")
        await asyncio.sleep(LOOK_EVERY_S)
        proxy.heal()
        await asyncio.wait_for(landing, 30)
    assert await world.landed() == {"e-2"}


async def test_an_insert_whose_answer_was_lost_is_sent_again_and_counts_once(
    make_world: Make, store: Store, engine: EngineProcess
) -> None:
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make_world(proxied)
        await world.ingest.take(world.chunk(records([event(n) for n in range(10)])))
        cuts = [3]  # more often than the driver itself tries again

        def cut(data: bytes) -> bool:
            cuts[0] -= is_insert(data)
            return is_insert(data) and cuts[0] >= 0

        proxy.behaviour.cut_reply = cut
        await asyncio.wait_for(world.ingest.land(), 30)
        assert proxy.behaviour.cuts >= 2
    assert len(await world.ask("SELECT 1 AS one FROM events")) >= 10
    assert len(await world.landed()) == 10
    assert world.commits == [{TP(TOPIC, 0): 10}]


async def test_an_error_that_time_does_not_fix_comes_out_and_nothing_is_committed_after_it(make_world: Make) -> None:
    world = make_world()
    await asyncio.to_thread(world.store.command, "ALTER TABLE events DROP COLUMN journey")
    await world.ingest.take(world.chunk(records([event(1)])))
    with pytest.raises(DatabaseError):
        await world.ingest.land()
    await world.ingest.take(world.chunk(records([event(2)], 1)))
    with pytest.raises(RuntimeError, match="an earlier batch did not land"):
        await world.ingest.land()
    assert world.commits == []


async def test_missing_tables_come_out_with_what_to_do(make_world: Make) -> None:
    world = make_world()
    await asyncio.to_thread(world.store.command, "DROP TABLE erased")
    await world.ingest.take(world.chunk(records([event(1)])))
    with pytest.raises(ConfigurationError, match="run cxb migrate"):
        await world.ingest.land()
    assert world.commits == []


async def landing_without_a_store(
    world: World, proxy: Proxy, taken: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> asyncio.Task[None]:
    """Takes an event while the store is away; its landing, which is being tried again."""
    proxy.behaviour.refuse = True
    proxy.cut()
    await world.ingest.take(world.chunk(records([taken])))
    landing = asyncio.create_task(world.ingest.land())
    await until(lambda: "trying again" in caplog.text)
    return landing


async def test_a_landing_that_was_cancelled_is_not_committed_past(
    make_world: Make, store: Store, engine: EngineProcess, caplog: pytest.LogCaptureFixture
) -> None:
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make_world(proxied)
        landing = await landing_without_a_store(world, proxy, event(1), caplog)
        landing.cancel()
        await asyncio.wait([landing])
        proxy.heal()
        await world.ingest.take(world.chunk(records([event(2)], 1)))
        with pytest.raises(RuntimeError, match="an earlier batch did not land"):
            await world.ingest.land()
    assert world.commits == []


async def test_what_lands_after_its_generation_has_ended_is_not_committed(
    make_world: Make, store: Store, engine: EngineProcess, caplog: pytest.LogCaptureFixture
) -> None:
    async with behind_proxy(store, engine) as (proxied, proxy):
        world = make_world(proxied)
        landing = await landing_without_a_store(world, proxy, event("old"), caplog)
        await world.ingest.take(world.chunk(records([event("new")]), 1, NOTHING_BEFORE, generation=2))
        proxy.heal()
        await landing
        assert await world.landed() == {"e-old"}
        assert world.commits == []
        await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 1): 1}]


async def test_a_changed_registry_attributes_what_comes_after_it(make_world: Make, registry_path: Path) -> None:
    world = make_world()
    await world.ingest.take(world.chunk(records([event(1)])))
    await asyncio.to_thread(
        registry_path.write_text, REGISTRY.replace('"v1"', '"v2"').replace('"sales"\nfrom', '"logistics"\nfrom')
    )
    assert world.registry_watcher.check()
    await world.ingest.take(world.chunk(records([event(2)], 1)))
    await world.ingest.land()
    rows = await world.ask("SELECT event_id, department, registry_version FROM events FINAL ORDER BY event_id")
    assert [tuple(row.values()) for row in rows] == [("e-1", "sales", "v1"), ("e-2", "logistics", "v2")]


async def test_unknown_fields_are_counted_and_ignored(make_world: Make) -> None:
    world = make_world()
    await world.ingest.take(world.chunk(records([event(1, scoer=9, x={"y": 1})])))
    await world.ingest.land()
    assert b"cx_unknown_fields_total 2.0" in world.telemetry.exposition()
    assert await world.landed() == {"e-1"}


async def test_a_commit_that_the_broker_refused_is_made_up_for_by_the_next(make_world: Make) -> None:
    world = make_world()
    world.takes_commits = False
    for n in range(2):
        await world.ingest.take(world.chunk(records([event(n)], n)))
        await world.ingest.land()
    assert world.commits == [{TP(TOPIC, 0): 1}, {TP(TOPIC, 0): 2}]


@needs_native
async def test_a_batch_whose_landing_panics_in_native_code_ends_the_worker_and_is_read_again(
    make_world: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXB_INGEST_NATIVE", "true")
    taken = records([event(1), b"bad", event(2)])
    with monkeypatch.context() as broken:
        broken.setattr(Attribution, "spans", lambda *_: ((0,), ("sales",)))  # an owner less than there must be
        world = make_world()
        await world.ingest.take(world.chunk(taken))
        for expected in ("CXB_INGEST_NATIVE=false", "did not land"):
            with pytest.raises(RuntimeError, match=expected):
                await world.ingest.land()
        assert (world.commits, await world.landed()) == ([], set())
    next_worker = make_world(native=False)
    await next_worker.ingest.take(next_worker.chunk(taken))
    await next_worker.ingest.land()
    assert (next_worker.commits, await next_worker.landed()) == ([{TP(TOPIC, 0): 3}], {"e-1", "e-2"})
