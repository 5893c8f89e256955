"""The spool: what the broker has accepted and the store does not have yet, on disk, for one topic.

A directory of numbered segments, written one after the other. A segment goes when nothing in it, nor in one before
it, is needed: an entry of the spool may say that earlier ones are done.
"""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from metrics.durations import DAY_S
from streams.embedded.account import Account, Owed, sync_directory
from streams.embedded.spool_format import Done, Kept, Void, encode
from streams.embedded.stock import Stock, path_of

SEGMENT_BYTES = 16 << 20
SPOOL_RESERVE_BYTES = 128 << 20  # less than the store's: what it refuses for want of space is kept here meanwhile


@dataclass(frozen=True, slots=True)
class Retention:
    """How long segments stay if nobody calls their entries done: seconds since the last write, and bytes in all."""

    age_s: float
    size: int


class Spool:
    """The segments of one directory. Its methods are for one thread at a time.

    What is open when it starts is in `held`; `damaged_bytes` counts what was found there and is no entry; `missing` are
    the numbers of those that should be there and are not, which are no longer looked for once anything is written.
    """

    def __init__(
        self,
        directory: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        reserve_bytes: int = SPOOL_RESERVE_BYTES,
        retention: Retention | None = None,
    ) -> None:
        """Opens a directory, made if absent.

        With fewer than `reserve_bytes` left on its disk nothing is accepted any more.

        Raises:
            OSError: it cannot be made or read.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.directory = directory
        self._segment_bytes = segment_bytes
        self._reserve_bytes = reserve_bytes
        self._retention = retention
        stock = Stock(directory)
        self.damaged_bytes = stock.damaged_bytes
        self.missing = stock.missing
        self._stock = stock
        self._open = stock.open
        self._needed = stock.needed
        self._void = list(stock.missing)  # stand for nothing, and no file says so yet: reported before that
        self._unwritten: list[int] = []  # done, and no file says so yet
        self._file: int | None = None
        self._size = 0
        self._opened_s = 0.0
        self._last_number = stock.last
        self._owed = stock.owed
        self._account = Account(directory, self._owed)

    def _close(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            segment = self._open.pop(number, None)
            if segment is not None:
                self._needed[segment] -= 1

    @property
    def open_entries(self) -> int:
        """How many entries are needed."""
        return len(self._open)

    def held(self) -> Iterator[Kept]:
        """Every entry that is needed, in order; read before anything is written."""
        return self._stock.held()

    def write(self, parts: Sequence[tuple[int, bytes]], now_s: float) -> list[int]:
        """Keeps record batches, each with its partition; all of them are on the disk when it returns.

        Returns:
            The number of each.

        Raises:
            OSError: nothing of it is kept, for instance because the disk is full.
        """
        if shutil.disk_usage(self.directory).free < self._reserve_bytes:
            raise OSError(errno.ENOSPC, "the disk is full but for its reserve")
        first, last = self._last_number + 1, self._last_number + len(parts)
        numbers = list(range(first, last + 1))
        self._last_number = last  # also if it fails: part of it may stay on the disk under its number
        entries = [Kept(number, *part, self._owed.needed_from) for number, part in zip(numbers, parts, strict=True)]
        try:
            segment = self._append(b"".join(map(encode, entries)), now_s, replace(self._owed, last=last))
        except OSError:
            begun = self._void.pop()[0] if self._void and self._void[-1][1] == first - 1 else first
            self._void.append((begun, last))
            raise
        self._open |= dict.fromkeys(numbers, segment)
        self._needed[segment] += len(numbers)
        return numbers

    def forget(self, numbers: Sequence[int], now_s: float) -> None:
        """Takes note that entries are done, and gives the disk back what nothing needs any more."""
        self._close(numbers)
        self._unwritten += numbers
        self._expire(now_s)
        needed_from = next(iter(self._open), self._last_number + 1)
        self._owed = replace(self._owed, needed_from=max(needed_from, self._owed.needed_from))
        self._account.note(self._owed)
        self._give_back()
        if self._open and self._unwritten:
            with suppress(OSError):  # a full disk: this process knows, and says it when there is room
                self._append(encode(Done(self._unwritten)), now_s, self._owed if self._void else None)
                self._unwritten = []

    def close(self) -> None:
        """Closes the files that are being written."""
        with suppress(OSError):  # then the account may be older, and nothing is missed that is there
            self._account.sync()
        self._account.close()
        self._close_segment()

    def _close_segment(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, data: bytes, now_s: float, owed: Owed | None) -> int:
        """Appends whole entries; they are on the disk, and then in the account, if there is anything to owe."""
        too_old = self._retention is not None and now_s - self._opened_s > DAY_S
        file = self._file
        if file is None or self._size >= self._segment_bytes or too_old:
            file = self._begin_segment(now_s)
        data = (encode(Void(self._void)) if self._void else b"") + data
        try:
            _write_all(file, data)
            if owed is not None:
                os.fdatasync(file)
                self._account.note(owed)
                self._owed = owed
        except OSError:
            self._abandon_segment(file)
            raise
        self._void = []
        self._size += len(data)
        return next(reversed(self._needed))

    def _begin_segment(self, now_s: float) -> int:
        self._close_segment()
        segment = max(self._needed, default=0) + 1
        file = os.open(path_of(self.directory, segment), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._file, self._size, self._opened_s = file, 0, now_s
        self._needed[segment] = 0
        try:
            sync_directory(self.directory)
        except OSError:
            self._abandon_segment(file)
            raise
        return file

    def _abandon_segment(self, file: int) -> None:
        # How much of what failed is on the disk is unknown: nothing goes after it in this file.
        with suppress(OSError):
            os.ftruncate(file, self._size)
        self._close_segment()
        if not self._size:
            self._remove(next(reversed(self._needed)))

    def _give_back(self) -> None:
        active = next(reversed(self._needed)) if self._file is not None else None
        first = list(takewhile(lambda segment: not self._needed[segment] and segment != active, self._needed))
        content = active is not None and not self._open and self._size > 0
        if first or content or (self._void and not self._open):
            self._account.sync()  # or it would still owe, after a power cut, what is removed here
        for segment in first:
            self._remove(segment)
        if content and self._file is not None:
            os.ftruncate(self._file, 0)
            self._size = 0
        if not self._open:
            self._unwritten, self._void = [], []

    def _remove(self, segment: int) -> None:
        path_of(self.directory, segment).unlink(missing_ok=True)
        del self._needed[segment]

    def _expire(self, now_s: float) -> None:
        if self._retention is None:
            return
        files = {segment: path_of(self.directory, segment).stat() for segment in self._needed}
        size = sum(file.st_size for file in files.values())
        for segment, file in list(files.items())[:-1]:
            if now_s - file.st_mtime <= self._retention.age_s and size <= self._retention.size:
                return
            size -= file.st_size
            self._close([number for number, at in self._open.items() if at == segment])


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
