"""What the group has still to land: where the logs end, and what it has committed."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from streams.errors import Unreachable
from streams.kafka.client import committed, connected_admin, missing_topics, topic_reader
from streams.settings.settings import KafkaSettings

POLL_S: Final = 0.005
DEADLINE_S: Final = 10.0
# A log at its end makes a fetch wait for records that do not come.
_FROM_THE_END: Final[Mapping[str, Any]] = {"auto_offset_reset": "latest", "fetch_max_wait_ms": 20}


async def unlanded(settings: KafkaSettings) -> Mapping[int, int]:
    """How many records of the event topic the group has not committed, by partition; without those where it is none.

    Committed is landed, or rejected with its dead letter acknowledged: nothing is committed before.

    Raises:
        Unreachable: The broker does not answer.
        ConfigurationError: It rejects our credentials.
    """
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await _unlanded(settings)
    except (TimeoutError, KafkaError) as error:
        raise Unreachable(f"Kafka at {settings.bootstrap_servers} failed: {error!r}") from error


async def _unlanded(settings: KafkaSettings) -> Mapping[int, int]:
    admin = await connected_admin(settings)
    try:
        if settings.topic in await missing_topics(admin, settings):
            return {}
        async with topic_reader(settings, settings.topic, **_FROM_THE_END) as consumer:
            ends = await log_ends(consumer)  # first: what is accepted after it may be committed, and is not counted
            starts = await consumer.beginning_offsets(list(ends))
            done = await committed(admin, settings, list(ends))
    finally:
        await admin.close()
    behind = {tp.partition: end - done.get(tp, starts[tp]) for tp, end in sorted(ends.items())}
    return {partition: count for partition, count in behind.items() if count > 0}


async def log_ends(consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, int]:
    """Where each partition of a consumer of our own ends, for who reads committed records.

    By what fetches answer. Tansu's answer to a request for the latest offset (ListOffsets) is where its last batch of
    records begins, for good.
    """
    known: dict[TopicPartition, int] = {}
    while len(known) < len(consumer.assignment()) or not known:
        for tp in consumer.assignment():
            stable, end = consumer.last_stable_offset(tp), consumer.highwater(tp)
            if end is not None:
                known[tp] = end if stable is None or stable < 0 else stable
        await asyncio.sleep(POLL_S)
    return known


async def lag(settings: KafkaSettings) -> int:
    """How many records of the event topic the group has not committed.

    Raises:
        Unreachable: The broker does not answer.
        ConfigurationError: It rejects our credentials.
    """
    return sum((await unlanded(settings)).values())
