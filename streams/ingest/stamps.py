"""When the records of a chunk were published, as far as their timestamps show."""

import time

from streams.kafka.transport import Chunk


def published_ms(chunk: Chunk) -> list[int]:
    """Their Kafka timestamps, milliseconds since 1970; now for those that have none."""
    stamps_ms = [record.timestamp for record in chunk.records]
    try:
        if not stamps_ms or min(stamps_ms) >= 0:
            return stamps_ms
    except TypeError:
        pass  # None: records in Kafka's oldest format have no timestamp
    # Brokers may leave a record without a timestamp (-1): then it is as old as we see it.
    now_ms = int(time.time() * 1000)
    return [now_ms if stamp_ms is None or stamp_ms < 0 else stamp_ms for stamp_ms in stamps_ms]
