"""What a file of the spool consists of: entries with length and checksum, so that a torn or damaged one shows."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import msgspec
from crc32c import crc32c

_MARK = b"\xc5cx1"
_HEAD = struct.Struct(">4sII")  # mark, bytes of the body, its CRC-32C

Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
"""Of an entry: consecutive, so that it shows when one is missing."""


class Kept(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="kept"):
    """Record batches that were accepted for a partition, byte for byte; `number` is unique in the spool.

    `needed_from`: nothing below this number was needed when it was written; 0 where a version wrote it that kept no
    account.
    """

    number: Number
    partition: int
    records: bytes
    needed_from: Number = 0


class Done(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="done"):
    """The numbers of entries that have landed, or need not be kept for another reason."""

    numbers: list[Number]


class Void(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="void"):
    """Numbers that stand for nothing, in ranges with both ends: of writes that failed, of what was reported lost."""

    ranges: list[tuple[Number, Number]]


Entry = Kept | Done | Void


@dataclass(frozen=True, slots=True)
class Damaged:
    """So many bytes that are no entry: one was being written when the power went, or the disk changed them."""

    size: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def encode(entry: Entry) -> bytes:
    """An entry as it stands in a file."""
    body = _encode(entry)
    return _HEAD.pack(_MARK, len(body), crc32c(body)) + body


def scan(data: bytes) -> Iterator[Entry | Damaged]:
    """What a file holds, in order. Damage costs the entries that it touches, and none after them.

    >>> list(scan(encode(Done([1])) + encode(Done([2]))[:-1]))
    [Done(numbers=[1]), Damaged(size=19)]
    """
    at = 0
    while at < len(data):
        found = _entry(data, at)
        if found is None:
            after = _next_entry(data, at + 1)
            yield Damaged(after - at)
            at = after
        else:
            entry, at = found
            yield entry


def _entry(data: bytes, at: int) -> tuple[Entry, int] | None:
    """The whole entry that begins here, and where it ends."""
    if len(data) - at < _HEAD.size:
        return None
    mark, size, checksum = _HEAD.unpack_from(data, at)
    end = at + _HEAD.size + size
    if mark != _MARK or end > len(data):
        return None
    body = memoryview(data)[at + _HEAD.size : end]
    if crc32c(body) != checksum:
        return None
    try:
        return _decode(body), end
    except msgspec.DecodeError:
        return None


def _next_entry(data: bytes, at: int) -> int:
    while (at := data.find(_MARK, at)) >= 0:
        if _entry(data, at) is not None:
            return at
        at += 1
    return len(data)
