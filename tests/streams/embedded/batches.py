"""Record batches as a client sends them, and as none does."""

import gzip
import struct

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from crc32c import crc32c

_GZIP = 1
_GZIP_TIME = slice(65, 69)


def batch(*values: bytes, compression: int = 0, producer: int = -1, first: int = -1, transactional: int = 0) -> bytes:
    """One batch of these records; with a producer's id, `first` is the number of the first one."""
    epoch = -1 if producer < 0 else 0
    builder = DefaultRecordBatchBuilder(2, compression, transactional, producer, epoch, first, 1 << 20)
    for offset, value in enumerate(values):
        builder.append(offset, 1_000, None, value, [])
    built = bytearray(builder.build())
    if compression == _GZIP:  # which says when it packed: the same records would be other bytes a second later
        built[_GZIP_TIME] = bytes(4)
        struct.pack_into(">I", built, 17, crc32c(memoryview(built)[21:]))
    return bytes(built)


def sealed(payload: bytes, count: int = 1, attributes: int = 0) -> bytes:
    """A batch with a right checksum, whatever is in it."""
    checked = struct.pack(">hiqqqhii", attributes, count - 1, 1_000, 1_000, -1, -1, -1, count) + payload
    return struct.pack(">qiibI", 0, 9 + len(checked), 0, 2, crc32c(checked)) + checked


def record(body: bytes) -> bytes:
    """What stands in a batch, of attributes up to headers; shorter than 64 bytes."""
    return bytes([2 * len(body)]) + body


FIRST = record(b"\0\0\0\x01\x0avalue\0")
SECOND = record(b"\0\0\x02\x01\x0avalue\0")
BROKEN = {
    "garbage for gzip": sealed(b"\x1f\x8b not gzip at all", 1, 1),
    "garbage for snappy": sealed(b"\xff\xff\xff\xff garbage", 1, 2),
    "garbage for lz4": sealed(b"\0garbage", 1, 3),
    "garbage for zstd": sealed(b"\0garbage", 1, 4),
    "garbage in gzip": sealed(gzip.compress(b"\xff" * 40, mtime=0), 1, 1),
    "gzip that is cut off": sealed(gzip.compress(FIRST, mtime=0)[:-9], 1, 1),
    "an unknown compression": sealed(FIRST, 1, 5),
    "garbage for records": sealed(b"\xff" * 40),
    "no records": sealed(b""),
    "no records, and a count of all that there can be": sealed(b"", 2**31 - 1),
    "fewer records than it says": sealed(FIRST, 5),
    "more records than it says": sealed(FIRST + SECOND),
    "bytes after the last record": sealed(FIRST + b"x"),
    "an offset twice": sealed(FIRST + FIRST, 2),
    "offsets that go back": sealed(SECOND + FIRST, 2),
    "an offset beyond the batch": sealed(SECOND),
    "a header less than it says": sealed(record(b"\0\0\0\x01\x0avalue\x02")),
    "a header without a name": sealed(record(b"\0\0\0\x01\x0avalue\x02\x01\x01")),
    "a header count below 0": sealed(record(b"\0\0\0\x01\x0avalue\x01")),
    "a value longer than its record": sealed(record(b"\0\0\0\x01\x0cvalue\0") + SECOND, 2),
    "a number without an end": sealed(record(b"\0\0\0\x01" + b"\xff" * 20)),
    "a control batch": sealed(FIRST, 1, 0x20),
    "the time of the broker": sealed(FIRST, 1, 0x08),
    "a delete horizon": sealed(FIRST, 1, 0x40),
    "attributes of the future": sealed(FIRST, 1, 0x100),
    "all attributes": sealed(FIRST, 1, -1),
}
"""Batches with a right checksum that no consumer gets past."""
