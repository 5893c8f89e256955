"""Records of sources at the door: what their mapping says of them before the workers map them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from metrics.events.event import Event, RecordLimits
from metrics.events.rejection import Rejected
from metrics.sources.decoding import decode_routed
from metrics.sources.mapping import SourceMapping
from metrics.sources.routing import NAMED_BY, Routes, named


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """A record that a webhook sent, as it came, with the source that it is of."""

    mapping: SourceMapping
    value: bytes

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Those of its record in the topic: the workers find its source by them."""
        return ((NAMED_BY, self.mapping.source.name.encode()),)


class ForeignVerdict(NamedTuple):
    """The events that a record gives; or why it is rejected."""

    events: Sequence[Event]
    rejected: Rejected | None


def foreign_verdict(record: ForeignRecord, stamp_ms: int, limits: RecordLimits) -> ForeignVerdict:
    """What a worker with the same sources makes of a record."""
    routes = Routes(
        (named(record.mapping),), by_headers=True, deciding=(NAMED_BY,), is_native=True, of_topic=lambda _: None
    )
    mapped = decode_routed([record.value], [record.headers], [stamp_ms], limits, routes)
    rejected = mapped.run.rejected[0][1] if mapped.run.rejected else None
    return ForeignVerdict(mapped.run.events, rejected)
