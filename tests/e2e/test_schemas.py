"""An Avro topic in a real Kafka gives the balances of the same events in our own JSON, also with a real registry."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from metrics.catalogue import KINDS
from metrics.sources.wire import KnownSchema, SchemaKey
from streams.settings.schema_registry import SchemaRegistrySettings
from streams.sources.schema_registry import SchemaRegistry
from tests.e2e.running import PROJECT, cxb, end, rows, write
from tests.faults.proxy import Proxy
from tests.faults.store_process import StoreProcess
from tests.faults.world import World, until
from tests.kafka.apicurio import apicurio
from tests.kafka.broker import KafkaBroker
from tests.streams.schemas import avro_payload, framed, schema_server

pytestmark = pytest.mark.kafka
COUNT = 1500
AT = "2026-11-02T00:00:00Z"
SOURCES = """
[[source]]
name = "cdp"
topic = "TOPIC"
format = "avro"

[source.fields]
event_id = { path = "id" }
source = { path = "origin" }
occurred_at = { path = "at" }
touchpoint = { path = "place.touchpoint" }
region = { path = "place.region" }
segment = { path = "place.segment" }
customer = { path = "customer" }
journey = { path = "journey" }

[[source.event]]
when = "kind == 'NPS'"
kind = "nps"
score = { path = "score" }

[[source.event]]
when = "kind == 'CSAT'"
kind = "csat"
score = { path = "score", scale = { from = [1, 5] } }

[[source.event]]
when = "kind == 'CES'"
kind = "ces"
score = { path = "score", scale = { from = [1, 7] } }

[[source.event]]
when = "kind == 'OTHER'"
kind = { path = "name" }
amount = { path = "money.amount" }
currency = { path = "money.currency" }
count = { path = "count" }
"""
TEXT = ["null", "string"]
MONEY = {"type": "record", "name": "cdp.Money", "fields": [
    {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 4}},
    {"name": "currency", "type": "string"},
]}  # fmt: skip
SCHEMA = {"type": "record", "name": "cdp.Touch", "fields": [
    {"name": "id", "type": "string"},
    {"name": "origin", "type": "string"},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    {"name": "kind", "type": {"type": "enum", "name": "cdp.Kind", "symbols": ["NPS", "CSAT", "CES", "OTHER"]}},
    {"name": "name", "type": "string"},
    {"name": "place", "type": {"type": "record", "name": "cdp.Place", "fields": [
        {"name": name, "type": TEXT, "default": None} for name in ("touchpoint", "region", "segment")
    ]}},
    {"name": "customer", "type": TEXT},
    {"name": "journey", "type": TEXT},
    {"name": "score", "type": ["null", "int"]},
    {"name": "money", "type": ["null", "cdp.Money"]},
    {"name": "count", "type": ["null", "long"]},
]}  # fmt: skip
KNOWN = {
    "event_id", "source", "kind", "touchpoint", "occurred_at", "customer", "journey", "score", "amount", "currency",
    "count", "segment", "region",
}  # fmt: skip


def touch(event: dict[str, Any]) -> dict[str, Any]:
    """An event as another system would have it."""
    kind = event["kind"].upper()
    amount = event.get("amount")
    return {
        "id": event["event_id"], "origin": event["source"], "at": datetime.fromisoformat(event["occurred_at"]),
        "kind": kind if kind in ("NPS", "CSAT", "CES") else "OTHER", "name": event["kind"],
        "place": {name: event.get(name) for name in ("touchpoint", "region", "segment")},
        "customer": event.get("customer"), "journey": event.get("journey"), "score": event.get("score"),
        "money": None if amount is None else {
            "amount": Decimal(str(amount)).quantize(Decimal("0.0001")), "currency": event["currency"],
        },
        "count": event.get("count"),
    }  # fmt: skip


@pytest.fixture
def make_world(kafka: KafkaBroker, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes worlds with a store and a group of their own."""
    with ExitStack() as stack:

        def made(**settings: str) -> World:
            name = f"schemas-{uuid4().hex[:8]}"
            directory = tmp_path / name
            directory.mkdir()
            store = StoreProcess(directory)
            store.start()
            world = World(directory, kafka.bootstrap, store, name, name, "cx_e2e", Proxy(store.port))
            stack.callback(end, world)
            registry = str(PROJECT / "deploy" / "registry.toml")
            world.settings = {"CXB_REGISTRY": registry, "CXB_INGEST_MAX_AGE_DAYS": "600", **settings}
            return world

        yield made


def variables_of(world: World) -> dict[str, str]:
    return {name: value for name, value in world.environment({}).items() if name.startswith("CXB_")}


