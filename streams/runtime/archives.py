"""Files in a zip archive: read piece by piece, never written anywhere, and within bounds.

What an archive says of itself is not believed: members are counted as they are read. A few kilobytes may stand for
gigabytes, and a name may be that of any file, or have what a terminal would obey.
"""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from streams.runtime.pieces import PIECE_BYTES

ARCHIVE: Final = ".zip"
MOST_MEMBERS: Final = 1000
MOST_UNPACKING: Final = 200
"""What a member may unpack to, as a multiple of its packed bytes: events pack to a tenth, and rarely to a fiftieth."""
ALWAYS_BYTES: Final = 16 << 20
"""So much a member may unpack to, whatever the ratio."""
MOST_UNPACKED_OF_ARCHIVE: Final = 64 << 30
"""What an archive may unpack to."""
_LONGEST_NAME: Final = 80
_PACKED: Final = (".zip", ".gz", ".zst", ".xlsx", ".7z", ".tar", ".tgz", ".bz2", ".xz")
_ENCRYPTED: Final = 0x1
_DAMAGES: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError, OSError, EOFError, NotImplementedError, RuntimeError,
    ValueError, OverflowError,
)  # fmt: skip
"""What the reader of archives raises at damage; a place before the file's begin is an OSError."""


class ArchiveRefused(Exception):
    """An archive is damaged, is made to fill memory, or holds what is not read; the text says which member and why."""


class Member(NamedTuple):
    """A file of an archive: its name, harmless to print, and its bytes."""

    name: str
    pieces: Iterator[bytes]


def members(path: Path) -> Iterator[Member]:
    """The files of an archive, in the order of their names; each is read before the next.

    Directories and what macOS adds are left out.

    Raises:
        ArchiveRefused: As its text says, at the latest while its pieces are read.
        OSError: The file cannot be read.
    """
    with _opened(path) as archive:
        infos = _files(archive)
        if not infos:
            raise ArchiveRefused("the archive holds no file")
        budget = [MOST_UNPACKED_OF_ARCHIVE]
        for info in infos:
            yield Member(printable_name(info.filename), _pieces(archive, info, budget))


def member_names(path: Path) -> list[str]:
    """The names of the files of an archive, harmless to print; none if it cannot be read: to read it says why."""
    try:
        with _opened(path) as archive:
            return [printable_name(info.filename) for info in _files(archive)]
    except (ArchiveRefused, OSError):
        return []


def repacked(path: Path, suffixes: tuple[str, ...], most_bytes: int) -> io.BytesIO:
    """The same archive in memory with only some of its files, not compressed: what reads it finds nothing to unpack.

    Args:
        path: The archive.
        suffixes: How the names of the files end.
        most_bytes: What they may take in all.

    Raises:
        ArchiveRefused: They take more, or are damaged.
        OSError: The file cannot be read.
    """
    plain, budget = io.BytesIO(), [most_bytes]
    with _opened(path) as archive, zipfile.ZipFile(plain, "w") as copy:
        for info in _entries(archive):
            if info.filename.endswith(suffixes):
                copy.writestr(info.filename, b"".join(_pieces(archive, info, budget)))
    plain.seek(0)
    return plain


def printable_name(name: str) -> str:
    r"""A member's name as it may be printed: cut, and without what a terminal would obey.

    >>> printable_name("../../etc/passwd"), printable_name("a\x1b[31m.csv")
    ('../../etc/passwd', 'a?[31m.csv')
    """
    plain = "".join(letter if letter.isprintable() else "?" for letter in name)
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[:_LONGEST_NAME]}..."


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _DAMAGES as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise  # the file itself is not there, or may not be read
        raise ArchiveRefused(f"it is no zip archive, or a damaged one: {error}") from None


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise ArchiveRefused(f"the archive has {len(infos):,} members, at most {MOST_MEMBERS:,} are read")
    repeated = len({info.filename for info in infos}) < len(infos)
    if repeated:
        raise ArchiveRefused("two members of the archive have the same name")
    return infos


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    files = [info for info in _entries(archive) if not info.is_dir() and not _is_of_macos(info.filename)]
    for info in files:
        if info.filename.lower().endswith(_PACKED):
            raise ArchiveRefused(
                f"{printable_name(info.filename)} is packed itself: unpack the archive, and name its files"
            )
        if info.file_size > _most(info):  # by what it says of itself: so nothing of an honest bomb is read
            raise _too_large(info)
    return sorted(files, key=lambda info: info.filename)


def _is_of_macos(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "")


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: list[int]) -> Iterator[bytes]:
    name = printable_name(info.filename)
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveRefused(f"{name} is encrypted: unpack it first")
    most, size = _most(info), 0
    try:
        with archive.open(info) as file:
            while piece := file.read(PIECE_BYTES):
                size += len(piece)
                budget[0] -= len(piece)
                if size > most or budget[0] < 0:
                    raise _too_large(info)
                yield piece
    except _DAMAGES as error:
        raise ArchiveRefused(f"{name} is damaged, or packed in another way: {error}") from None


def _most(info: zipfile.ZipInfo) -> int:
    return max(ALWAYS_BYTES, MOST_UNPACKING * info.compress_size)


def _too_large(info: zipfile.ZipInfo) -> ArchiveRefused:
    return ArchiveRefused(
        f"{printable_name(info.filename)} unpacks to more than is read: unpack it yourself if you trust it"
    )
