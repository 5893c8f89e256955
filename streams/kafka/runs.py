"""Runs of records: batches that stay bytes until native code takes the events out of them.

What is decided of a batch as a whole, its checksum and whether its transaction was aborted, aiokafka decides as ever.
It then asks a batch for its records, and is given a run of them as if that were one: the last of them. A run is a
sequence of records like the parser's own, made when they are asked for. What native code does not read as the parser
does is an error, and `streams.kafka.tolerant` reads the fetch again.

Private names of aiokafka 0.14.0 are used here as in `streams.kafka.transport`, and held to by the same tests.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from aiokafka.consumer import fetcher

from streams.runtime.unpacking import unpacked

MOST_BYTES: Final = 4 * 1024 * 1024
"""Unpacked, of a batch that stays whole: most clients make them a quarter as large. Of a larger one, which may be one
record, there would be one copy more in memory."""

_HEAD: Final = slice(0, 61)
_RECORDS: Final = slice(61, None)
_ATTRIBUTES: Final = 22
_CODEC: Final = 0x07


@dataclass(frozen=True, slots=True)
class AsItIs:
    """A deserializer that does nothing, and marks the consumers whose records stay as they were parsed.

    Attributes:
        native: The part that reads batches of them whole; None where each record is parsed.
    """

    native: Any | None = None

    def __call__(self, key: Any) -> Any:
        """The same."""
        return key


def runs_of(batch: memoryview, native: Any, wanted: Callable[[], int | None], records: Iterator[Any]) -> Iterator[Any]:
    """The records of a batch of format 2, as runs.

    Args:
        batch: As the broker has it; its checksum is right.
        native: The native part.
        wanted: How many records the next run may have; None for any number.
        records: Its records one by one, for a batch that is too large.

    Raises:
        Exception: Native code does not read it, or it is broken.
    """
    data = unpacked(batch[_ATTRIBUTES] & _CODEC, bytes(batch[_RECORDS]))
    if len(data) > MOST_BYTES:
        del data
        yield from records
        return
    whole = native.Batch(bytes(batch[_HEAD]), data)
    while (run := whole.read(wanted())) is not None:
        yield run


def taken(result: fetcher.FetchResult, most: int | None) -> Sequence[Any]:
    """As `getall` of aiokafka, which would count each run as one record.

    Args:
        result: Of a consumer whose batches stay whole.
        most: How many records may come; None for any number.

    Returns:
        A run, or records one by one where there is anything else.
    """
    if not result.check_assignment(result._topic_partition) or not result.has_more():
        return []
    reading, pieces, left = result._partition_records, [], most
    native = reading._key_deserializer.native
    while left is None or left > 0:
        reading._records.wanted = left
        piece = next(reading._records_iterator, None)
        if piece is None:
            result._update_position()
            result._partition_records = None
            break
        pieces.append(piece)
        left = left if left is None else left - _count(piece, native)
    else:
        result._update_position()
    if pieces and all(isinstance(piece, native.Run) for piece in pieces):
        run: Sequence[Any] = native.Run.joined(pieces)
        return run
    return list(chain.from_iterable(piece if isinstance(piece, native.Run) else (piece,) for piece in pieces))


def _count(piece: Any, native: Any) -> int:
    return len(piece) if isinstance(piece, native.Run) else 1


_full_record: Final = fetcher.PartitionRecords._consumer_record


def light_record(self: Any, tp: Any, record: Any) -> Any:
    """What a fetch hands on for a record; for a run, that of it which was not handed on before."""
    # Building a ConsumerRecord for each record is half of the cost of fetching; the record as it was parsed has the
    # same offset, timestamp, key, value and headers. Consumers of others in this process get the full one.
    if not isinstance(self._key_deserializer, AsItIs):
        return _full_record(self, tp, record)
    native = self._key_deserializer.native
    if native is not None and isinstance(record, native.Run):
        record.begin_at(self.next_fetch_offset)
    return record
