"""Faust in chunks: a transport that hands the agent whole runs of records, with offsets committed by us alone.

A plain agent gets one message for each record, which costs a message, a queue hop and an acknowledgement
each. Here one message carries every record that one fetch gave of one partition. Faust's own accounting
of offsets is not used (the topic has acks=False): a chunk is committed when it has landed, by
`ChunkConsumer.commit_landed`, and never otherwise.

Private names of faust-streaming 0.15.3 and aiokafka 0.14.0 are overridden here and nowhere else; both
are pinned, and tests/streams/test_transport.py holds them to what this module expects.
"""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import faust
from aiokafka.consumer import fetcher
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

logger = logging.getLogger(__name__)

NOTHING_BEFORE: Final = -1
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of records of one partition, in the order of their offsets.

    Attributes:
        tp: Topic and partition.
        records: Objects with offset, timestamp (ms), key, value and headers; at least one.
        previous: Last offset of the chunk handed out before in this generation; NOTHING_BEFORE for the first.
            A receiver that has not seen it knows that a chunk was skipped.
        expected: The offset that comes next by what was handed out or committed; UNKNOWN for a group's first.
            A chunk may begin later: compaction, transactions and retention leave gaps.
        generation: The consumer group's generation in which it was fetched.
    """

    tp: TP
    records: Sequence[Any]
    previous: int
    expected: int
    generation: int

    @property
    def gap(self) -> range:
        """The offsets before it that were expected and are not there."""
        return range(self.expected, self.records[0].offset) if self.expected != UNKNOWN else range(0)

    @property
    def next_offset(self) -> int:
        """What to commit once the chunk has landed."""
        return int(self.records[-1].offset) + 1


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # faust is not typed
    """Reads committed records only; faust does so only with exactly_once, which loses state on restart."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        return consumer


class ChunkConsumer(driver.Consumer):  # type: ignore[misc]  # faust is not typed
    """Yields one message for each fetched run of records of one partition.

    `quiet_fetches` counts the fetches since the last one that gave a record.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._handed_out: dict[TP, int] = {}
        self._handed_out_in: int | None = None
        self.quiet_fetches = 0

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        """Fetches once and yields a message for each partition that had records."""
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            # As the original does: what was fetched for an assignment that is going away is fetched again.
            await self.perform_seek()
            self._handed_out.clear()
            return
        self.quiet_fetches = 0 if records else self.quiet_fetches + 1
        for tp, run in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if active is None or tp in active or tp in self._buffered_partitions:
                yield tp, self._chunk(TP(tp.topic, tp.partition), run, generation)

    def _chunk(self, tp: TP, run: Sequence[Any], generation: int) -> ConsumerMessage:
        if self._handed_out_in != generation:
            self._handed_out.clear()
            self._handed_out_in = generation
        last = run[-1]
        previous = self._handed_out.get(tp, NOTHING_BEFORE)
        committed = self._committed_offset[tp]
        expected = previous + 1 if previous != NOTHING_BEFORE else (UNKNOWN if committed is None else committed)
        chunk = Chunk(tp, run, previous, expected, generation)
        self._handed_out[tp] = last.offset
        # The offset is the last record's, so that faust, which drops what lies below its cursor after a seek,
        # keeps a chunk that begins below it: landing a record twice is harmless, skipping one is not.
        return ConsumerMessage(
            tp.topic, tp.partition, last.offset, last.timestamp / 1000, last.timestamp_type,
            [], None, chunk, None, 0, 0, tp, generation_id=generation,
        )  # fmt: skip

    async def commit_landed(self, offsets: Mapping[TP, int]) -> bool:
        """Commits offsets whose records have landed; those of partitions that have gone are left out.

        Returns:
            False when the broker refused. Nothing is lost by that: a later commit covers it, or the
            records are read again and land as what they are, copies.
        """
        try:
            await self._thread.call_thread(self._commit_in_thread, dict(offsets))
        except KafkaError as error:
            logger.warning("offsets were not committed, they will be with the next batch: %s", error)
            return False
        return True

    async def earliest(self, tp: TP) -> int:
        """The first offset that the broker still holds."""
        return int((await self._thread.call_thread(self._earliest_in_thread, tp))[tp])

    async def _earliest_in_thread(self, tp: TP) -> Mapping[TP, int]:
        found = await self._thread._ensure_consumer().beginning_offsets([TopicPartition(tp.topic, tp.partition)])
        return {TP(key.topic, key.partition): offset for key, offset in found.items()}

    async def _commit_in_thread(self, offsets: dict[TP, int]) -> None:
        consumer = self._thread._ensure_consumer()
        assigned = consumer.assignment()
        ours = {
            TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, "")
            for tp, offset in offsets.items()
            if TopicPartition(tp.topic, tp.partition) in assigned
        }
        if ours:
            await consumer.commit(ours)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Does nothing: faust would complain of partitions without commits of its own."""


class ChunkTransport(driver.Transport):  # type: ignore[misc]  # faust is not typed
    """The transport: set it on an app before it starts."""

    Consumer = ChunkConsumer


def use_chunks(app: faust.App) -> None:
    """Makes an app deliver chunks, of light records."""
    # Building a ConsumerRecord for each record is half of the cost of fetching; the record as it was parsed
    # has the same offset, timestamp, key, value and headers.
    fetcher.PartitionRecords._consumer_record = _as_parsed
    app.transport = ChunkTransport(app.conf.broker, app, app.loop)


def _as_parsed(self: Any, tp: Any, record: Any) -> Any:
    return record
