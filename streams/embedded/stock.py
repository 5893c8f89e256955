"""What a spool's directory holds, and what it should hold and does not. Nothing is written here."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from streams.embedded import account
from streams.embedded.account import ACCOUNT_BYTES, Owed
from streams.embedded.spool_format import Damaged, Done, Entry, Kept, scan

Ranges = Sequence[tuple[int, int]]
"""Numbers of entries, each range with both of its ends."""


class Stock:
    """The entries of a directory's segments, by its files.

    Attributes:
        open: Number of each entry that is needed, in order: its segment.
        needed: Segment, in order: how many of its entries are open.
        owed: What the account says, or what stands for it where there is none.
        damaged_bytes: How much is no entry: half-written, or changed by the disk.
        missing: Entries that were accepted, have not landed, and are not there.
    """

    def __init__(self, directory: Path) -> None:
        """Reads all of it.

        Raises:
            OSError: it cannot be read.
        """
        self._directory = directory
        self.open: dict[int, int] = {}
        self.needed: dict[int, int] = {}
        self.damaged_bytes = 0
        self._last = 0
        self._witnessed = 0  # the highest number that no publisher can have made up
        self._needed_from = 0  # the highest that an entry names: 0 where none was written with an account
        self._known: list[tuple[int, int]] = []
        for segment in segments(directory):
            self._read(segment)
        self.open = dict(sorted(self.open.items()))
        self.owed = self._owed()
        first = max(self.owed.since, self.owed.needed_from)
        self.missing = gaps(self._known, first, max(self.owed.last, self._witnessed))

    @property
    def last(self) -> int:
        """The highest number that was ever used, as far as known: the next one is free."""
        return max(self._last, self.owed.last, self.owed.needed_from - 1)

    def held(self) -> Iterator[Kept]:
        """Every entry that is needed, in order; read before anything is written."""
        for segment in list(self.needed):
            for entry in scan(path_of(self._directory, segment).read_bytes()):
                if isinstance(entry, Kept) and self.open.get(entry.number) == segment:
                    yield entry

    def _read(self, segment: int) -> None:
        self.needed[segment] = 0
        whole = True
        for entry in scan(path_of(self._directory, segment).read_bytes()):
            if isinstance(entry, Damaged):
                # What is found in the rest of a torn entry may be its records, which a publisher has chosen.
                whole = False
                self.damaged_bytes += entry.size
            else:
                known = self._note(segment, entry)
                self._known += known
                highest = max((last for _, last in known), default=0)
                self._last = max(self._last, highest)
                if whole:
                    self._witnessed = max(self._witnessed, highest)

    def _note(self, segment: int, entry: Entry) -> Ranges:
        """Which numbers are known by an entry."""
        if isinstance(entry, Kept):
            self._close([entry.number])
            self.open[entry.number] = segment
            self.needed[segment] += 1
            self._needed_from = max(self._needed_from, entry.needed_from)
            return [(entry.number, entry.number)]
        if isinstance(entry, Done):
            self._close(entry.numbers)
            return [(number, number) for number in entry.numbers]
        for first, last in entry.ranges:
            self._close([number for number in self.open if first <= number <= last])
        return entry.ranges

    def _close(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            segment = self.open.pop(number, None)
            if segment is not None:
                self.needed[segment] -= 1

    def _owed(self) -> Owed:
        found = account.read(self._directory)
        if isinstance(found, Owed):
            return found
        if found is None and not self._needed_from:  # a new spool, or one of a version that kept no account
            return Owed(self._last + 1, min(self.open, default=self._last + 1), self._last)
        self.damaged_bytes += ACCOUNT_BYTES if found is None else found.size
        return Owed(needed_from=max(self._needed_from, 1), last=self._witnessed)


def gaps(known: Iterable[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """Which numbers of a range, with both of its ends, are in no known one.

    >>> gaps([(3, 3), (5, 7), (6, 6)], 2, 9)
    [(2, 2), (4, 4), (8, 9)]
    """
    found = []
    for start, end in sorted(known):
        if first < start:
            found.append((first, min(start - 1, last)))
        first = max(first, end + 1)
        if first > last:
            break
    if first <= last:
        found.append((first, last))
    return [(start, end) for start, end in found if start <= end]


def how_many(ranges: Ranges) -> int:
    """How many numbers there are in ranges.

    >>> how_many([(2, 2), (8, 9)])
    3
    """
    return sum(last - first + 1 for first, last in ranges)


def segments(directory: Path) -> list[int]:
    """The numbers of a directory's segments, in order."""
    return sorted(int(path.stem) for path in directory.glob("*.log") if path.stem.isdecimal())


def path_of(directory: Path, segment: int) -> Path:
    """The file of a segment."""
    return directory / f"{segment:012}.log"
