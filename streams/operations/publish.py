"""Publishing: files of NDJSON events to the topic, and waiting until all of them are accounted for."""

import asyncio
import gzip
import os
import select
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import zstandard
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.structs import TopicPartition

from metrics.events.event import RecordLimits
from metrics.events.placeholders import PLACEHOLDERS, is_nobody
from metrics.events.rejection import Rejected
from metrics.events.validation import diagnose
from streams.errors import ConfigurationError, Unreachable
from streams.figures.minutes import refreshed_upto
from streams.kafka.client import committed, connected_admin, connected_producer
from streams.runtime.archives import ARCHIVE, ArchiveRefused, members
from streams.runtime.pieces import PIECE_BYTES, pieces
from streams.settings.settings import KafkaSettings
from streams.store import rejected
from streams.store.client import Store

IN_FLIGHT: Final = 10_000
POLL_S: Final = 0.1
LONGEST_LINE_BYTES: Final = 8 << 20
"""The service keeps no longer record either."""


class _Head(msgspec.Struct, gc=False):
    customer: str | None = None
    event_id: str | None = None
    occurred_at: datetime | None = None


_head = msgspec.json.Decoder(_Head).decode
_ANY_LENGTH: Final = RecordLimits(max_bytes=LONGEST_LINE_BYTES)


@dataclass(slots=True)
class Published:
    """What has been sent and acknowledged: offsets by partition, and since when by the store's clock."""

    offsets: dict[int, "array[int]"] = field(default_factory=dict)
    since: datetime | None = None

    @property
    def count(self) -> int:
        """How many records."""
        return sum(len(offsets) for offsets in self.offsets.values())


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of published records: every record landed, or was rejected for a reason."""

    landed: int
    rejected: Mapping[str, int]


class _TooLong(Exception):
    """A line that no event fills."""

    def __init__(self) -> None:
        super().__init__(f"a line is longer than {LONGEST_LINE_BYTES:,} bytes; events are JSON texts, one on each line")


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, plain, .gz or .zst, of each file in a .zip, or of standard input for `-`; not empty ones.

    An empty one says that standard input has nothing yet: what came so far can go out. Memory is bounded, whatever a
    packed file unpacks to.

    Raises:
        ConfigurationError: It cannot be read, or not as what its name says, or a line is too long.
    """
    try:
        if str(path) == "-":
            yield from _arriving(sys.stdin.fileno())
            return
        is_archive = path.suffix.lower() == ARCHIVE
        for part in (member.pieces for member in members(path)) if is_archive else (pieces(path),):
            for line in _split(part):
                if line.strip():
                    yield line.rstrip(b"\r")
    except (OSError, EOFError, gzip.BadGzipFile, zstandard.ZstdError, ArchiveRefused, _TooLong) as error:
        why = getattr(error, "strerror", None) or str(error) or "it is damaged, or not what its name says"
        raise ConfigurationError(f"cannot read events from {path}: {why}") from error


def _arriving(descriptor: int) -> Iterator[bytes]:
    rest = b""
    while True:
        if not select.select([descriptor], [], [], 0)[0]:
            yield b""
            continue
        piece = os.read(descriptor, PIECE_BYTES)
        *whole, rest = (rest + piece).split(b"\n")
        if not piece:
            whole = [rest]
        elif len(rest) > LONGEST_LINE_BYTES:
            raise _TooLong
        yield from (line.rstrip(b"\r") for line in whole if line.strip())
        if not piece:
            return


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    begun: list[bytes] = []
    length = 0
    for piece in pieces:
        first, *others = piece.split(b"\n")
        begun.append(first)
        length += len(first)
        if length > LONGEST_LINE_BYTES:
            raise _TooLong
        if others:
            yield b"".join(begun)
            *whole, last = others
            yield from whole
            begun, length = [last], len(last)
    yield b"".join(begun)


