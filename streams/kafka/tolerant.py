"""Fetches that aiokafka's parser cannot read: read again by a slower one that takes whatever Kafka takes.

The broker takes any bytes as the name of a header, and any bits as attributes of a record. aiokafka 0.14.0 wants UTF-8,
and reads attributes as a number of any length. One such record would stop the group for ever, at every worker.

And it believes the offset that a record names, relative to its batch: the publisher's number, which no broker looks at
where the batch is not compressed. Records that share one, or go back, would be skipped; one beyond the batch's end
would be committed, and what lies between never be read. So each record gets a place that it can have in its batch.

The fast parser is tried first and costs nothing more. A fetch that it cannot read is read again from where it was
to begin: nothing of it is skipped, and nothing is handed out twice. What no client can have sent (a wrong checksum, a
batch that does not decompress) ends the worker with its place: to go on would skip acknowledged records, and what a
broken network or disk did may be right at the next attempt. A batch that unpacks to more than we take is no accident:
it is rejected as a whole, with its offsets.

Private names of aiokafka 0.14.0 are used here as in `streams.kafka.transport`, and held to by the same tests.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Final, TypeVar

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import _crecords, default_records, legacy_records
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint
from aiokafka.structs import TopicPartition

from streams.errors import CxbError
from streams.kafka.packed import PackedBatch
from streams.kafka.runs import AsItIs, runs_of, taken
from streams.runtime.unpacking import UnpacksTooLarge, bound

logger = logging.getLogger(__name__)

_LENGTH: Final = slice(8, 12)
_BEFORE_LENGTH: Final = 12
_MAGIC: Final = 16
_COUNT: Final = slice(57, 61)
_OFFSETS_IN_BATCH: Final = 2
"""From which format on records have their offsets relative to their batch."""


class UnreadableBatch(CxbError):
    """A batch of records is not what a client sent: checksum, compression or structure are wrong."""


@dataclass(frozen=True, slots=True)
class TolerantRecord:
    """A record, as aiokafka's own; bytes of a header's name that are not UTF-8 stand there escaped."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    checksum: None = None


def records_of(batch: bytes) -> list[TolerantRecord]:
    """The records of a batch of format 2.

    Raises:
        Exception: It is broken; decompression has errors of its own.
    """
    head = _DefaultRecordBatchPy(batch)
    head._maybe_uncompress()
    data, position = bytes(head._buffer), head._pos
    offset, limit = head.base_offset, head.next_offset - head._num_records
    if offset > limit:
        raise CorruptRecordException(f"{head._num_records} records in {head.next_offset - offset} places")
    records = []
    for _ in range(head._num_records):
        record, position = _record(head, data, position)
        # As written where that can be: compaction leaves gaps.
        record = replace(record, offset=min(max(offset, record.offset), limit))
        records.append(record)
        offset, limit = record.offset + 1, limit + 1
    if position != len(data):
        raise CorruptRecordException(f"{len(data) - position} bytes after the last record")
    return records


def _record(head: _DefaultRecordBatchPy, data: bytes, position: int) -> tuple[TolerantRecord, int]:
    length, start = _number(data, position)
    delta_ms, position = _number(data, start + 1)  # one byte of attributes, in which nothing is defined
    offset_delta, position = _number(data, position)
    key, position = _bytes(data, position)
    value, position = _bytes(data, position)
    count, position = _number(data, position)
    headers = []
    for _ in range(count):
        name, position = _bytes(data, position)
        content, position = _bytes(data, position)
        headers.append(((name or b"").decode("utf-8", "backslashreplace"), content))
    if position - start != length or position > len(data) or count < 0:
        raise CorruptRecordException(f"a record of {length} bytes has {position - start}")
    stamp_ms = head.max_timestamp if head.timestamp_type else _wrapped(head.first_timestamp + delta_ms)
    offset = head.base_offset + offset_delta
    return TolerantRecord(offset, stamp_ms, head.timestamp_type, key, value, headers), position


def _number(data: bytes, position: int) -> tuple[int, int]:
    number, after = decode_varint(data, position)
    return number, after


def _bytes(data: bytes, position: int) -> tuple[bytes | None, int]:
    length, position = _number(data, position)
    if length < 0:
        return None, position
    if position + length > len(data):
        raise CorruptRecordException(f"{length} bytes wanted, {len(data) - position} left")
    return data[position : position + length], position + length


def _wrapped(number: int) -> int:
    # As in Java, where the sum of two longs is one again.
    return (number + 2**63) % 2**64 - 2**63


class _Batch:
    """A batch as the fetcher wants it, with other records than the parser's own."""

    def __init__(self, batch: Any, records: Iterable[Any], next_offset: int, *, is_checked: bool) -> None:
        self._batch, self._records, self._is_checked = batch, records, is_checked
        self.producer_id, self.base_offset = batch.producer_id, getattr(batch, "base_offset", None)
        self.is_control_batch, self.is_transactional = batch.is_control_batch, batch.is_transactional
        self.next_offset = next_offset

    def validate_crc(self) -> bool:
        return self._is_checked or bool(self._batch.validate_crc())

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._records)


