"""A batch: what has been gathered from chunks and lands as one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from faust.types import TP

from metrics.events.event import Event
from streams.kafka.dead_letters import DeadLetter
from streams.registry.file import CompiledRegistry


@dataclass(slots=True)
class Batch:
    """What has been gathered and not landed.

    Attributes:
        compiled: In force when it was begun, and when everything in it was taken.
        events: Accepted events.
        occurred_ms: Their instants, milliseconds since 1970.
        rejected: Rejected records.
        resolved: Rows of `rejected` whose records, as these say, were sent through again and are among them.
        cursors: What to commit once everything here has landed.
        stamps_ms: Kafka timestamps of the events, to measure how long landing took.
        size: Bytes of the records' values, and of keys and headers of those rejected.
        generation: The consumer group's generation that the cursors belong to.
        chunks: How many chunks it is made of.
    """

    compiled: CompiledRegistry
    events: list[Event] = field(default_factory=list)
    occurred_ms: list[int] = field(default_factory=list)
    rejected: list[DeadLetter] = field(default_factory=list)
    resolved: list[Mapping[str, Any]] = field(default_factory=list)
    cursors: dict[TP, int] = field(default_factory=dict)
    stamps_ms: list[int] = field(default_factory=list)
    size: int = 0
    generation: int | None = None
    chunks: int = 0

    @property
    def rows(self) -> int:
        """How many records are in it."""
        return len(self.events) + len(self.rejected)
