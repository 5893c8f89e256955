"""The account of a spool: which entries it owes, in a small file of its own, so that it shows when one is missing.

It is written after each entry without waiting for the disk, and so is right after a kill of every process. Only what
would make it claim too much is waited for: nothing is removed from the spool before the account no longer owes it.
"""

import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crc32c import crc32c

from streams.embedded.spool_format import Damaged

_NAME = "account"
_MARK = b"\xc5cxa"
_BODY = struct.Struct(">4sQQQ")  # mark, since, needed from, last
_CHECKSUM = struct.Struct(">I")
ACCOUNT_BYTES = _BODY.size + _CHECKSUM.size


@dataclass(frozen=True, slots=True)
class Owed:
    """Numbers of entries.

    Attributes:
        since: Those below were written by a version that kept no account, and whose numbers may have gaps.
        needed_from: Those below have landed, or need not be kept for another reason.
        last: The highest that was accepted.
    """

    since: int = 1
    needed_from: int = 1
    last: int = 0


def read(directory: Path) -> Owed | Damaged | None:
    """The account of a spool; None if there is none."""
    with suppress(FileNotFoundError):
        data = (directory / _NAME).read_bytes()
        if len(data) == ACCOUNT_BYTES:
            mark, *numbers = _BODY.unpack_from(data)
            (checksum,) = _CHECKSUM.unpack_from(data, _BODY.size)
            if mark == _MARK and checksum == crc32c(data[: _BODY.size]):
                return Owed(*numbers)
        return Damaged(max(1, len(data)))
    return None


class Account:
    """The account of a spool that is written to."""

    def __init__(self, directory: Path, owed: Owed) -> None:
        """Makes it, or replaces it; it is on the disk afterwards.

        Raises:
            OSError: it cannot be written.
        """
        draft = directory / f".{_NAME}"
        self._file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._noted: Owed | None = None
        self._synced: Owed | None = None
        self.note(owed)
        self.sync()
        draft.replace(directory / _NAME)
        sync_directory(directory)

    def note(self, owed: Owed) -> None:
        """Takes note of what is owed; the system writes it to the disk within about half a minute.

        Raises:
            OSError: it cannot be written.
        """
        if owed != self._noted:
            body = _BODY.pack(_MARK, owed.since, owed.needed_from, owed.last)
            os.pwrite(self._file, body + _CHECKSUM.pack(crc32c(body)), 0)
            self._noted = owed

    def sync(self) -> None:
        """Waits until what was noted is on the disk.

        Raises:
            OSError: it cannot be written.
        """
        if self._synced != self._noted:
            os.fsync(self._file)
            self._synced = self._noted

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)


def sync_directory(directory: Path) -> None:
    """Waits until the names in a directory are on the disk.

    Raises:
        OSError: they cannot be written.
    """
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
