"""Fetches by chance: records in batches of every kind that a broker may answer with, and what must read them alike."""

import asyncio
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from streams.kafka import transport
from streams.kafka.runs import AsItIs
from streams.runtime import native
from tests.kafka.raw import CODECS, Raw, batch
from tests.streams.native.chance import STAMP_MS

T: Final = TopicPartition("t", 0)
TRANSACTIONAL, CONTROL, OF_LOG = 0x10, 0x20, 0x08
ABORT, COMMIT = 0, 1
_NAMES: Final = (b"traceparent", b"", b"caff\xc3\xa8", b"cx-source", b"cx-redriven")


@dataclass(frozen=True)
class Answer:
    """What a broker answers to a fetch.

    Attributes:
        data: The batches of one partition.
        start: The offset that was asked for, which may lie within the first of them.
        aborted: The transactions that were aborted: producer, and first offset.
    """

    data: bytes
    start: int
    aborted: Sequence[tuple[int, int]] = ()


def marked(data: bytes, bits: int, producer: int = -1) -> bytes:
    """A batch with bits of attributes set, of a producer."""
    changed = bytearray(data)
    (attributes,) = struct.unpack_from(">h", changed, 21)
    struct.pack_into(">h", changed, 21, attributes | bits)
    struct.pack_into(">q", changed, 43, producer)
    struct.pack_into(">I", changed, 17, calc_crc32c(bytes(changed[21:])))
    return bytes(changed)


def answer(chance: random.Random, values: Sequence[bytes | None]) -> Answer:
    """An answer with these values, in batches by chance; some of them are of aborted transactions."""
    first, at, is_odd = chance.choice((0, 7, 2**40)), 0, chance.random() < 0.15
    offset = first
    sent, aborted = [], []
    while at < len(values):
        count = chance.choice((1, 2, 7, 40, 300))
        records = [_raw(chance, value) for value in values[at : at + count]]
        at, places = at + count, len(records) + chance.choice((0, 0, 0, 1, 9))
        if places > len(records):  # compacted
            kept = sorted(chance.sample(range(places), len(records)))
            records = [replace(record, offset_delta=delta) for record, delta in zip(records, kept, strict=True)]
        if is_odd and chance.random() < 0.3:
            records = _odd(chance, records)
        made = batch(records, chance.choice(list(CODECS)), offset, places)
        if chance.random() < 0.2:
            made = marked(made, OF_LOG)
        if chance.random() < 0.3:
            producer, is_kept = chance.randint(1, 3), chance.random() < 0.7
            made = marked(made, TRANSACTIONAL, producer)
            end = batch(
                [Raw(b"\0" * 6, key=struct.pack(">hh", 0, COMMIT if is_kept else ABORT))], "none", offset + places
            )
            made += marked(end, TRANSACTIONAL | CONTROL, producer)
            aborted += [] if is_kept else [(producer, offset)]
            places += 1
        sent.append(made)
        offset += places
    start = first + chance.choice((0, 0, chance.randint(0, 20)))
    return Answer(b"".join(sent), start, aborted)


def _raw(chance: random.Random, value: bytes | None) -> Raw:
    headers: list[tuple[bytes, bytes | None]] = []
    if chance.random() < 0.1:
        names = chance.choices(_NAMES, (40, 1, 5, 1, 1), k=chance.randint(1, 3))
        headers = [(name, chance.choice((None, b"", b"{}", b"00-4b"))) for name in names]
    stamp_ms = STAMP_MS + chance.choices((0, 1, -1, -90_000_000, -STAMP_MS - 1), (40, 9, 9, 1, 1))[0]
    return Raw(value, headers, chance.choice((None, b"", b"key", b"k" * 200)), stamp_ms)


def _odd(chance: random.Random, records: Sequence[Raw]) -> list[Raw]:
    """One of the records is as only a strange client sends it."""
    at, odd = chance.randrange(len(records)), [*records]
    odd[at] = chance.choice(
        (
            replace(odd[at], headers=[(b"\xff", b"1")]),
            replace(odd[at], offset_delta=chance.choice((-1, 0, 2**31 - 1))),
            replace(odd[at], attributes=chance.choice((1, 0x7F, 0x80))),
            replace(odd[at], stamp_ms=2**62),
        )
    )
    return odd


def fetched(answered: Answer, marker: Any) -> fetcher.FetchResult:
    """What the fetcher makes of an answer, for a consumer with such a marker."""
    transport.install()
    subscription = SubscriptionState()
    subscription.subscribe({"t"})
    subscription.assign_from_subscribed({T})
    assignment = subscription.subscription.assignment
    assignment.state_value(T).seek(answered.start)
    records = fetcher.PartitionRecords(
        T, fetcher.MemoryRecords(answered.data), list(answered.aborted), answered.start, marker, None, True,
        fetcher.READ_COMMITTED,
    )  # fmt: skip
    return fetcher.FetchResult(T, assignment=assignment, partition_records=records, backoff=0)


def chunks(answered: Answer, most: int | None, *, is_native: bool) -> list[tuple[Sequence[Any], int]]:
    """The records of an answer as they are handed out, at most so many at once, and the position after each time."""

    return handed_out(answered, most, AsItIs(native.module() if is_native else None))


def handed_out(answered: Answer, most: int | None, marker: Any) -> list[tuple[Sequence[Any], int]]:
    """The same for a consumer with such a marker."""

    async def all_of_it() -> list[tuple[Sequence[Any], int]]:
        result, found = fetched(answered, marker), []
        while result.has_more():
            records = result.getall(most)
            found.append((records, int(result._assignment.state_value(T).position)))
        return found

    return asyncio.run(all_of_it())


def shown(found: Sequence[tuple[Sequence[Any], int]]) -> list[Any]:
    """All that records have, as they were handed out."""
    names = ("offset", "timestamp", "timestamp_type", "key", "value", "checksum")
    return [
        ([(*(getattr(record, name) for name in names), list(record.headers)) for record in records], position)
        for records, position in found
    ]
