"""The spool: what the broker has accepted and the store does not have yet, on disk, for one topic.

A directory of numbered segments, written one after the other. A segment goes when nothing in it, nor in one before
it, is needed: an entry of the spool may say that earlier ones are done.
"""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from metrics.durations import DAY_S
from streams.embedded.spool_format import Damaged, Done, Kept, encode, scan

SEGMENT_BYTES = 16 << 20
SPOOL_RESERVE_BYTES = 128 << 20  # less than the store's: what it refuses for want of space is kept here meanwhile


@dataclass(frozen=True, slots=True)
class Retention:
    """How long segments stay if nobody calls their entries done: seconds since the last write, and bytes in all."""

    age_s: float
    size: int


class Spool:
    """The segments of one directory. Its methods are for one thread at a time.

    `damaged_bytes` counts what was found there and is no entry. What is open when it starts is in `held`.
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
        self._open: dict[int, int] = {}  # number of an entry: its segment
        self._needed: dict[int, int] = {}  # segment, in order: how many of its entries are open
        self._unwritten: list[int] = []  # done, and no file says so yet
        self._file: int | None = None
        self._size = 0
        self._opened_s = 0.0
        self._last_number = 0
        self.damaged_bytes = 0
        self._take_stock()

    def _take_stock(self) -> None:
        for segment in _segments(self.directory):
            self._needed[segment] = 0
            for entry in scan(self._path(segment).read_bytes()):
                self._note(segment, entry)

    def _note(self, segment: int, entry: Kept | Done | Damaged) -> None:
        if isinstance(entry, Damaged):
            self.damaged_bytes += entry.size
        elif isinstance(entry, Kept):
            self._last_number = max(self._last_number, entry.number)
            self._open[entry.number] = segment
            self._needed[segment] += 1
        else:
            self._last_number = max(self._last_number, *entry.numbers, 0)
            self._close(entry.numbers)

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
        for segment in list(self._needed):
            for entry in scan(self._path(segment).read_bytes()):
                if isinstance(entry, Kept) and self._open.get(entry.number) == segment:
                    yield entry

    def write(self, parts: Sequence[tuple[int, bytes]], now_s: float) -> list[int]:
        """Keeps record batches, each with its partition; all of them are on the disk when it returns.

        Returns:
            The number of each.

        Raises:
            OSError: nothing of it is kept, for instance because the disk is full.
        """
        if shutil.disk_usage(self.directory).free < self._reserve_bytes:
            raise OSError(errno.ENOSPC, "the disk is full but for its reserve")
        numbers = list(range(self._last_number + 1, self._last_number + 1 + len(parts)))
        self._last_number += len(parts)  # also if it fails: part of it may stay on the disk under its number
        entries = [Kept(number, *part) for number, part in zip(numbers, parts, strict=True)]
        segment = self._append(b"".join(map(encode, entries)), now_s, durably=True)
        for entry in entries:
            self._note(segment, entry)
        return numbers

    def forget(self, numbers: Sequence[int], now_s: float) -> None:
        """Takes note that entries are done, and gives the disk back what nothing needs any more."""
        self._close(numbers)
        self._unwritten += numbers
        self._expire(now_s)
        if not self._open:
            self._empty()
            return
        self._remove_first()
        if self._unwritten:
            with suppress(OSError):  # a full disk: this process knows, and says it when there is room
                self._append(encode(Done(self._unwritten)), now_s, durably=False)
                self._unwritten = []

    def close(self) -> None:
        """Closes the file that is being written."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, data: bytes, now_s: float, *, durably: bool) -> int:
        too_old = self._retention is not None and now_s - self._opened_s > DAY_S
        file = self._file
        if file is None or self._size >= self._segment_bytes or too_old:
            file = self._begin_segment(now_s)
        try:
            _write_all(file, data)
            if durably:
                os.fdatasync(file)
        except OSError:
            self._abandon_segment(file)
            raise
        self._size += len(data)
        return next(reversed(self._needed))

    def _begin_segment(self, now_s: float) -> int:
        self.close()
        segment = max(self._needed, default=0) + 1
        file = os.open(self._path(segment), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._file, self._size, self._opened_s = file, 0, now_s
        self._needed[segment] = 0
        try:
            _sync_directory(self.directory)
        except OSError:
            self._abandon_segment(file)
            raise
        return file

    def _abandon_segment(self, file: int) -> None:
        # How much of what failed is on the disk is unknown: nothing goes after it in this file.
        with suppress(OSError):
            os.ftruncate(file, self._size)
        self.close()
        if not self._size:
            self._remove(next(reversed(self._needed)))

    def _empty(self) -> None:
        active = next(reversed(self._needed)) if self._file is not None else None
        for segment in [number for number in self._needed if number != active]:
            self._remove(segment)
        if self._file is not None and self._size:
            os.ftruncate(self._file, 0)
            self._size = 0
        self._unwritten = []

    def _remove_first(self) -> None:
        active = next(reversed(self._needed))
        for segment, needed in list(self._needed.items()):
            if needed or segment == active:
                return
            self._remove(segment)

    def _remove(self, segment: int) -> None:
        self._path(segment).unlink(missing_ok=True)
        del self._needed[segment]

    def _expire(self, now_s: float) -> None:
        if self._retention is None:
            return
        files = {segment: self._path(segment).stat() for segment in self._needed}
        size = sum(file.st_size for file in files.values())
        for segment, file in list(files.items())[:-1]:
            if now_s - file.st_mtime <= self._retention.age_s and size <= self._retention.size:
                return
            size -= file.st_size
            self._close([number for number, at in self._open.items() if at == segment])

    def _path(self, segment: int) -> Path:
        return self.directory / f"{segment:012}.log"


def _segments(directory: Path) -> list[int]:
    return sorted(int(path.stem) for path in directory.glob("*.log") if path.stem.isdecimal())


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
