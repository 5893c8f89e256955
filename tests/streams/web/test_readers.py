"""Many readers of slow questions: what they hold up, and what they do not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from streams.registry.file import CompiledRegistry
from streams.settings.settings import HttpSettings
from streams.store.client import READER, WORKER, Store
from streams.web import answers
from streams.web.answers import Site
from streams.web.readers import RETRY_AFTER_S
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of
from tests.streams.web.served import Answer, Served, served_by

ALL, AT_ONCE, WAITING = 12, 4, 6
A_MINUTE = "SELECT count() FROM numbers(600) WHERE sleepEachRow(0.1) = 0 SETTINGS max_block_size = 1"
RUNNING = "SELECT count() AS n FROM system.processes WHERE query LIKE '%sleepEachRow%' AND query NOT LIKE '%processes%'"
LIMITS = HttpSettings(port=0, readers=AT_ONCE, waiting=WAITING)


@pytest.fixture(autouse=True)
def _shorter_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "QUERY_DEADLINE_S", 5.0)


class Slow(Store):
    """A store whose questions take the engine a minute."""

    def fetch(self, *question: Any, **parts: Any) -> list[Any]:
        self.query(A_MINUTE)
        return super().fetch(*question, **parts)


@asynccontextmanager
async def held(site: Site, engine: EngineProcess) -> AsyncIterator[tuple[Served, Store, list[asyncio.Task[Answer]]]]:
    """A site with all readers held in the engine, and the store of its worker."""
    slow, own = (
        kind(engine.settings(site.store.database), origin) for kind, origin in ((Slow, READER), (Store, WORKER))
    )
    async with served_by(replace(site, store=slow), LIMITS) as served:
        readers = [asyncio.create_task(served.get("/api/v1/balances", at="2026-03-11")) for _ in range(ALL)]
        try:
            await until(lambda: running(own), AT_ONCE)
            yield served, own, readers
        finally:
            await asyncio.gather(*readers)
            await until(lambda: running(own), 0)
    slow.close()
    own.close()


async def running(store: Store) -> int:
    """How many slow statements the engine runs."""
    [row] = await asyncio.to_thread(store.query, RUNNING)
    return int(row["n"])


async def until(count: Callable[[], Awaitable[int]], wanted: int) -> None:
    """Waits until so many are counted."""
    async with asyncio.timeout(60):
        while await count() != wanted:  # noqa: ASYNC110  (the engine gives no signal)
            await asyncio.sleep(0.05)


async def test_facts_land_and_scrapes_are_answered_while_every_reader_is_held(
    site: Site, engine: EngineProcess, compiled: CompiledRegistry
) -> None:
    async with held(site, engine) as (served, own, readers):
        await asyncio.to_thread(own.insert_facts, facts_of([event(n) for n in range(100, 150)], compiled))
        for path in ("/metrics", "/health", "/ready"):
            assert (await served.get(path)).status == 200
        assert await running(own) == AT_ONCE
        assert sum(reader.done() for reader in readers) == ALL - AT_ONCE - WAITING


async def test_whom_no_slot_is_left_for_learns_when_to_ask_again(site: Site, engine: EngineProcess) -> None:
    async with held(site, engine) as (served, _, _):
        answer = await served.get("/api/v1/touchpoints")
        assert (answer.status, answer.headers["Retry-After"]) == (503, str(RETRY_AFTER_S))
        assert answer.json["error"].startswith("4 questions are being answered, and others wait: ask again in 5 s")


async def test_the_engine_stops_a_statement_at_the_deadline_and_only_then_is_its_slot_free(
    site: Site, engine: EngineProcess
) -> None:
    async with held(site, engine) as (_, own, readers):
        answers = await asyncio.gather(*readers)
        assert await running(own) <= AT_ONCE
        assert sorted(answer.status for answer in answers)[:2] == [503, 503]
        assert {answer.json["error"] for answer in answers if answer.status == 504} == {
            "the store did not answer within 5 s"
        }
    async with served_by(site, LIMITS) as served:
        assert (await served.get("/api/v1/balances", at="2026-03-11")).status == 200


async def test_a_reader_who_went_away_keeps_the_slot_until_the_statement_has_ended(
    site: Site, engine: EngineProcess
) -> None:
    async with held(site, engine) as (served, own, readers):
        for reader in readers:
            reader.cancel()
        await asyncio.wait(readers)
        readers.clear()
        assert (await served.get("/api/v1/rejected")).status == 503
        assert await running(own) == AT_ONCE
