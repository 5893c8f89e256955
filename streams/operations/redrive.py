"""Redriving: rejected events sent to the event topic again, as they were, once the cause has been fixed.

The table `rejected` is the list, the dead-letter topic holds the bytes. What is sent again carries where
it comes from, and the worker that takes it strikes it off the list: if it is rejected again, it is on
the list as what it is then.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from metrics.events.erasure import is_of_erased
from metrics.sources.routing import REDRIVEN
from streams.errors import Unreachable
from streams.kafka.client import connected_producer, topic_reader
from streams.kafka.dead_letters import SOURCE, TIMESTAMP, TRUNCATED, fingerprint
from streams.kafka.redriven import Origin
from streams.settings.settings import KafkaSettings
from streams.store import rejected
from streams.store.client import Store
from streams.store.erased import erased
from streams.store.rejected import Position, Selection

OURS: Final = (
    "cx-reason", "cx-detail", "cx-topic", "cx-partition", "cx-offset", TRUNCATED, TIMESTAMP, REDRIVEN,
)  # fmt: skip
POLL_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Redriven:
    """What a redrive did, counted by reason.

    Attributes:
        chosen: Rejected events of the selection.
        sent: Those that were sent again.
        erased: Those that name a person who was erased since; they are not sent.
        not_kept: Those whose bytes are no longer in the dead-letter topic, or not whole.
    """

    chosen: Mapping[str, int]
    sent: Mapping[str, int]
    erased: Mapping[str, int]
    not_kept: Mapping[str, int]


async def redrive(
    settings: KafkaSettings, store: Store, selection: Selection, keys: Sequence[bytes], *, dry_run: bool
) -> Redriven:
    """Sends rejected events through again.

    Args:
        settings: The broker.
        store: The store with the list, and with who has been erased.
        selection: Which ones.
        keys: Of customers' hashes, to know who has been.
        dry_run: Whether to count only.

    Raises:
        Unreachable: The broker does not answer, or did not acknowledge.
    """
    wanted = rejected.selected(store, selection)
    chosen = Counter(wanted.values())
    if dry_run or not wanted:
        return Redriven(chosen, {}, {}, {})
    erased_ms = erased(store)
    producer = await connected_producer(settings)
    sent, of_erased = Counter[str](), Counter[str]()
    try:
        async for record in dead_letters(settings):
            origin = _origin(record)
            reason = wanted.get(origin)
            if reason is not None and _is_of_erased(record, erased_ms, keys):
                del wanted[origin]
                of_erased[reason] += 1
            elif reason is not None and TRUNCATED not in dict(record.headers):
                await _send(settings, producer, record, origin)
                del wanted[origin]
                sent[reason] += 1
            if not wanted:
                break
    except KafkaError as error:
        raise Unreachable(f"redriving stopped: {error!r}; run it again, what has landed counts once") from error
    finally:
        await producer.stop()
    return Redriven(chosen, sent, of_erased, Counter(wanted.values()))


async def dead_letters(settings: KafkaSettings) -> AsyncIterator[Any]:
    """Every record of the dead-letter topic that is there now, oldest first in each partition.

    Raises:
        Unreachable: The broker does not answer.
    """
    async with topic_reader(settings, settings.dlq_topic) as consumer:
        partitions = consumer.assignment()
        # An empty fetch alone may be a slow one, and the end alone may be too early: Tansu reports one before the last.
        while True:
            batch = await consumer.getmany(timeout_ms=POLL_MS)
            for records in batch.values():
                for record in records:
                    yield record
            if not batch and all([await _is_at_end(consumer, tp) for tp in partitions]):
                return


def letter_stamp_ms(letter: Any) -> int | None:
    """The timestamp of a dead letter's own record, epoch milliseconds; None if it cannot be read."""
    kept = dict(letter.headers).get(TIMESTAMP)
    try:
        return int(letter.timestamp) if kept is None else int(kept)
    except ValueError:
        return None  # somebody else's header of that name


def _is_of_erased(letter: Any, erased_ms: Mapping[str, int], keys: Sequence[bytes]) -> bool:
    return is_of_erased(letter, letter_stamp_ms(letter), erased_ms, keys, is_foreign=is_of_source(letter))


def is_of_source(letter: Any) -> bool:
    """Whether a dead letter is a record of a source: then any of its fields may name a customer."""
    return any(name == SOURCE for name, _ in letter.headers)


async def _is_at_end(consumer: AIOKafkaConsumer, tp: TopicPartition) -> bool:
    end = await consumer.end_offsets([tp])
    return bool(await consumer.position(tp) >= end[tp])


async def _send(settings: KafkaSettings, producer: Any, record: Any, origin: Position) -> None:
    headers = [(name, value) for name, value in record.headers if name not in OURS]
    headers.append((REDRIVEN, msgspec.json.encode(Origin(*origin))))
    stamp_ms = record.timestamp if record.timestamp >= 0 else None
    await producer.send_and_wait(settings.topic, record.value, record.key, headers=headers, timestamp_ms=stamp_ms)


def _origin(record: Any) -> Position:
    headers: dict[str, bytes] = {name: value for name, value in record.headers if value is not None}
    try:
        partition, offset = int(headers["cx-partition"]), int(headers["cx-offset"])
        return headers["cx-topic"].decode(), partition, offset, fingerprint(record.value or b"")
    except (KeyError, ValueError):
        return "", -1, -1, 0  # somebody else's record in our topic
