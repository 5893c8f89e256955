"""Batches of records to the bit, as any client may send them, and a publisher that sends them as they are."""

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c, encode_varint
from aiokafka.structs import TopicPartition

CODECS: Final = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
_NO_LEADER_YET: Final = 6  # NOT_LEADER_OR_FOLLOWER: a topic that was just made; nothing was taken
_PACK: Final = {"gzip": gzip_encode, "snappy": snappy_encode, "lz4": lz4_encode, "zstd": zstd_encode}


@dataclass(frozen=True)
class Raw:
    """A record to be; names of headers are bytes, and it may name another offset in its batch than its place."""

    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]] = ()
    key: bytes | None = None
    stamp_ms: int = 0
    attributes: int = 0
    offset_delta: int | None = None


def varint(number: int) -> bytes:
    """A number as records hold it."""
    made = bytearray()
    encode_varint(number, made.append)
    return bytes(made)


def _bytes(content: bytes | None) -> bytes:
    return varint(-1) if content is None else varint(len(content)) + content


def _record(record: Raw, position: int, first_ms: int) -> bytes:
    headers = b"".join(_bytes(name) + _bytes(content) for name, content in record.headers)
    offset_delta = position if record.offset_delta is None else record.offset_delta
    body = (
        bytes([record.attributes]) + varint(record.stamp_ms - first_ms) + varint(offset_delta)
        + _bytes(record.key) + _bytes(record.value) + varint(len(record.headers)) + headers
    )  # fmt: skip
    return varint(len(body)) + body


def batch(records: Sequence[Raw], codec: str = "none", first_offset: int = 0, places: int | None = None) -> bytes:
    """A batch of format 2; compaction leaves fewer records than places."""
    stamps_ms = [record.stamp_ms for record in records]
    body = b"".join(_record(record, position, stamps_ms[0]) for position, record in enumerate(records))
    if codec != "none":
        body = bytes(_PACK[codec](body))
    count = len(records)
    last = (places or count) - 1
    checked = struct.pack(">hiqqqhii", CODECS[codec], last, stamps_ms[0], max(stamps_ms), -1, -1, -1, count) + body
    return struct.pack(">qiibI", first_offset, len(checked) + 9, -1, 2, calc_crc32c(checked)) + checked


async def produce(bootstrap: str, topic: str, batches: Sequence[bytes], partition: int = 0) -> list[int]:
    """Sends batches as they are, one after the other; returns the broker's error code for each, 0 for none."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.partitions_for(topic)
        node = producer.client.cluster.leader_for_partition(TopicPartition(topic, partition))
        codes = []
        for sent in batches:
            codes.append(await _code(producer, node, topic, partition, sent))
        return codes
    finally:
        await producer.stop()


async def _code(producer: AIOKafkaProducer, node: int, topic: str, partition: int, sent: bytes) -> int:
    request = ProduceRequest(
        required_acks=-1, timeout=30_000, topics=[(topic, [(partition, sent)])], transactional_id=None
    )
    for _ in range(50):
        response = await producer.client.send(node, request)
        code = int(response.topics[0][1][0][1])
        if code != _NO_LEADER_YET:
            break
        await asyncio.sleep(0.1)
    return code
