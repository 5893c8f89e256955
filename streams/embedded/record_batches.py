"""Kafka's record batches, as far as keeping them needs: are they whole, and how many records do they hold."""

import struct

from crc32c import crc32c

_HEAD = struct.Struct(">qiibIhiqqqhii")  # base offset, length, leader epoch, magic, CRC-32C, ..., records
_BEFORE_LENGTH_ENDS = 12
_BEFORE_CHECKSUM_ENDS = 21
_MAGIC = 2


class Corrupt(Exception):
    """These bytes are not whole record batches."""


def measure(data: bytes) -> int:
    """How many records are in record batches that a client sent.

    The embedded broker checks none of this: it keeps a batch with a wrong checksum, and then no consumer gets past it.

    Raises:
        Corrupt: they are not whole, older than Kafka 0.11's, or their checksum is wrong.
    """
    if not data:
        raise Corrupt("no record batch")
    at = records = 0
    while at < len(data):
        at, count = _batch(data, at)
        records += count
    return records


def _batch(data: bytes, at: int) -> tuple[int, int]:
    if len(data) - at < _HEAD.size:
        raise Corrupt("a record batch is cut off")
    _, length, _, magic, checksum, _, last_delta, *_, count = _HEAD.unpack_from(data, at)
    end = at + _BEFORE_LENGTH_ENDS + length
    if magic != _MAGIC:
        raise Corrupt(f"a record batch of version {magic}: only 2 is taken")
    if length < _HEAD.size - _BEFORE_LENGTH_ENDS or end > len(data):
        raise Corrupt("a record batch is cut off")
    if count < 1 or last_delta != count - 1:
        raise Corrupt(f"a record batch of {count} records, with {last_delta} as the number of the last one")
    if crc32c(memoryview(data)[at + _BEFORE_CHECKSUM_ENDS : end]) != checksum:
        raise Corrupt("the checksum of a record batch is wrong")
    return end, count