def landed(world: World) -> int:
    try:
        return int(world.address.query("SELECT count() AS n FROM events_latest")[0]["n"])
    except OSError:
        return 0


async def send(kafka: KafkaBroker, topic: str, schema: int, touches: list[dict[str, Any]]) -> None:
    """Publishes touches as a serializer writes them, each with its own time."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    for position, record in enumerate(touches):
        value = framed(schema, avro_payload([MONEY, SCHEMA], record)[1:])  # of a union, the first byte says which
        stamp_ms = int(record["at"].timestamp() * 1000)
        await producer.send(topic, value, partition=position % 2, timestamp_ms=stamp_ms)
    await producer.stop()


def register(url: str, stack: ExitStack, log: Path) -> tuple[str, int]:
    """A registry with the schema, which refers to another: its address, and the schema's id."""
    references = [{"name": "cdp.Money", "subject": "s1", "version": 1}]
    if url == "apicurio":
        registry = stack.enter_context(apicurio(log))
        registry.register("s1", MONEY)
        return registry.url, registry.register("cdp-value", SCHEMA, references=references)
    server = stack.enter_context(schema_server())
    server.add(1, MONEY)
    server.add(7, SCHEMA, references=references)
    return server.settings.url, 7


@pytest.mark.long
@pytest.mark.parametrize("registry", ["documented", "apicurio"])
async def test_an_avro_topic_gives_the_balances_of_the_same_events_in_our_own_json(
    make_world: Callable[..., World], kafka: KafkaBroker, tmp_path: Path, registry: str
) -> None:
    said = cxb("simulate", "--events", str(COUNT * 2), "--seed", "5", "--to", "2026-11-01", variables={}).stdout
    events = [event for event in map(json.loads, said.splitlines()) if event["kind"] in KINDS and event.keys() <= KNOWN]
    events = events[:COUNT]
    count = len({(event["source"], event["event_id"]) for event in events})
    foreign = f"cdp-{uuid4().hex[:8]}"
    kafka.create_topic(foreign, 2)
    (tmp_path / "sources.toml").write_text(SOURCES.replace("TOPIC", foreign))
    with ExitStack() as stack:
        url, number = await asyncio.to_thread(register, registry, stack, tmp_path / "registry.log")
        native = make_world()
        mapped = make_world(CXB_SOURCES=str(tmp_path / "sources.toml"), CXB_SCHEMA_REGISTRY_URL=url)
        for world in (native, mapped):
            cxb("migrate", variables=variables_of(world))
            world.start_worker()
        lines = [json.dumps(event).encode() for event in events]
        cxb("publish", "--backfill", str(write(lines, tmp_path / "events")), variables=variables_of(native))
        await send(kafka, foreign, number, [touch(event) for event in events])
        for world in (native, mapped):
            await until(lambda world=world: landed(world) == count, "all has landed", 40)  # type: ignore[misc]
            await until(lambda world=world: bool(world.address.query("SELECT 1 FROM cells LIMIT 1")), "cells", 60)  # type: ignore[misc]
        await asyncio.sleep(3)  # a refresh after the last insert
        figures = [rows("balances", "--at", AT, variables=variables_of(world)) for world in (native, mapped)]
    assert len(figures[0]) > 20
    assert mapped.address.query("SELECT count() AS n FROM rejected")[0]["n"] == 0
    for ours, theirs in zip(*figures, strict=True):
        assert ours.keys() == theirs.keys()
        for name, value in ours.items():
            assert theirs[name] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value)


@pytest.mark.long
def test_a_real_registry_answers_as_the_documents_say(tmp_path: Path) -> None:
    with apicurio(tmp_path / "registry.log") as real:
        real.register("money", 'syntax = "proto3"; package m; message Money { string amount = 1; }', "PROTOBUF")
        text = 'syntax = "proto3"; import "m.proto"; message Other { int32 n = 1; } message Sale { m.Money total = 1; }'
        references = [{"name": "m.proto", "subject": "money", "version": 1}]
        number = real.register("sale", text, "PROTOBUF", references)
        registry = SchemaRegistry(SchemaRegistrySettings(url=real.url))
        sale, unknown = SchemaKey("ids", str(number)), SchemaKey("ids", "4711")
        registry.fetch([sale, unknown])
        known = registry.lookup(sale)
        assert isinstance(known, KnownSchema)
        assert known.decode(b"\x0a\x06\x0a\x0427.5", (1,)) == {"total": {"amount": "27.5"}}
        assert "is not in the schema registry" in str(registry.lookup(unknown))
        assert sorted(registry.check()) == ["AVRO", "JSON", "PROTOBUF"]
