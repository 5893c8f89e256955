"""Members of a real consumer group: consumer and ingest on the real store, as a worker wires them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition
from faust.types import TP

from streams.ingest.consumer import GroupConsumer
from streams.ingest.foreign import ForeignRecords, topics_to_read
from streams.ingest.ingest import Commit, Ingest
from streams.ingest.telemetry import Telemetry
from streams.kafka.client import committed, connected_admin, connected_producer
from streams.kafka.dead_letters import DeadLetters
from streams.kafka.faust_app import create_faust_app
from streams.kafka.transport import consumer_of
from streams.registry.file import RegistryWatcher
from streams.settings.drift import DriftSettings
from streams.settings.gateway import GatewaySettings
from streams.settings.schema_registry import SchemaRegistrySettings
from streams.settings.settings import ClickHouseSettings, HttpSettings, KafkaSettings, RefreshSettings, Settings
from streams.settings.settings import IngestSettings as Limits
from streams.sources.file import SourcesWatcher
from streams.sources.schema_registry import SchemaRegistry
from streams.store.client import Store
from tests.streams.given import KEY

Join = Callable[..., AbstractAsyncContextManager["Member"]]


@dataclass
class Member:
    """One member, and what it reported."""

    settings: Settings
    store: Store
    ingest: Ingest
    consumer: GroupConsumer
    telemetry: Telemetry
    lost: list[tuple[TP, int]] = field(default_factory=list)

    async def landed(self) -> set[str]:
        """The ids of what is in the store."""
        return {
            row["event_id"] for row in await asyncio.to_thread(self.store.query, "SELECT event_id FROM events FINAL")
        }

    async def committed(self) -> dict[int, int]:
        """What the group has committed, by partition."""
        return await committed_by(self.settings.kafka)


async def committed_by(kafka: KafkaSettings) -> dict[int, int]:
    """What a group has committed, by partition."""
    admin = await connected_admin(kafka)
    try:
        described = await admin.describe_topics([kafka.topic])
        partitions = [TopicPartition(kafka.topic, part["partition"]) for part in described[0]["partitions"]]
        return {tp.partition: offset for tp, offset in (await committed(admin, kafka, partitions)).items()}
    finally:
        await admin.close()


def settings_of(kafka: KafkaSettings, clickhouse: ClickHouseSettings, **limits: Any) -> Settings:
    """A worker's settings for tests: little patience, and no usual port."""
    return Settings(
        kafka=kafka, clickhouse=clickhouse, http=HttpSettings(port=0), ingest=Limits(**({"linger_s": 0.05} | limits)),
        refresh=RefreshSettings(interval_s=0.1), drift=DriftSettings(), gateway=GatewaySettings(),
        schema_registry=SchemaRegistrySettings(),
    )  # fmt: skip


def kafka_of(bootstrap: str, topic: str, **other: Any) -> KafkaSettings:
    """A group of the topic's own, and a dead-letter topic that needs not exist."""
    settings: dict[str, Any] = {
        "topic": topic,
        "dlq_topic": f"{topic}.dlq",
        "group": f"{topic}.group",
        "session_timeout_s": 6,
    }
    return KafkaSettings(bootstrap_servers=bootstrap, **(settings | other))


@asynccontextmanager
async def member(
    settings: Settings, store: Store, registry: Path, through: Store | None = None, commit: Commit | None = None,
    sources: SourcesWatcher | None = None,
) -> AsyncIterator[Member]:  # fmt: skip
    """A member that has joined and takes chunks.

    `through` is what it sees as its store, `commit` what it commits with instead of its consumer.
    """
    producer = await connected_producer(settings.kafka)
    telemetry, schemas = Telemetry(), SchemaRegistry(settings.schema_registry)
    letters = DeadLetters(producer, settings.kafka.dlq_topic)
    app = create_faust_app(settings)
    ingest = Ingest(
        through or store,
        letters,
        RegistryWatcher(registry),
        (KEY,),
        settings.ingest,
        telemetry,
        commit or consumer_of(app).commit_landed,
        ForeignRecords(sources, settings.kafka.topic, schemas) if sources is not None else None,
    )
    lost: list[tuple[TP, int]] = []
    others = topics_to_read(sources.current.topics(), (), settings.kafka) if sources is not None else ()
    consumer = GroupConsumer(settings, app, ingest, lambda tp, count: lost.append((tp, count)), others)
    running: asyncio.Task[None] | None = None
    try:
        await consumer.join()
        consumer.begin()
        running = asyncio.create_task(ingest.run())
        yield Member(settings, store, ingest, consumer, telemetry, lost)
    finally:
        if running is not None:
            running.cancel()
            await asyncio.wait([running])
            running.exception() if not running.cancelled() else None
        await consumer.stop()
        await producer.stop()


async def send(
    bootstrap: str, topic: str, values: Sequence[bytes | None], partition: int | None = None,
    headers: Sequence[tuple[str, bytes]] = (),
) -> None:  # fmt: skip
    """Publishes values, acknowledged, each with the same headers."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
    await producer.start()
    try:
        sent = [await producer.send(topic, value, partition=partition, headers=list(headers)) for value in values]
        await producer.flush()
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
