"""Redriving: dead letters sent to the event topic again, as they were, once what was wrong has been mended."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from streams.errors import Unreachable
from streams.kafka import connected_producer, explain, options
from streams.settings import Kafka

OURS: Final = ("cx-reason", "cx-detail", "cx-topic", "cx-partition", "cx-offset", "cx-truncated-from")
POLL_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many dead letters were sent again (or would be), and how many were left, by reason."""

    sent: Mapping[str, int]
    left: Mapping[str, int]


async def redrive(settings: Kafka, *, reason: str | None, dry_run: bool) -> Redriven:
    """Sends the dead letters since the last redrive through again.

    With a reason given, only those go, and where the next redrive begins stays as it is.

    Args:
        settings: The broker.
        reason: Only those refused for this reason.
        dry_run: Whether to count only.

    Raises:
        Unreachable: The broker does not answer, or did not acknowledge.
    """
    consumer = AIOKafkaConsumer(
        **options(settings),
        group_id=f"{settings.group}.redrive",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    try:
        await consumer.start()
    except KafkaError as error:
        await consumer.stop()
        raise await explain(settings, error) from error
    producer = await connected_producer(settings)
    try:
        return await _pass_on(settings, consumer, producer, reason, dry_run)
    except KafkaError as error:
        raise Unreachable(f"redriving stopped: {error!r}; run it again, what has landed counts once") from error
    finally:
        await producer.stop()
        await consumer.stop()


async def _pass_on(
    settings: Kafka, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, reason: str | None, dry_run: bool
) -> Redriven:
    found = consumer.partitions_for_topic(settings.dlq_topic) or set()
    partitions = [TopicPartition(settings.dlq_topic, partition) for partition in found]
    consumer.assign(partitions)
    sent: Counter[str] = Counter()
    left: Counter[str] = Counter()
    # Until a poll brings nothing: what is refused again meanwhile belongs to the next redrive, so the end is now.
    ends = await consumer.end_offsets(partitions)
    while batch := await consumer.getmany(timeout_ms=POLL_MS):
        for tp, records in batch.items():
            for record in records:
                if record.offset >= max(ends[tp], 1) and ends[tp] > 0:
                    continue
                cause = _reason(record)
                chosen = reason in (None, cause) and not _is_cut(record)
                (sent if chosen else left)[cause] += 1
                if chosen and not dry_run:
                    await _send(settings, producer, record)
    await producer.flush()
    if reason is None and not dry_run and partitions:
        await consumer.commit()
    return Redriven(sent, left)


async def _send(settings: Kafka, producer: AIOKafkaProducer, record: Any) -> None:
    headers = [(name, value) for name, value in record.headers if name not in OURS]
    stamp_ms = record.timestamp if record.timestamp >= 0 else None
    await producer.send_and_wait(settings.topic, record.value, record.key, headers=headers, timestamp_ms=stamp_ms)


def _reason(record: Any) -> str:
    headers: dict[str, bytes] = dict(record.headers)
    return headers.get("cx-reason", b"").decode("utf-8", "replace")


def _is_cut(record: Any) -> bool:
    return "cx-truncated-from" in dict(record.headers)
