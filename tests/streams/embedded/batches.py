"""Record batches as a client sends them."""

from aiokafka.record.default_records import DefaultRecordBatchBuilder


def batch(*values: bytes, compression: int = 0) -> bytes:
    """One batch of these records."""
    builder = DefaultRecordBatchBuilder(2, compression, 0, -1, -1, -1, 1 << 20)
    for offset, value in enumerate(values):
        builder.append(offset, 1_000, None, value, [])
    return bytes(builder.build())
