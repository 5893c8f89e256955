"""Blocks of ClickHouse's Native format that others than the driver make."""

from collections.abc import Sequence
from typing import Protocol

import lz4.frame


class NativeBlock(Protocol):
    """Facts that native code keeps, and writes as a block."""

    def __len__(self) -> int:
        """How many facts there are."""
        ...

    def names(self) -> Sequence[str]:
        """The columns, without the version."""
        ...

    def block(self, ingested_ms: int) -> bytes:
        """The facts with their version, milliseconds since 1970."""
        ...


def packed_insert(table: str, columns: Sequence[str], block: bytes) -> bytes:
    r"""The body of an insert: statement and block, compressed by lz4, as the driver sends its own.

    >>> lz4.frame.decompress(packed_insert("events", ["kind", "count"], b"..."))
    b'INSERT INTO events (kind, count) FORMAT Native\n...'
    """
    packed: bytes = lz4.frame.compress(f"INSERT INTO {table} ({', '.join(columns)}) FORMAT Native\n".encode() + block)
    return packed
