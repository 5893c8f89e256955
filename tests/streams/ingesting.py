"""An ingest on the real store with a real dead-letter topic, and a witness of what it commits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from faust.types import TP

from streams.ingest.foreign import ForeignRecords
from streams.ingest.ingest import Commit, Ingest
from streams.ingest.telemetry import Telemetry
from streams.kafka.client import connected_producer
from streams.kafka.dead_letters import DeadLetters
from streams.kafka.transport import NOTHING_BEFORE, UNKNOWN, Chunk
from streams.registry.file import RegistryWatcher
from streams.settings.schema_registry import SchemaRegistrySettings
from streams.settings.settings import IngestSettings as Limits
from streams.settings.settings import KafkaSettings
from streams.sources.file import SourcesWatcher
from streams.sources.schema_registry import SchemaRegistry
from streams.store.client import Store
from tests.conftest import TopicFactory
from tests.faults.proxy import Proxy
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, Record, everything_in

TOPIC = "cx.touchpoints"
Topic = tuple[str, str]
"""A broker's address and the name of a topic."""


class World:
    """An ingest on the real store with a real dead-letter topic, and a witness of its commits.

    `erased` are events that need not land: those of erased persons.
    """

    def __init__(
        self,
        make: Callable[[Commit], Ingest],
        store: Store,
        telemetry: Telemetry,
        registry_watcher: RegistryWatcher,
        letters: Topic,
    ) -> None:
        self.ingest, self.store, self.telemetry = make(self._witness), store, telemetry
        self.registry_watcher, self.letters = registry_watcher, letters
        self.commits: list[dict[TP, int]] = []
        self.takes_commits = True
        self.erased: set[str] = set()
        self._records: dict[TP, list[Record]] = {}

    def chunk(
        self, taken: Sequence[Record], partition: int = 0, previous: int | None = None, generation: int = 1,
        topic: str = TOPIC,
    ) -> Chunk:  # fmt: skip
        tp = TP(topic, partition)
        self._records.setdefault(tp, []).extend(taken)
        before = taken[0].offset - 1 if previous is None else previous
        return Chunk(tp, taken, max(before, NOTHING_BEFORE), UNKNOWN, generation)

    async def _witness(self, offsets: Mapping[TP, int], generation: int | None) -> bool:
        # The invariant, looked at where it matters: at the moment of each commit.
        ids = {row["event_id"] for row in await self.ask("SELECT event_id FROM events FINAL")} | self.erased
        rejected = {(row["partition"], row["offset"]) for row in await self.ask("SELECT * FROM rejected FINAL")}
        letters = {
            (int(headers["cx-partition"]), int(headers["cx-offset"]))
            for headers in [dict(letter.headers) for letter in await everything_in(*self.letters)]
        }
        for tp, upto in offsets.items():
            for record in self._records[tp]:
                position = (tp.partition, record.offset)
                landed = any(name.encode() in (record.value or b"") for name in ids)
                assert record.offset >= upto or landed or (position in rejected and position in letters)
        self.commits.append(dict(offsets))
        return self.takes_commits

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

    def made(
        through: Store | None = None, keys: Sequence[bytes] = (KEY,), sources: Path | None = None,
        schema_registry: SchemaRegistrySettings | None = None, **limits: float,
    ) -> World:  # fmt: skip
        dlq, telemetry = kafka_topic(partitions=1), Telemetry()
        settings = Limits(**({"linger_s": 0.05} | limits))  # type: ignore[arg-type]
        letters, watcher = DeadLetters(producer, dlq), RegistryWatcher(registry_path)
        schemas = SchemaRegistry(schema_registry or SchemaRegistrySettings())
        mapping = ForeignRecords(SourcesWatcher(sources), TOPIC, schemas) if sources is not None else None

        def ingest(commit: Commit) -> Ingest:
            return Ingest(through or store, letters, watcher, keys, settings, telemetry, commit, mapping)

        return World(ingest, store, telemetry, watcher, (kafka.bootstrap, dlq))

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
