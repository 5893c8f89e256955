"""What the tests of this package are given: a registry, events, records, and a way to wait."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from metrics.events import facts
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from metrics.registry.names import Names
from streams.figures.names import shown_of_cells
from streams.ingest.landing import ColumnLanding
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

WAIT_S = 90.0
KEY = bytes(range(32))
NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
REGISTRY = """
version = "v1"
policy = "single"
sponsor = "cmo"

[[department]]
id = "marketing"
name = "Marketing"
office = "front"

[[department]]
id = "sales"
name = "Sales"
office = "front"

[[department]]
id = "logistics"
name = "Logistics"
office = "back"

[[touchpoint]]
id = "web.checkout"
name = { en = "Checkout", it = "Cassa" }
stage = "during"
channel = "online"

[[ownership]]
touchpoint = "web.*"
owner = "marketing"
to = 2026-04-01

[[ownership]]
touchpoint = "web.*"
owner = "sales"
from = 2026-04-01

[[ownership]]
touchpoint = "delivery.*"
owner = "logistics"

[[target]]
metric = "nps"
floor = 0
internal = 40
customer = 60

[[target]]
metric = "traffic"
floor = 0
internal = 100
"""


@dataclass(frozen=True)
class Record:
    """A record as the transport hands it out."""

    offset: int
    value: bytes | None
    timestamp: int
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_type: int = 0


def names_in(store: Store) -> Names:
    """Every name that the cells of a store hold, each by itself."""
    return shown_of_cells(store, Names((), (), ("",), ("",)), 0, 2**32 - 1)


def rules_of(text: str) -> CompiledRegistry:
    registry = parse(text)
    return CompiledRegistry(registry, Attribution(registry))


def event(number: int | str, kind: str = "nps", at: datetime = NOON, **fields: Any) -> dict[str, Any]:
    """A good event; `fields` overrule or, when None, remove."""
    found: dict[str, Any] = {
        "event_id": f"e-{number}",
        "source": "shop",
        "kind": kind,
        "touchpoint": "web.checkout",
        "occurred_at": at.isoformat(),
    }
    if kind in ("nps", "csat", "ces"):
        found["score"] = 5
    return {name: value for name, value in (found | fields).items() if value is not None}


def encoded(event: dict[str, Any]) -> bytes:
    return msgspec.json.encode(event)


def facts_of(events: Sequence[dict[str, Any]], compiled: CompiledRegistry) -> facts.Columns:
    """The columns that a worker lands for good events, each published when it occurred."""
    stamps = [int(datetime.fromisoformat(item["occurred_at"]).timestamp() * 1000) for item in events]
    run = decode_run([encoded(item) for item in events], stamps, RecordLimits())
    assert run.rejected == []
    return facts.columns(run.events, run.occurred_ms, compiled.attribution, compiled.version, KEY)


def landing_of(columns: facts.Columns, stamps_ms: Sequence[int] | None = None) -> ColumnLanding:
    """Facts that are to land, each published when it occurred unless said otherwise."""
    return ColumnLanding(columns, stamps_ms or columns[facts.COLUMNS.index("occurred_at")], {})


def records(events: Iterable[dict[str, Any] | bytes | None], first: int = 0, at: datetime = NOON) -> list[Record]:
    """Records of consecutive offsets, published a second after `at`."""
    stamp = int((at + timedelta(seconds=1)).timestamp() * 1000)
    return [
        Record(first + position, encoded(item) if isinstance(item, dict) else item, stamp, f"key-{position}".encode())
        for position, item in enumerate(events)
    ]


async def until(met: Callable[[], Awaitable[Any] | Any], what: str = "", deadline_s: float = WAIT_S) -> None:
    """Waits until a condition, a coroutine or not, is met."""
    async with asyncio.timeout(deadline_s):
        while True:
            found = met()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.02)


async def everything_in(bootstrap: str, topic: str) -> list[Any]:
    """Every record that a topic holds now, partition by partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        numbers = sorted(await consumer._client._wait_on_metadata(topic) or consumer.partitions_for_topic(topic))
        partitions = [TopicPartition(topic, number) for number in numbers]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[Any] = []
        while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                found += batch
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()
