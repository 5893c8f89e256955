"""The bytes of a file, plain, .gz or .zst, piece by piece: memory is bounded, whatever a packed file unpacks to."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import zstandard

PIECE_BYTES: Final = 1 << 16
PACKED_PIECE_BYTES: Final = 1 << 8


def pieces(path: Path) -> Iterator[bytes]:
    """What a file holds, unpacked as its name says.

    Raises:
        OSError: It cannot be read; so are all errors of gzip.
        zstandard.ZstdError: It is not what its name says.
        EOFError: It ends in the middle.
    """
    yield from _unpacked(path) if path.suffix == ".zst" else _plain(path)


def _plain(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _unpacked(path: Path) -> Iterator[bytes]:
    # Frame by frame: zstandard.open takes a file that was cut off for a whole one. A few bytes at a time: each four
    # may unpack to 128 KiB.
    frame = None
    with path.open("rb") as file:
        while data := file.read(PACKED_PIECE_BYTES):
            while data:
                frame = frame or zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(data)
                data, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
    if frame is not None:
        raise EOFError("it ends in the middle")
