"""ClickHouse's own compression of a body: blocks with a checksum, as clients ask for by `compress` and `decompress`.

A block is 16 bytes of CityHash128 (of version 1.0.2), one byte of method, the length of the block from that byte on and
the length of its data (4 bytes each, little-endian), and the data compressed.
"""

import struct
from typing import Final

import lz4.block
import zstandard
from clickhouse_cityhash.cityhash import CityHash128

from streams.embedded.protocol import ClickHouseError

NONE: Final = 0x02
LZ4: Final = 0x82
ZSTD: Final = 0x90
BLOCK_BYTES: Final = 1 << 20
_CHECKSUM: Final = 16
_HEAD: Final = struct.Struct("<BII")


def compressed(data: bytes) -> bytes:
    """Data as blocks, by LZ4."""
    return b"".join(_block(data[start : start + BLOCK_BYTES]) for start in range(0, len(data), BLOCK_BYTES))


def decompressed(body: bytes, most_bytes: int) -> bytes:
    """What the blocks of a body say.

    Raises:
        ClickHouseError: It is not made of whole blocks, a checksum is wrong, the method is unknown, or there are more
            than `most_bytes`.
    """
    plain, rest = bytearray(), memoryview(body)
    while rest:
        if len(rest) < _CHECKSUM + _HEAD.size:
            raise _broken("its last block is cut off")
        method, block_bytes, data_bytes = _HEAD.unpack_from(rest, _CHECKSUM)
        block = rest[_CHECKSUM : _CHECKSUM + block_bytes]
        if block_bytes < _HEAD.size or len(block) < block_bytes:
            raise _broken("its last block is cut off")
        if len(plain) + data_bytes > most_bytes:
            text = f"The body exceeds {most_bytes} bytes: insert fewer rows at a time."
            raise ClickHouseError.refused(307, "TOO_MANY_BYTES", text)
        if _checksum(bytes(block)) != rest[:_CHECKSUM]:
            raise ClickHouseError.refused(40, "CHECKSUM_DOESNT_MATCH", "A block's checksum is wrong: send it again.")
        plain += _unpacked(method, bytes(block[_HEAD.size :]), data_bytes)
        rest = rest[_CHECKSUM + block_bytes :]
    return bytes(plain)


def _block(data: bytes) -> bytes:
    packed: bytes = lz4.block.compress(data, store_size=False)
    block = _HEAD.pack(LZ4, _HEAD.size + len(packed), len(data)) + packed
    return _checksum(block) + block


def _checksum(block: bytes) -> bytes:
    checksum: int = CityHash128(block)  # its first 8 bytes stand high
    return struct.pack("<QQ", checksum >> 64, checksum & 0xFFFFFFFFFFFFFFFF)


def _unpacked(method: int, packed: bytes, data_bytes: int) -> bytes:
    try:
        if method == LZ4:
            data = bytes(lz4.block.decompress(packed, uncompressed_size=data_bytes))
        elif method == ZSTD:
            data = zstandard.ZstdDecompressor().decompress(packed, max_output_size=data_bytes)
        elif method == NONE:
            data = packed
        else:
            text = f"The compression method 0x{method:02x} is not supported: use LZ4, ZSTD or none."
            raise ClickHouseError.refused(432, "UNKNOWN_CODEC", text)
    except (lz4.block.LZ4BlockError, zstandard.ZstdError) as error:
        raise _broken(str(error)) from error
    if len(data) != data_bytes:
        raise _broken(f"a block has {len(data)} bytes where {data_bytes} are announced")
    return data


def _broken(what: str) -> ClickHouseError:
    return ClickHouseError.refused(271, "CANNOT_DECOMPRESS", f"The body is not in ClickHouse's compression: {what}.")
