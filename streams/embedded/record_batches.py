"""Kafka's record batches, as far as keeping them needs: can a reader read them, and how many records do they hold."""

import struct

from crc32c import crc32c

from streams.runtime.unpacking import UnpacksTooLarge, unpacked

_HEAD = struct.Struct(">qiibIhiqqqhii")  # base offset, length, leader epoch, magic, CRC-32C, attributes, ..., records
_BEFORE_LENGTH_ENDS = 12
_BEFORE_CHECKSUM = 17
_BEFORE_CHECKSUM_ENDS = 21
_CHECKSUM = struct.Struct(">I")
_BEFORE_PRODUCER_ENDS = 43
_PRODUCER = struct.Struct(">qhi")  # its id, its epoch, the number of its first record
_NO_PRODUCER = -1
_MAGIC = 2
_COMPRESSION = 0b111
_TRANSACTIONAL = 0b1_0000  # all other attributes are the broker's to set; Tansu drops them, and not from the checksum
_MORE = 0x80
_LONGEST_BITS = 63


class Corrupt(Exception):
    """These bytes are not whole record batches."""


class Invalid(Corrupt):
    """A record batch is as it was sent, and no reader could read it, or get past it."""


class TooLarge(Corrupt):
    """A record batch unpacks to more than is taken."""


def measure(data: bytes) -> int:
    """How many records are in record batches that a client sent; every record is read.

    The embedded broker checks none of this, and no consumer gets past what is broken. It is as Kafka's own brokers do,
    and stricter where they make records share an offset: those of a batch have to be numbered from 0 on.

    Raises:
        Corrupt: they are not whole, older than Kafka 0.11's, or their checksum is wrong.
        Invalid: compression, records, their number or the attributes are wrong.
        TooLarge: unpacked, they take more than MOST_UNPACKED_BYTES; no more than that was unpacked.
    """
    if not data:
        raise Corrupt("no record batch")
    at = records = 0
    while at < len(data):
        at, count = _batch(data, at)
        records += count
    return records


def stated(data: bytes) -> int:
    """How many records batches that were measured before say they hold; none of them is read.

    >>> stated(b"")
    0

    Raises:
        Corrupt: they are not whole.
    """
    at = records = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            raise Corrupt("a record batch is cut off")
        _, length, *_, count = _HEAD.unpack_from(data, at)
        at += _BEFORE_LENGTH_ENDS + max(length, 0)
        records += count
    return records


def without_producer(data: bytes) -> bytes:
    """Batches that were measured before, as of a producer without an id; the same object if they are so already.

    The broker counts a producer's batches, in memory: in its next life it would refuse them, and take those of another
    producer, to which it gave the same id, for what it has. Transactions need the id, and keep it.

    Raises:
        Corrupt: they are not whole.
    """
    changed = bytearray()
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            raise Corrupt("a record batch is cut off")
        _, length, _, _, _, attributes, _, _, _, producer, *_ = _HEAD.unpack_from(data, at)
        end = at + _BEFORE_LENGTH_ENDS + max(length, 0)
        if end > len(data):
            raise Corrupt("a record batch is cut off")
        if producer != _NO_PRODUCER and not attributes & _TRANSACTIONAL:
            changed = changed or bytearray(data)
            _PRODUCER.pack_into(changed, at + _BEFORE_PRODUCER_ENDS, _NO_PRODUCER, _NO_PRODUCER, _NO_PRODUCER)
            checksum = crc32c(memoryview(changed)[at + _BEFORE_CHECKSUM_ENDS : end])
            _CHECKSUM.pack_into(changed, at + _BEFORE_CHECKSUM, checksum)
        at = end
    return bytes(changed) or data


def _batch(data: bytes, at: int) -> tuple[int, int]:
    if len(data) - at < _HEAD.size:
        raise Corrupt("a record batch is cut off")
    _, length, _, magic, checksum, attributes, last_delta, *_, count = _HEAD.unpack_from(data, at)
    end = at + _BEFORE_LENGTH_ENDS + length
    if magic != _MAGIC:
        raise Corrupt(f"a record batch of version {magic}: only 2 is taken")
    if length < _HEAD.size - _BEFORE_LENGTH_ENDS or end > len(data):
        raise Corrupt("a record batch is cut off")
    if crc32c(memoryview(data)[at + _BEFORE_CHECKSUM_ENDS : end]) != checksum:
        raise Corrupt("the checksum of a record batch is wrong")
    if attributes & ~(_COMPRESSION | _TRANSACTIONAL):
        raise Invalid(f"a record batch with attributes that no client sets: {attributes:#x}")
    _check_records(attributes & _COMPRESSION, data[at + _HEAD.size : end], count, last_delta)
    return end, count


def _check_records(codec: int, packed: bytes, count: int, last_delta: int) -> None:
    if count < 1 or last_delta != count - 1:
        raise Invalid(f"a record batch of {count} records, with {last_delta} as the number of the last one")
    try:
        _read(unpacked(codec, packed), count)
    except UnpacksTooLarge as error:
        raise TooLarge(f"a record batch that is too large: {error}") from error
    except Exception as error:  # decompression has errors of its own
        raise Invalid(f"a record batch that cannot be read: {error!r}") from error


def _read(records: bytes, count: int) -> None:
    at = 0
    for number in range(count):
        at = _record(records, at, number)
    if at != len(records):
        raise ValueError(f"{len(records) - at} bytes after the last record")


def _record(data: bytes, at: int, number: int) -> int:
    """Where a record ends."""
    length, at = _number(data, at)
    end = at + length
    _, at = _number(data, at + 1)  # one byte of attributes, then its time
    delta, at = _number(data, at)
    at = _after_bytes(data, _after_bytes(data, at))  # key and value
    headers, at = _number(data, at)
    for _ in range(headers):
        if data[at] & 1:
            raise ValueError("a header without a name")
        at = _after_bytes(data, _after_bytes(data, at))
    if at != end or headers < 0 or delta != number:
        raise ValueError(f"record {number} has number {delta}, {headers} headers and {at - end} bytes too many")
    return at


def _after_bytes(data: bytes, at: int) -> int:
    length, at = _number(data, at)
    return at + max(length, 0)  # below 0: none


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of any length, and where it ends. Nearly all take a byte, which is why it is read here."""
    byte = data[at]
    value, bits = byte & ~_MORE, 7
    while byte & _MORE:
        if bits > _LONGEST_BITS:
            raise ValueError("a number without an end")
        at += 1
        byte = data[at]
        value |= (byte & ~_MORE) << bits
        bits += 7
    return (value >> 1) ^ -(value & 1), at + 1
