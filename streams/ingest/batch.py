"""A batch: what has been gathered from chunks and lands as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faust.types import TP

from metrics.events.decoding import Run, decode_run
from metrics.events.event import Event, RecordLimits
from streams.ingest.native import NativeRows
from streams.ingest.records import published_ms
from streams.kafka.dead_letters import DeadLetter
from streams.registry.file import CompiledRegistry


@dataclass(slots=True)
class Batch:
    """What has been gathered and not landed.

    Attributes:
        compiled: In force when it was begun, and when everything in it was taken.
        native: Accepted events that native code has made rows of; None where Python reads all.
        ordinals: Where the events belong among the batch's records; empty without native rows.
        events: Accepted events, as Python has them.
        occurred_ms: Their instants, milliseconds since 1970.
        rejected: Rejected records.
        resolved: Rows of `rejected` whose records, as these say, were sent through again and are among them.
        cursors: What to commit once everything here has landed.
        stamps_ms: Kafka timestamps of the events, to measure how long landing took.
        size: Bytes of the records' values, and of keys and headers of those rejected.
        generation: The consumer group's generation that the cursors belong to.
        chunks: How many chunks it is made of.
        from_sources: How many of the events were mapped.
    """

    compiled: CompiledRegistry
    native: NativeRows | None = None
    ordinals: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    occurred_ms: list[int] = field(default_factory=list)
    rejected: list[DeadLetter] = field(default_factory=list)
    resolved: list[Mapping[str, Any]] = field(default_factory=list)
    cursors: dict[TP, int] = field(default_factory=dict)
    stamps_ms: list[int] = field(default_factory=list)
    size: int = 0
    generation: int | None = None
    chunks: int = 0
    from_sources: int = 0

    @property
    def rows(self) -> int:
        """How many records are in it."""
        return len(self.events) + len(self.rejected) + (len(self.native) if self.native is not None else 0)

    @property
    def weight(self) -> int:
        """The same by what they take of memory: a mapped event takes as much as two of ours."""
        return self.rows + self.from_sources

    def decoded(self, records: Sequence[Any], limits: RecordLimits) -> "Decoded":
        """Records of our own topic: those that native code takes are in it then, the others are for Python to gather.

        Args:
            records: Those of a chunk.
            limits: The size and age that a record may have.
        """
        if self.native is None:
            stamps_ms = published_ms(records)
            run = decode_run([record.value for record in records], stamps_ms, limits)
            for position, _ in reversed(run.rejected):
                del stamps_ms[position]
            return Decoded(run, stamps_ms, [])
        first, positions = self.native.take(records)
        others = [records[position] for position in positions]
        stamps_ms = published_ms(others)
        run = decode_run([record.value for record in others], stamps_ms, limits)
        refused = {index for index, _ in run.rejected}
        accepted = [index for index in range(len(others)) if index not in refused]
        run.rejected = [(positions[index], why) for index, why in run.rejected]
        return Decoded(run, [stamps_ms[index] for index in accepted], [first + positions[index] for index in accepted])

    def mapped(self, run: Run, stamps_ms: list[int]) -> "Decoded":
        """The same of events that were mapped, all by Python."""
        self.from_sources += len(run.events)
        if self.native is None:
            return Decoded(run, stamps_ms, [])
        first = self.native.skip(len(run.events))
        return Decoded(run, stamps_ms, list(range(first, first + len(run.events))))


class Decoded(NamedTuple):
    """What Python has to gather of a chunk: its events and rejected records.

    Attributes:
        run: Both of them.
        stamps_ms: The Kafka timestamp of each event's record, milliseconds since 1970.
        ordinals: Where each event belongs among the batch's records; empty without native rows.
    """

    run: Run
    stamps_ms: list[int]
    ordinals: list[int]