class TolerantBatches:
    """The batches of a fetch, in place of aiokafka's `MemoryRecords`.

    A broken batch ends them where records come before it, so that those land; the next fetch begins with it, and fails.
    """

    def __init__(self, tp: TopicPartition, data: bytes, start: int) -> None:
        self._tp, self._start = tp, start
        self._slices = _slices(data)
        self._next: _Batch | None = None
        self._has_records = False

    def has_next(self) -> bool:
        """Whether there is one more.

        Raises:
            UnreadableBatch: There is one, and it is broken.
        """
        if self._next is None and (batch := next(self._slices, None)) is not None:
            try:
                self._next = self._read(batch)
            except Exception as error:
                first = int.from_bytes(batch[:8], "big")
                if self._has_records:
                    self._slices = iter(())
                    return False
                raise UnreadableBatch(
                    f"topic {self._tp.topic}, partition {self._tp.partition}: the batch of records from offset {first} "
                    f"on cannot be read ({error!r}); check the broker's disk and log, and move the group past it "
                    "(kafka-consumer-groups --reset-offsets) only if it stays so"
                ) from error
        return self._next is not None

    def next_batch(self) -> _Batch | None:
        """The next one; `has_next` has been called."""
        batch, self._next = self._next, None
        return batch

    def _read(self, data: bytes) -> _Batch:
        batch: Any = MemoryRecords(data).next_batch()
        if not batch.validate_crc():
            raise CorruptRecordException("the checksum is wrong")
        # One that ends before the fetch's place was handed out before: the fetcher must not go back to it.
        next_offset = max(batch.next_offset, self._start)
        if batch.is_control_batch:
            return _Batch(batch, (), next_offset, is_checked=True)
        try:
            records: Sequence[Any] = records_of(data) if data[_MAGIC] >= _OFFSETS_IN_BATCH else list(batch)
        except UnpacksTooLarge:
            records = [PackedBatch.of(batch.next_offset - 1, data)]
        self._has_records = self._has_records or any(record.offset >= self._start for record in records)
        return _Batch(batch, records, next_offset, is_checked=True)


Bytes = TypeVar("Bytes", bytes, memoryview)


def _slices(data: Bytes) -> Iterator[Bytes]:
    position = 0
    while (end := position + _BEFORE_LENGTH) <= len(data):
        end += int.from_bytes(data[position:end][_LENGTH], "big", signed=True)
        if not position < end <= len(data):
            return  # the broker cuts the last one where the answer is full
        yield data[position:end]
        position = end


class _OutOfPlace(Exception):
    """A record has an offset that it cannot have in its batch."""


def _in_place(batch: Any, count: int) -> Iterator[Any]:
    """The records of a batch that holds so many, each where `records_of` puts it.

    Raises:
        _OutOfPlace: One is elsewhere.
    """
    expected, limit = batch.base_offset, batch.next_offset - count
    for record in batch:
        offset = record.offset
        if not expected <= offset <= limit:
            raise _OutOfPlace(f"offset {offset} is not in {expected} to {limit}")
        expected = offset + 1
        limit += 1
        yield record


class _KeptRecords(MemoryRecords):  # type: ignore[misc]  # final by its stub alone
    """aiokafka's own, which keeps the bytes that it reads where a second reader can find them.

    `native` is the part that batches stay whole for, and `wanted` how many records are to be handed out next.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data
        self.native: Any | None = None
        self.wanted: int | None = None
        self._heads = _slices(memoryview(data))

    def next_batch(self) -> Any:
        """The next one, which checks where its records are."""
        batch, head = super().next_batch(), next(self._heads, None)
        if batch is None or head is None or head[_MAGIC] < _OFFSETS_IN_BATCH or batch.is_control_batch:
            return batch
        records = _in_place(batch, int.from_bytes(head[_COUNT], "big", signed=True))
        if self.native is not None:
            records = runs_of(head, self.native, lambda: self.wanted, records)
        return _Batch(batch, records, batch.next_offset, is_checked=False)


_initialize: Final = fetcher.PartitionRecords.__init__
_fast_getall: Final = fetcher.FetchResult.getall


@wraps(_initialize)
def _keep_arguments(self: Any, *arguments: Any) -> None:
    _initialize(self, *arguments)
    self._arguments = arguments  # (partition, records, aborted, place, key's, ...), with all aborted transactions
    if isinstance(self._records, _KeptRecords) and isinstance(self._key_deserializer, AsItIs):
        self._records.native = self._key_deserializer.native


@wraps(_fast_getall)
def _getall(self: Any, max_records: int | None = None) -> Any:
    fast = self._partition_records
    start = fast.next_fetch_offset if fast is not None else 0
    is_whole = fast is not None and isinstance(fast._records, _KeptRecords) and fast._records.native is not None
    try:
        records = (taken if is_whole else _fast_getall)(self, max_records)
    except UnreadableBatch:
        raise
    except Exception as error:
        if fast is None or isinstance(fast._records, TolerantBatches):
            raise
        logger.debug("reading a fetch again that the fast parser cannot read: %r", error)
    else:
        return records
    tp, kept, aborted, _, *others = fast._arguments
    self._partition_records = fetcher.PartitionRecords(
        tp, TolerantBatches(tp, kept.data, start), aborted, start, *others
    )
    return _fast_getall(self, max_records)


def install() -> None:
    """Makes aiokafka, for the whole process, read what Kafka takes, where its own parser cannot."""
    bound([default_records, legacy_records, _crecords.default_records, _crecords.legacy_records])
    fetcher.MemoryRecords = _KeptRecords
    fetcher.PartitionRecords.__init__ = _keep_arguments
    fetcher.FetchResult.getall = _getall
