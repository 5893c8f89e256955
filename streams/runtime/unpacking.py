"""Unpacking batches of records, within bounds: a few kilobytes may stand for gigabytes.

Kafka limits what a batch has packed (`message.max.bytes`, 1 MiB by default), and nothing limits what it unpacks to.
Clients fill a batch up to 1 MiB unpacked by default (Java's `max.request.size`, librdkafka's `message.max.bytes`;
16 KiB with aiokafka). So what takes 64 times as much was made to, or holds records far larger than events may be.
"""

import gzip
import io
import mmap
import struct
from collections.abc import Callable, Mapping
from typing import Final

import cramjam

MOST_UNPACKED_BYTES: Final = 64 * 1024 * 1024
"""What the records of a batch may take, unpacked."""

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
"""Kafka's numbers of the codecs."""

_USUAL_RATIO: Final = 16
_PIECE_BYTES: Final = 1024 * 1024
_XERIAL_HEAD: Final = b"\x82SNAPPY\x00"
_XERIAL_HEAD_BYTES: Final = 16
_SIZE: Final = struct.Struct(">i")
_NO_ROOM: Final = "failed to write whole buffer"


class UnpacksTooLarge(Exception):
    """Unpacked, something takes more than it may; nothing was unpacked beyond that."""

    def __init__(self, most: int = 0) -> None:
        super().__init__(f"unpacked, its records take more than {most or MOST_UNPACKED_BYTES} bytes")


def unpacked(number: int, data: bytes) -> bytes:
    """The records of a batch, unpacked.

    Args:
        number: Of the codec, as in the attributes of a batch.
        data: The records as they are in the batch.

    Raises:
        UnpacksTooLarge: They take more than MOST_UNPACKED_BYTES.
        Exception: They are broken; each codec has errors of its own.
    """
    return _CODECS[number](data)


def gunzipped(data: bytes, most: int = 0) -> bytes:
    """What a gzip file of at most so many bytes unpacks to; MOST_UNPACKED_BYTES unless told.

    Raises:
        UnpacksTooLarge: It has more.
        Exception: It is broken, or was cut off: `gzip.BadGzipFile`, `EOFError` or `zlib.error`.
    """
    most = most or MOST_UNPACKED_BYTES
    file, size = gzip.GzipFile(fileobj=io.BytesIO(data)), 0
    pieces: list[bytes] = []
    while piece := file.read(_PIECE_BYTES):
        size += len(piece)
        if size > most:
            pieces.clear()  # whoever keeps the error keeps what is here
            raise UnpacksTooLarge(most)
        pieces.append(piece)
    return b"".join(pieces)


def _lz4(data: bytes) -> bytes:
    return _within(cramjam.lz4.decompress_into, data)


def unzstd(data: bytes, most: int = 0) -> bytes:
    """What Zstandard frames of at most so many bytes unpack to; MOST_UNPACKED_BYTES unless told.

    Raises:
        UnpacksTooLarge: They have more.
        cramjam.DecompressionError: They are broken, or were cut off.
    """
    return _within(cramjam.zstd.decompress_into, data, most)


def _within(unpack: Callable[[bytes, bytearray | mmap.mmap], int], data: bytes, most: int = 0) -> bytes:
    most = most or MOST_UNPACKED_BYTES
    usual = bytearray(min(len(data) * _USUAL_RATIO, most))
    try:
        return bytes(memoryview(usual)[: unpack(data, usual)])
    except cramjam.DecompressionError as error:
        if _NO_ROOM not in str(error):
            raise
    del usual
    with mmap.mmap(-1, most) as room:  # takes memory only as it is filled
        try:
            return room[: unpack(data, room)]
        except cramjam.DecompressionError as error:
            raise UnpacksTooLarge(most) if _NO_ROOM in str(error) else error from error


def _snappy(data: bytes) -> bytes:
    blocks = _xerial_blocks(data) if data.startswith(_XERIAL_HEAD) else [memoryview(data)]
    if sum(cramjam.snappy.decompress_raw_len(block) for block in blocks) > MOST_UNPACKED_BYTES:
        raise UnpacksTooLarge
    return b"".join(bytes(cramjam.snappy.decompress_raw(block)) for block in blocks)


def _xerial_blocks(data: bytes) -> list[memoryview]:
    # Each in its place, one after another: a size below 0 would lead back to what was read before.
    view, at, blocks = memoryview(data), _XERIAL_HEAD_BYTES, []
    while at < len(view):
        (size,) = _SIZE.unpack_from(view, at)
        at += _SIZE.size
        if not 0 < size <= len(view) - at:
            raise ValueError(f"a block of {size} bytes, {len(view) - at} are left")
        blocks.append(view[at : at + size])
        at += size
    return blocks


_CODECS: Final[Mapping[int, Callable[[bytes], bytes]]] = {
    NONE: bytes,
    GZIP: gunzipped,
    SNAPPY: _snappy,
    LZ4: _lz4,
    ZSTD: unzstd,
}


def bound(modules: list[object]) -> None:
    """Makes modules of aiokafka that unpack batches do it within bounds."""
    for module in modules:
        for number, name in ((GZIP, "gzip"), (SNAPPY, "snappy"), (LZ4, "lz4"), (ZSTD, "zstd")):
            if hasattr(module, f"{name}_decode"):
                setattr(module, f"{name}_decode", _CODECS[number])