async def publish(
    settings: KafkaSettings, events: Iterable[bytes], *, backfill: bool, sent: Callable[[int], None] = lambda _: None
) -> Published:
    """Sends events, each keyed by its customer, or its id where it names none.

    A line that is not an event is sent as it is: the service refuses it, and it is accounted for.

    Args:
        settings: The broker.
        events: JSON texts; an empty one where the next is not there yet.
        backfill: Whether each record's timestamp is its event's occurred_at, as far as that is over.
        sent: Told how many have been acknowledged, now and then.

    Raises:
        Unreachable: The broker did not acknowledge all.
        ConfigurationError: An event is larger than the topic takes.
    """
    # Tansu refuses idempotent producers; a repeated event counts once by its id anyway.
    producer = await connected_producer(settings, linger_ms=20, max_batch_size=256 * 1024)
    published = Published()
    try:
        await _send_all(producer, settings.topic, events, backfill, published, sent)
    except MessageSizeTooLargeError as error:
        raise ConfigurationError(
            f"after {published.count} acknowledged events one is larger than {settings.topic} takes: shorten it or "
            "raise the topic's max.message.bytes, then publish the file again, what has landed counts once"
        ) from error
    except KafkaError as error:
        raise Unreachable(
            f"Kafka at {settings.bootstrap_servers} stopped acknowledging after {published.count} events: {error!r}; "
            "publish the file again, what has landed counts once"
        ) from error
    finally:
        await producer.stop()
    sent(published.count)
    return published


async def _send_all(
    producer: AIOKafkaProducer,
    topic: str,
    events: Iterable[bytes],
    backfill: bool,
    published: Published,
    sent: Callable[[int], None],
) -> None:
    waiting: list[asyncio.Future[Any]] = []
    for line in events:
        if not line:
            await _acknowledged(waiting, published)
            sent(published.count)
            await asyncio.sleep(POLL_S)
            continue
        key, at_ms = _key_and_time(line)
        # Not in the future: there the service would take whatever time an event says, and Kafka refuses it.
        stamp_ms = min(at_ms, int(time.time() * 1000)) if backfill and at_ms is not None else None
        future = await producer.send(topic, line, key, timestamp_ms=stamp_ms)
        waiting.append(future)
        if len(waiting) >= IN_FLIGHT:
            await _acknowledged(waiting, published)
            sent(published.count)
    await producer.flush()
    await _acknowledged(waiting, published)


def _key_and_time(line: bytes) -> tuple[bytes | None, int | None]:
    try:
        head = _head(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        verdict, _ = diagnose(line, _ANY_LENGTH)  # the careful reading knows a leap second
        if isinstance(verdict, Rejected):
            return None, None
        head = _Head(verdict.customer or None, verdict.event_id, verdict.occurred_at)
    # Placeholders stand for nobody: all their events in one partition would wait for each other.
    customer = head.customer or ""
    key = head.event_id if is_nobody(customer, PLACEHOLDERS) else customer
    at = head.occurred_at
    stamp_ms = int(at.timestamp() * 1000) if at is not None and at.tzinfo is not None else None
    return key.encode() if key else None, stamp_ms if stamp_ms is None or stamp_ms >= 0 else None


async def _acknowledged(waiting: list["asyncio.Future[Any]"], published: Published) -> None:
    for future in waiting:
        record = await future
        published.offsets.setdefault(record.partition, array("q")).append(record.offset)
    waiting.clear()


async def settle(
    settings: KafkaSettings, store: Store, published: Published, progress: Callable[[int], None] = lambda _: None
) -> Settled:
    """Waits until every published record has landed or was rejected, and the cells reflect it.

    Args:
        settings: The broker, and the group whose commits tell what has landed.
        store: The store.
        published: What to wait for.
        progress: Told how many are accounted for, now and then.

    Raises:
        Unreachable: Kafka or the store went away.
    """
    admin = await connected_admin(settings)
    try:
        while (done := await _committed(admin, settings, published)) < published.count:
            progress(done)
            await asyncio.sleep(POLL_S)
        progress(done)
    except KafkaError as error:
        raise Unreachable(f"Kafka at {settings.bootstrap_servers} went away: {error!r}") from error
    finally:
        await admin.close()
    if published.count:
        await _fresh(store)
    since = published.since or datetime.fromtimestamp(0, UTC)
    rows = await asyncio.to_thread(rejected.of_records, store, settings.topic, published.offsets, since)
    return Settled(published.count - len(rows), Counter(reason for _, _, reason in rows))


async def _committed(admin: AIOKafkaAdminClient, settings: KafkaSettings, published: Published) -> int:
    partitions = [TopicPartition(settings.topic, partition) for partition in published.offsets]
    found = await committed(admin, settings, partitions)
    done = 0
    for tp in partitions:
        upto = found.get(tp, 0)
        done += sum(offset < upto for offset in published.offsets[tp.partition])
    return done


async def _fresh(store: Store) -> None:
    landed = (await asyncio.to_thread(store.reading)).next()
    while True:
        upto = await asyncio.to_thread(refreshed_upto, store)
        # Later, for a refresh that began before it all had landed may have noted the same.
        if upto is not None and upto > landed:
            return
        await asyncio.sleep(POLL_S)
