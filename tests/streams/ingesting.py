"""An ingest on the real store with a real dead-letter topic, and a witness of what it commits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from faust.types import TP

from streams.ingest.ingest import Ingest
from streams.ingest.telemetry import Telemetry
from streams.kafka.client import connected_producer
from streams.kafka.dead_letters import DeadLetters
from streams.kafka.transport import NOTHING_BEFORE, UNKNOWN, Chunk
from streams.registry.file import RegistryWatcher
from streams.settings.settings import IngestSettings as Limits
from streams.settings.settings import KafkaSettings
from streams.store.client import Store
from tests.conftest import TopicFactory
from tests.faults.proxy import Proxy
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, Record, everything_in

TOPIC = "cx.touchpoints"


class World:
    """An ingest on the real store with a real dead-letter topic, and a witness of its commits."""

    def __init__(self, ingest: Ingest, store: Store, telemetry: Telemetry, dlq: str, bootstrap: str) -> None:
        self.ingest, self.store, self.telemetry, self.dlq, self.bootstrap = ingest, store, telemetry, dlq, bootstrap
        self.commits: list[dict[TP, int]] = []
        self._records: dict[TP, list[Record]] = {}
        ingest.commit = self._witness

    def chunk(
        self, taken: Sequence[Record], partition: int = 0, previous: int | None = None, generation: int = 1
    ) -> Chunk:
        tp = TP(TOPIC, partition)
        self._records.setdefault(tp, []).extend(taken)
        before = taken[0].offset - 1 if previous is None else previous
        return Chunk(tp, taken, max(before, NOTHING_BEFORE), UNKNOWN, generation)

    async def _witness(self, offsets: Mapping[TP, int], generation: int | None) -> bool:
        # The invariant, looked at where it matters: at the moment of each commit.
        ids = {row["event_id"] for row in await self.ask("SELECT event_id FROM events FINAL")}
        refused = {(row["partition"], row["offset"]) for row in await self.ask("SELECT * FROM rejected FINAL")}
        letters = {
            (int(found["cx-partition"]), int(found["cx-offset"]))
            for found in [dict(letter.headers) for letter in await everything_in(self.bootstrap, self.dlq)]
        }
        for tp, upto in offsets.items():
            for record in self._records[tp]:
                position = (tp.partition, record.offset)
                landed = any(name.encode() in (record.value or b"") for name in ids)
                assert record.offset >= upto or landed or (position in refused and position in letters)
        self.commits.append(dict(offsets))
        return True

    async def ask(self, sql: str) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self.store.query, sql)

    async def landed(self) -> set[str]:
        return {row["event_id"] for row in await self.ask("SELECT event_id FROM events FINAL")}


Make = Callable[..., Any]


@asynccontextmanager
async def worlds(
    kafka: KafkaBroker, kafka_topic: TopicFactory, store: Store, registry_path: Path
) -> AsyncIterator[Make]:
    """Makes worlds; `through` is what the ingest sees as its store."""
    producer = await connected_producer(KafkaSettings(bootstrap_servers=kafka.bootstrap))

    def made(through: Store | None = None, **limits: float) -> World:
        dlq, telemetry = kafka_topic(partitions=1), Telemetry()
        told = Limits(**({"linger_s": 0.05} | limits))  # type: ignore[arg-type]
        ingest = Ingest(
            through or store, DeadLetters(producer, dlq), RegistryWatcher(registry_path), KEY, told, telemetry
        )
        return World(ingest, store, telemetry, dlq, kafka.bootstrap)

    yield made
    await producer.stop()


@asynccontextmanager
async def behind_proxy(store: Store, engine: EngineProcess) -> AsyncIterator[tuple[Store, Proxy]]:
    proxy = Proxy(engine.port)
    proxied = Store(EngineProcess(proxy.port, engine.password).settings(store.database, timeout_s=2))
    await asyncio.to_thread(proxied.query, "SELECT 1")
    try:
        yield proxied, proxy
    finally:
        proxied.close()
        await asyncio.to_thread(proxy.close)
