"""Faust in chunks: a transport that hands the agent whole runs of records, with offsets committed by us alone.

A plain agent gets one message for each record, which costs a message, a queue hop and an acknowledgement each. Here one
message carries every record that one fetch gave of one partition. Faust's own accounting of offsets is not used (the
topic has acks=False): a chunk is committed when it has landed, by `ChunkConsumer.commit_landed`, and never otherwise.

Private names of faust-streaming 0.15.3 and aiokafka 0.14.0 are overridden here and nowhere else; both are pinned, and
tests/streams/kafka/test_transport.py holds them to what this module expects.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import faust
from aiokafka.consumer import fetcher
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.kafka import fetching, tolerant
from streams.kafka.runs import AsItIs, light_record
from streams.runtime import trace

logger = logging.getLogger(__name__)

NOTHING_BEFORE: Final = -1
UNKNOWN: Final = -1
COMMIT_PAUSE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of records of one partition, in the order of their offsets.

    Attributes:
        tp: Topic and partition.
        records: Objects with offset, timestamp (ms), key, value and headers, in a list or a run (streams.kafka.runs).
            None where a fetch passed offsets that hold nothing to read: marks of transactions, what was aborted,
            compacted or removed.
        previous: Last offset of the chunk handed out before in this generation; NOTHING_BEFORE for the first.
            A receiver that did not get it knows that a chunk was skipped.
        expected: The offset that comes next by what was handed out or committed; UNKNOWN for a group's first.
            A chunk may begin later: compaction, transactions and retention leave gaps.
        generation: The consumer group's generation in which it was fetched.
        passed: Without records: the offset that the fetch came to.
    """

    tp: TP
    records: Sequence[Any]
    previous: int
    expected: int
    generation: int
    passed: int = UNKNOWN

    @property
    def first(self) -> int:
        """The first offset that it stands for: of its first record, or that of a gap before it."""
        known = [offset for offset in (self.expected,) if offset != UNKNOWN]
        return min([*known, self.records[0].offset if self.records else self.passed])

    @property
    def gap(self) -> range:
        """The offsets before it that were expected and are not there."""
        first = self.records[0].offset if self.records else self.next_offset
        return range(self.expected, first) if self.expected != UNKNOWN else range(0)

    @property
    def next_offset(self) -> int:
        """What to commit once the chunk has landed."""
        return int(self.records[-1].offset) + 1 if self.records else self.passed


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # faust is not typed
    """Reads committed records only; faust does so only with exactly_once, which loses state on restart.

    And so much at a time that memory does not grow with the number of partitions, for which faust has no setting.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_bytes = fetching.OF_ALL
        consumer._key_deserializer = AsItIs(transport.native)
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

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Before anything of the new generation is taken."""
        if trace.to:
            trace.to.write("rebalance", generation=generation_id, partitions=sorted(tp.partition for tp in assigned))
        fetching.fetch_evenly(self._thread._ensure_consumer(), len(assigned))
        await super().on_partitions_assigned(assigned, generation_id)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        """Fetches once and yields a message for each partition that had records."""
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            # As the original does: what was fetched for an assignment that goes away is fetched again. One that went
            # before it is sought needs no seek: the next one begins where the group has committed.
            with suppress(IllegalStateError):
                await self.perform_seek()
            self._handed_out.clear()
            return
        self.quiet_fetches = 0 if records else self.quiet_fetches + 1
        if self._handed_out_in != generation:
            self._handed_out.clear()
            self._handed_out_in = generation
        for tp, run in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if active is None or tp in active or tp in self._buffered_partitions:
                yield tp, self._message(TP(tp.topic, tp.partition), run, generation)
            else:
                # Paused while this was fetched: read again when it goes on. Left where it is, the position would mean
                # that nothing lies before it, and records that nobody was handed would be committed.
                await self._thread.call_thread(self._seek_in_thread, tp, run[0].offset, generation)
        for tp, position in self._passed().items() if not records else ():
            yield tp, self._message(tp, (), generation, position)

    def _message(self, tp: TP, run: Sequence[Any], generation: int, passed: int = UNKNOWN) -> ConsumerMessage:
        previous = self._handed_out.get(tp, NOTHING_BEFORE)
        chunk = Chunk(tp, run, previous, self._expected(tp), generation, passed)
        self._handed_out[tp] = chunk.next_offset - 1
        stamp, stamp_type = ((run[-1].timestamp or 0) / 1000, run[-1].timestamp_type) if run else (0.0, 0)
        # The offset is the last record's, so that faust, which drops what lies below its cursor after a seek,
        # keeps a chunk that begins below it: landing a record twice is harmless, skipping one is not.
        return ConsumerMessage(
            tp.topic, tp.partition, chunk.next_offset - 1, stamp, stamp_type,
            [], None, chunk, None, 0, 0, tp, generation_id=generation,
        )  # fmt: skip

    def _expected(self, tp: TP) -> int:
        if tp in self._handed_out:
            return self._handed_out[tp] + 1
        committed = self._committed_offset[tp]
        return UNKNOWN if committed is None else int(committed)

    def _passed(self) -> Mapping[TP, int]:
        # Where a quiet fetch has come to: beyond what was handed out or committed lies nothing to read. Handed out as
        # chunks without records: so the group's offsets reach the end of the log, and what was removed is reported.
        subscription = self._thread._ensure_consumer()._subscription.subscription
        consumed = subscription.assignment.all_consumed_offsets() if subscription and subscription.assignment else {}
        positions = {TP(tp.topic, tp.partition): int(position.offset) for tp, position in consumed.items()}
        return {tp: position for tp, position in positions.items() if position > max(0, self._expected(tp))}

    async def commit_landed(self, offsets: Mapping[TP, int], generation: int | None = None) -> bool:
        """Commits offsets whose records have landed; those of partitions that have gone are left out.

        Args:
            offsets: By partition.
            generation: In which they were fetched. In a later one they would set back what others have committed.

        Returns:
            False when the broker refused them. Nothing is lost by that: a later commit covers it, or the
            records are read again and land as what they are, copies.
        """
        try:
            await self._thread.call_thread(self._commit_in_thread, dict(offsets), generation)
        except KafkaError as error:
            logger.warning("offsets were not committed, they will be with the next batch: %s", error)
            return False
        return True

    def answers(self) -> bool:
        """Whether the broker that coordinates the group is known and answers heartbeats."""
        return self._thread._ensure_consumer()._coordinator.coordinator_id is not None

    def unread(self, tp: TP, taken: int | None) -> int:
        """How many offsets from `taken` on have been handed out, or are in the log as far as the broker shows.

        Where nothing has been taken yet, from where the group's last owner committed.
        """
        if taken is None:
            taken = int(self._committed_offset[tp] or 0)
        handed_out = self._handed_out.get(tp, NOTHING_BEFORE) + 1
        return max(0, self._end(tp) - taken, handed_out - taken)

    def _end(self, tp: TP) -> int:
        # Records of a transaction that is still open cannot be read: they are no work yet.
        consumer, key = self._thread._ensure_consumer(), TopicPartition(tp.topic, tp.partition)
        stable, end = consumer.last_stable_offset(key), consumer.highwater(key)
        return int(end or 0) if stable is None or stable < 0 else int(stable)

    async def earliest(self, tp: TP) -> int:
        """The first offset that the broker still holds."""
        return int((await self._thread.call_thread(self._earliest_in_thread, tp))[tp])

    async def _earliest_in_thread(self, tp: TP) -> Mapping[TP, int]:
        offsets = await self._thread._ensure_consumer().beginning_offsets([TopicPartition(tp.topic, tp.partition)])
        return {TP(key.topic, key.partition): offset for key, offset in offsets.items()}

    async def _seek_in_thread(self, tp: TP, offset: int, generation: int) -> None:
        consumer, key = self._thread._ensure_consumer(), TopicPartition(tp.topic, tp.partition)
        if generation == consumer._coordinator.generation and key in consumer.assignment():
            consumer.seek(key, offset)

    async def _commit_in_thread(self, offsets: dict[TP, int], generation: int | None) -> None:
        coordinator, accepted = self._thread._ensure_consumer()._coordinator, False
        upto = {tp.partition: item.offset for tp, item in self._still_ours(offsets).items()} if trace.to else {}
        traced = trace.to if upto and generation in (None, coordinator.generation) else None
        if traced:  # all attempts are one commit
            traced.write("commit", next=upto, generation=generation, accepted=None)
        try:
            accepted = await self._commit_while_current(coordinator, offsets, generation)
        finally:
            if traced:
                traced.write("commit", next=upto, generation=generation, accepted=accepted)

    async def _commit_while_current(self, coordinator: Any, offsets: dict[TP, int], generation: int | None) -> bool:
        # The coordinator's, for each attempt: aiokafka's own way to try again would commit in a later generation.
        while generation in (None, coordinator.generation):
            try:
                await coordinator.ensure_coordinator_known()
                if await asyncio.shield(_commit(coordinator, self._still_ours(offsets), generation)):
                    return True
            except KafkaError as error:
                if not error.retriable:
                    raise
                await asyncio.sleep(COMMIT_PAUSE_S)
        logger.warning("offsets were not committed: the group has gone on without this worker meanwhile")
        return False

    def _still_ours(self, offsets: Mapping[TP, int]) -> dict[TopicPartition, OffsetAndMetadata]:
        assigned = self._thread._ensure_consumer().assignment()
        ours = {TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(at, "") for tp, at in offsets.items()}
        return {tp: offset for tp, offset in ours.items() if tp in assigned}

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Does nothing: faust would complain about partitions without commits of its own."""


async def _commit(coordinator: Any, offsets: Mapping[TopicPartition, Any], generation: int | None) -> bool:
    if current := generation in (None, coordinator.generation):
        await coordinator._do_commit_offsets(None, offsets)
    return current


class ChunkTransport(driver.Transport):  # type: ignore[misc]  # faust is not typed
    """The transport: set it on an app before it starts."""

    Consumer = ChunkConsumer
    native: Any | None = None


def use_chunks(app: faust.App, native: Any | None = None) -> None:
    """Makes an app deliver chunks; of light records, where `install` has been called.

    Args:
        app: Not started yet.
        native: The part that batches of records stay whole for, if there is one.
    """
    app.transport = ChunkTransport(app.conf.broker, app, app.loop)
    app.transport.native = native


def consumer_of(app: faust.App) -> ChunkConsumer:
    """The consumer of an app that delivers chunks; it exists before the app starts."""
    consumer: ChunkConsumer = app.consumer
    return consumer


def _records(self: Any) -> Any:
    # The generator itself: around it aiokafka calls a method of its own for each record.
    return self._records_iterator


def install() -> None:
    """Makes aiokafka, for the whole process, hand records of our consumers on as they were parsed: twice as fast."""
    tolerant.install()
    fetcher.PartitionRecords._consumer_record = light_record
    fetcher.PartitionRecords.__iter__ = _records
