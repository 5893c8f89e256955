"""What ingest asks of the records of a chunk, which are a list of Python's, or a run that native code reads."""

import time
from collections.abc import Collection, Sequence
from typing import Any

from streams.runtime import native


def is_run(records: Sequence[Any]) -> bool:
    """Whether they are a run (streams.kafka.runs): the records of a run are made when they are asked for."""
    part = native.module()
    return part is not None and isinstance(records, part.Run)


def published_ms(records: Sequence[Any]) -> list[int]:
    """Their Kafka timestamps, milliseconds since 1970; now for those that have none."""
    stamps_ms = [record.timestamp for record in records]
    try:
        if not stamps_ms or min(stamps_ms) >= 0:
            return stamps_ms
    except TypeError:
        pass  # None: records in Kafka's oldest format have no timestamp
    # Brokers may leave a record without a timestamp (-1): then it is as old as we see it.
    now_ms = int(time.time() * 1000)
    return [now_ms if stamp_ms is None or stamp_ms < 0 else stamp_ms for stamp_ms in stamps_ms]


def size_of(records: Any) -> int:
    """Bytes of their values."""
    if is_run(records):
        return int(records.size)
    return sum(map(len, filter(None, [record.value for record in records])))


def header_names(records: Any) -> Collection[str]:
    """The names of headers that any of them has."""
    if is_run(records):
        names: Collection[str] = records.header_names
        return names
    return {name for record in records if record.headers for name, _ in record.headers}
