"""A gateway on the session's broker, in this process, and what a test needs to speak to it."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.gateway.service import Gateway
from streams.gateway.token_file import add_token
from streams.settings.drift import DriftSettings
from streams.settings.gateway import GatewaySettings
from streams.settings.schema_registry import SchemaRegistrySettings
from streams.settings.settings import (
    ClickHouseSettings,
    HttpSettings,
    IngestSettings,
    KafkaSettings,
    RefreshSettings,
    Settings,
)
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker


def event(number: int = 0, **fields: Any) -> dict[str, Any]:
    """A sound event of the shop, which occurred just now."""
    return {
        "event_id": f"e{number}",
        "source": "web-shop",
        "kind": "csat",
        "touchpoint": "web.checkout",
        "occurred_at": datetime.now(UTC).isoformat(),
        "customer": f"c{number}",
        "score": 4,
    } | fields


def settings_of_gateway(bootstrap: str, topic: str, sources: Path | None = None, **own: Any) -> Settings:
    """Settings of a gateway on a broker, on any free port."""
    kafka = KafkaSettings(bootstrap_servers=bootstrap, topic=topic, dlq_topic=f"{topic}.dlq")
    return Settings(
        kafka=kafka, clickhouse=ClickHouseSettings(), http=HttpSettings(), ingest=IngestSettings(),
        refresh=RefreshSettings(), drift=DriftSettings(), gateway=GatewaySettings(**({"port": 0} | own)),
        schema_registry=SchemaRegistrySettings(),
        sources=sources,
    )  # fmt: skip


@dataclass
class Served:
    """A running gateway: where it answers, the topic behind it, and how to stop it."""

    url: str
    bootstrap: str
    topic: str
    client: aiohttp.ClientSession
    gateway: Gateway
    stop: asyncio.Event

    async def post(self, body: Any, *, token: str = "", path: str = "/v1/events", **headers: str) -> "Answer":
        """Sends a body as it is, or anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})} | named
        async with self.client.post(self.url + path, data=io.BytesIO(data), headers=named) as response:
            return Answer(response.status, json.loads(await response.read()), dict(response.headers))

    async def get(self, path: str, **headers: str) -> "Answer":
        """Asks for a path."""
        async with self.client.get(self.url + path, headers=headers) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            return Answer(response.status, json.loads(text) if is_json else text, dict(response.headers))

    async def landed(self) -> list[Any]:
        """All records of the topic."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            known = await consumer._client.fetch_all_metadata()
            partitions = [TopicPartition(self.topic, number) for number in known.partitions_for_topic(self.topic)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            records: list[Any] = []
            while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
                batches = await consumer.getmany(timeout_ms=200)
                records += [record for batch in batches.values() for record in batch]
            return records
        finally:
            await consumer.stop()

    async def ready(self) -> None:
        """Returns once events are taken."""
        async with asyncio.timeout(30):
            while (await self.get("/readyz")).status != 200:  # noqa: ASYNC110  # over HTTP
                await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Answer:
    """An answer: its status, its JSON or text, and its headers."""

    status: int
    body: Any
    headers: dict[str, str]


class Serve(Protocol):
    """Runs a gateway while a context lasts."""

    def __call__(
        self, bootstrap: str = "", *, embedded: bool = False, ready: bool = True, **own: Any
    ) -> AbstractAsyncContextManager[Served]:
        """On the session's broker unless told another; `own` are settings of the gateway."""


@pytest.fixture
def serve_gateway(kafka: KafkaBroker, kafka_topic: TopicFactory) -> Serve:
    """Runs gateways on topics of their own."""

    @asynccontextmanager
    async def served(
        bootstrap: str = "", *, embedded: bool = False, ready: bool = True, **own: Any
    ) -> AsyncIterator[Served]:
        topic = kafka_topic(4)
        settings = settings_of_gateway(bootstrap or kafka.bootstrap, topic, **own)
        async with running(settings, embedded=embedded, ready=ready) as gateway:
            yield gateway

    return served


@asynccontextmanager
async def running(settings: Settings, *, embedded: bool = False, ready: bool = True) -> AsyncIterator[Served]:
    """Runs a gateway, and ends it in order."""
    gateway, stop = Gateway(settings, embedded=embedded), asyncio.Event()
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    work = asyncio.create_task(gateway.run(stop, port.set_result))
    await asyncio.wait((work, port), return_when=asyncio.FIRST_COMPLETED)
    if not port.done():
        await work
    scheme = "https" if settings.gateway.ssl_certfile else "http"
    kafka = settings.kafka
    async with aiohttp.ClientSession() as client:
        url = f"{scheme}://127.0.0.1:{port.result()}"
        served = Served(url, kafka.bootstrap_servers, kafka.topic, client, gateway, stop)
        try:
            if ready:
                await served.ready()
            yield served
        finally:
            stop.set()
            await work


@pytest.fixture
def publishers(tmp_path: Path) -> Callable[..., str]:
    """Makes tokens in a file `publishers.toml` of the test's folder."""

    def token(name: str = "shop", source: str = "web-shop", *touchpoints: str) -> str:
        return add_token(tmp_path / "publishers.toml", name, source, touchpoints or ("web.*",))

    return token
