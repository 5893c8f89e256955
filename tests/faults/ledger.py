"""What was published and acknowledged: the truth that everything else is held against. Knows nothing of the project."""

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

IN_FLIGHT = 1000
SHORTEST_PAUSE_S = 0.005
KINDS = ("nps", "csat", "ces", "visit", "conversion", "contact", "referral")
TOUCHPOINTS = ("web.checkout", "delivery.parcel", "service.claims", "web.cart", "elsewhere.unknown")


def _without(event: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != name}


BAD: tuple[tuple[str, Callable[[dict[str, Any]], object]], ...] = (
    ("score_out_of_range", lambda event: {**_without(event, "count"), "kind": "nps", "score": 11}),
    ("missing_field", lambda event: _without(event, "source")),
    ("unknown_kind", lambda event: {**event, "kind": "applause"}),
    ("bad_type", lambda event: {**event, "customer": 7}),
    ("not_json", lambda event: None),
)


@dataclass(frozen=True)
class Entry:
    """One record to publish: an event (or its bytes, if bad) and what must become of it.

    Attributes:
        event_id: Its id; copies share it.
        value: The bytes; None for a tombstone.
        reason: Why it must be rejected; "" for a good one.
        timestamp_ms: The record's timestamp.
        event: The event, for figures; None where the bytes are none.
    """

    event_id: str
    value: bytes | None
    reason: str
    timestamp_ms: int
    event: dict[str, Any] | None


@dataclass
class Ledger:
    """Acknowledged records: partition and offset of each, and the entry it holds."""

    acknowledged: dict[tuple[int, int], Entry] = field(default_factory=dict)

    @property
    def good(self) -> dict[str, Entry]:
        """Good entries by event id; of copies the first, for all are alike."""
        found: dict[str, Entry] = {}
        for entry in self.acknowledged.values():
            if not entry.reason:
                found.setdefault(entry.event_id, entry)
        return found

    @property
    def bad(self) -> dict[tuple[int, int], Entry]:
        """Bad entries by partition and offset."""
        return {position: entry for position, entry in self.acknowledged.items() if entry.reason}


def entries(seed: int, count: int, now: datetime) -> Iterator[Entry]:
    """So many records: about 1 % bad, 2 % copies of an earlier one, 5 % late by up to thirty days."""
    chance = random.Random(seed)
    made: list[Entry] = []
    for number in range(count):
        if made and chance.random() < 0.02:
            yield chance.choice(made)
            continue
        late = timedelta(days=chance.uniform(0, 30)) if chance.random() < 0.05 else timedelta()
        at = now - late - timedelta(seconds=chance.uniform(0, 3600))
        event = _event(chance, f"s{seed}-{number}", at)
        stamp_ms = int(now.timestamp() * 1000)
        if chance.random() < 0.01:
            reason, spoil = chance.choice(BAD)
            spoilt = spoil(event)
            value = (
                json.dumps(spoilt).encode() if spoilt is not None else b'{"event_id": "' + event["event_id"].encode()
            )
            yield Entry(event["event_id"], value, reason, stamp_ms, None)
            continue
        entry = Entry(event["event_id"], json.dumps(event).encode(), "", stamp_ms, event)
        made.append(entry)
        yield entry


def _event(chance: random.Random, event_id: str, at: datetime) -> dict[str, Any]:
    kind = chance.choice(KINDS)
    event: dict[str, Any] = {
        "event_id": event_id,
        "source": "faults",
        "kind": kind,
        "touchpoint": chance.choice(TOUCHPOINTS),
        "occurred_at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "customer": f"customer-{chance.randrange(500)}",
    }
    score = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}.get(kind)
    if score:
        event["score"] = chance.randint(*score)
    if kind == "visit" and chance.random() < 0.5:
        event["count"] = chance.randint(1, 50)
    if chance.random() < 0.3:
        event["region"] = chance.choice(("sp", "rj", "mg"))
    return event


class Publisher:
    """Sends entries and books those that the broker acknowledged; goes on through a broker's absence."""

    def __init__(
        self, bootstrap: str, topic: str, ledger: Ledger, partition: int | None = None, **options: Any
    ) -> None:
        """Sends to one partition, or by key; `options` are the producer's."""
        self._bootstrap, self._topic, self._ledger = bootstrap, topic, ledger
        self._partition, self._options = partition, {"acks": "all", "linger_ms": 5, **options}

    async def send(self, records: Iterable[Entry], *, rate_per_s: float = 0.0) -> None:
        """Sends all; an unacknowledged one is sent again (its copy, if it landed after all, must count once)."""
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, **self._options)
        try:
            await producer.start()
            waiting: deque[tuple[Entry, asyncio.Future[Any]]] = deque()
            began = time.monotonic()
            for number, entry in enumerate(records, start=1):
                waiting.append((entry, await self._start(producer, entry)))
                ahead_s = number / rate_per_s - (time.monotonic() - began) if rate_per_s else 0.0
                if ahead_s > SHORTEST_PAUSE_S:
                    await asyncio.sleep(ahead_s)
                await self._book(producer, waiting, IN_FLIGHT)
            await self._book(producer, waiting, 0)
        finally:
            await producer.stop()

    async def _start(self, producer: AIOKafkaProducer, entry: Entry) -> "asyncio.Future[Any]":
        key = entry.event_id.encode()
        while True:
            try:
                future: asyncio.Future[Any] = await producer.send(
                    self._topic, entry.value, key, self._partition, entry.timestamp_ms
                )
                return future
            except KafkaError:
                await asyncio.sleep(0.2)

    async def _book(
        self, producer: AIOKafkaProducer, waiting: "deque[tuple[Entry, asyncio.Future[Any]]]", most: int
    ) -> None:
        while len(waiting) > most or (waiting and waiting[0][1].done()):
            entry, future = waiting.popleft()
            try:
                record = await future
            except KafkaError:
                waiting.append((entry, await self._start(producer, entry)))
                await asyncio.sleep(0.1)
            else:
                self._ledger.acknowledged[record.partition, record.offset] = entry
