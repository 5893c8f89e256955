"""A batch that unpacks to more than we take: one record stands for all of its own, and is rejected."""

import struct
from dataclasses import dataclass
from typing import Final

from metrics.events.rejection import Reason, Rejected
from streams.runtime.unpacking import UnpacksTooLarge

_HEAD: Final = struct.Struct(">16xB6xi8xq14xi")  # format, number of the last record, latest timestamp, how many
_WITH_HEAD: Final = 2
"""From which format on batches have this head; before, one record holds the others."""


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """A record like others: its value is the whole batch as the broker has it, at the place of the batch's last record.

    Its beginning are numbers that no JSON begins with: it is rejected, and `rejected` says why.
    """

    offset: int
    timestamp: int
    value: bytes
    rejected: Rejected
    key: None = None
    headers: tuple[()] = ()
    timestamp_type: int = 0
    checksum: None = None

    @classmethod
    def of(cls, last: int, batch: bytes) -> "PackedBatch":
        """Stands for a batch of which the last record has this offset."""
        stamp_ms, records = -1, "a compressed batch of records"
        if batch[16] >= _WITH_HEAD:
            _, places, stamp_ms, count = _HEAD.unpack_from(batch)
            records = f"a compressed batch of {count} records at offsets {last - places} to {last}"
        return cls(last, stamp_ms, batch, Rejected(Reason.TOO_LARGE, f"{records}: {UnpacksTooLarge()}"))
