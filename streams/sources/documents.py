"""What a foreign file holds: the rows of a CSV, the records of JSON texts, each with its place."""

import codecs
import csv
import gzip
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import zstandard

from metrics.sources.model import CsvFormat, Format, Source, TsvFormat
from metrics.sources.records import columns_of
from metrics.sources.wire import Unreadable
from streams.errors import ConfigurationError
from streams.runtime.archives import ARCHIVE, ArchiveRefused, member_names, members
from streams.runtime.pieces import PIECE_BYTES, pieces
from streams.sources.spreadsheet import sheet_rows

LARGEST_DOCUMENT: Final = 64 * 1024 * 1024
"""Characters of a JSON document that is read as a whole, or of a line; there may be as many lines as you like."""
_ON_LINES: Final = "write a record on each line"

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (",", ";", "\t", "|")
SPREADSHEET: Final = ".xlsx"
_ROWS_SUFFIXES: Final = (".csv", ".tsv", ".txt", SPREADSHEET)
_PACKED: Final = (".gz", ".zst")
_json = msgspec.json.Decoder().decode


class Located(NamedTuple):
    """A record of a file, and where it stands there."""

    place: str
    record: Any


def records_in(path: Path, source: Source) -> Iterator[Located]:
    """The records of a file, plain, .gz, .zst, of each file in a .zip, or - for standard input.

    Args:
        path: The file, in the source's format: a CSV or a workbook (.xlsx), lines of texts with tabs between, an Avro
            object container file; or else a JSON text, an array of records or a record on each line.
        source: How it is laid out.

    Raises:
        ConfigurationError: It cannot be read, or is not what the source says.
    """
    try:
        if path.suffix.lower() == SPREADSHEET:
            yield from _of_workbook(path, source)
        elif path.suffix.lower() == ARCHIVE:
            yield from _of_archive(path, source)
        else:
            yield from _of_pieces(_standard_input() if str(path) == "-" else pieces(path), source)
    except (
        OSError, EOFError, gzip.BadGzipFile, zstandard.ZstdError, ArchiveRefused, ConfigurationError,
    ) as error:  # fmt: skip
        why = getattr(error, "strerror", None) or str(error) or "it is damaged, or not what its name says"
        raise ConfigurationError(f"cannot read records from {path}: {why}") from error


def format_by_name(path: Path) -> Format:
    """The format that a file's name says: CSV, Avro or, with any other name, JSON."""
    if looks_like_csv(path):
        return "csv"
    return "avro" if path.suffix.lower() == ".avro" else "json"


def looks_like_csv(path: Path) -> bool:
    """Whether a file's name is that of rows with a header: a CSV or a workbook; of an archive, that of any member."""
    if path.suffix.lower() == ARCHIVE:
        return any(_is_of_rows(Path(name)) for name in member_names(path))
    return _is_of_rows(path)


def _is_of_rows(path: Path) -> bool:
    suffixes = [suffix for suffix in path.suffixes if suffix not in _PACKED]
    return bool(suffixes) and suffixes[-1].lower() in _ROWS_SUFFIXES


def delimiter_of(header: str) -> str:
    r"""What stands between the columns of a header: whichever there is most of.

    >>> delimiter_of('Score;Comment, if any;Date'), delimiter_of("Score")
    (';', ',')
    """
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _standard_input() -> Iterator[bytes]:
    while piece := sys.stdin.buffer.read(PIECE_BYTES):
        yield piece


def _decoded(raw: Iterable[bytes]) -> Iterator[str]:
    """The lines of a text in UTF-8, or in UTF-16 if a byte order mark says so, with their ends."""
    begun: list[str] = []
    length = 0
    for text in _texts(raw):
        first, *others = text.split("\n")
        begun.append(first)
        length += len(first)
        if length > LARGEST_DOCUMENT:
            raise ConfigurationError(f"a line is longer than {LARGEST_DOCUMENT:,} characters: {_ON_LINES}")
        if others:
            yield "".join(begun) + "\n"
            *whole, last = others
            yield from (line + "\n" for line in whole)
            begun, length = [last], len(last)
    if rest := "".join(begun):
        yield rest


def _texts(raw: Iterable[bytes]) -> Iterator[str]:
    parts = iter(raw)
    first = next(parts, b"")
    encoding = next((name for mark, name in _MARKS if first.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in first:
        raise ConfigurationError("it has NUL bytes, like UTF-16 without a byte order mark: save it as UTF-8")
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for piece in _with_end(first, parts):
        try:
            text = decoder.decode(piece, piece == b"")
        except UnicodeDecodeError as error:
            line += error.object[: error.start].decode(encoding, "replace").count("\n")
            byte = f"0x{error.object[error.start]:02x}"
            raise ConfigurationError(
                f"line {line} is not {error.encoding.upper()} (a byte {byte}): save the file as UTF-8, in a "
                'spreadsheet as "CSV UTF-8"'
            ) from error
        line += text.count("\n")
        yield text


def _with_end(first: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from (piece for piece in parts if piece)
    yield b""


def _of_archive(path: Path, source: Source) -> Iterator[Located]:
    for member in members(path):
        try:
            for located in _of_pieces(member.pieces, source):
                yield Located(f"{member.name}, {located.place}", located.record)
        except ConfigurationError as error:
            raise ConfigurationError(f"{member.name}, {error}") from error


def _of_pieces(raw: Iterable[bytes], source: Source) -> Iterator[Located]:
    if source.format == "avro":
        yield from _numbered(raw)
        return
    text = _decoded(raw)
    if source.format == "tsv":
        yield from _lines(text, source.tsv)
    else:
        yield from _of_csv(text, source.csv) if source.format == "csv" else _documents(text, bool(source.records))


def _numbered(raw: Iterable[bytes]) -> Iterator[Located]:
    from streams.sources.avro_files import avro_records  # noqa: PLC0415  # most files are not

    for number, record in enumerate(avro_records(raw), start=1):
        yield Located(f"record {number}", record)


def _lines(lines: Iterator[str], layout: TsvFormat) -> Iterator[Located]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Located(f"line {number}", columns_of(line, layout))
        except Unreadable as error:
            raise ConfigurationError(f"line {number}: {error}") from error


def _of_csv(lines: Iterator[str], layout: CsvFormat) -> Iterator[Located]:
    skipped = list(islice(lines, layout.header_row - 1))
    header = next(lines, "")
    marked = header.rstrip("\r\n") if not skipped and header[:4].lower() == "sep=" else ""  # by Excel, for itself
    header = next(lines, "") if marked else header
    if not header.strip():
        raise ConfigurationError(f"row {len(skipped) + 1} of the CSV should have the columns' names, and is empty")
    delimiter = layout.delimiter or marked[4:5] or delimiter_of(header)
    # Strict: otherwise a quote that nothing closes takes all the rows after it for one text.
    reader = csv.reader(chain([header], lines), delimiter=delimiter, strict=True)
    rows = _rows_of(reader, layout.header_row + bool(marked))
    _, names = next(rows)
    return _of_rows("line", names, rows, layout)


def _rows_of(reader: Any, first: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV, each with the line that it ends in; `first` is the line that the reader begins with."""
    begins = first
    try:
        for row in reader:
            ends = first - 1 + reader.line_num
            yield ends, [cell.strip() for cell in row]
            begins = ends + 1
    except csv.Error as error:
        raise ConfigurationError(
            f"the row that begins in line {begins} of the CSV cannot be read: {_why(error)}"
        ) from error


def _why(error: csv.Error) -> str:
    if "new-line" in str(error):
        return 'a line ends as on old Macs, with CR alone: save the file as "CSV UTF-8"'
    return f"{error}; is a quote not closed, or not doubled within a text?"


def _of_workbook(path: Path, source: Source) -> Iterator[Located]:
    if source.format != "csv":
        raise ConfigurationError(f'a spreadsheet, and the source {source.name} takes JSON: it needs format = "csv"')
    rows = (row for row in sheet_rows(path) if row[0] >= source.csv.header_row)
    number, names = next(rows, (0, []))
    if number != source.csv.header_row:
        raise ConfigurationError(f"row {source.csv.header_row} should have the columns' names, and is empty")
    return _of_rows("row", [str(name) for name in names], rows, source.csv)


def _of_rows(
    what: str, header: Sequence[str], rows: Iterable[tuple[int, Sequence[Any]]], layout: CsvFormat
) -> Iterator[Located]:
    names = [name.strip() for name in header]
    kind, remedy = ("CSV", ": is the delimiter right?") if what == "line" else ("sheet", ": name each column")
    _report_repeats(names, kind)
    for number, (line, row) in enumerate(rows, start=1):
        if number <= layout.skip_rows or all(cell == "" for cell in row):
            continue
        if any(cell != "" for cell in row[len(names) :]):
            raise ConfigurationError(
                f"{what} {line} of the {kind} has {len(row)} cells, its header {len(names)}{remedy}"
            )
        yield Located(f"{what} {line}", dict(zip(names, row, strict=False)))


def _report_repeats(names: Sequence[str], kind: str) -> None:
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise ConfigurationError(f"the {kind} has two columns of one name ({', '.join(repeated)}): rename one of them")


def _documents(lines: Iterator[str], whole: bool) -> Iterator[Located]:
    """Records on a line each, or those of one document; `whole` if the source finds them in it by itself."""
    filled = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    number, first = next(filled, (0, ""))
    if not first:
        return
    try:
        value = _json(first)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        yield from _of_document(_read(first, (line for _, line in filled)), whole)
        return
    second = next(filled, None)
    if second is None:
        yield from _of_document(value, whole)
        return
    yield Located(f"line {number}", value)
    for number, line in chain([second], filled):
        yield Located(f"line {number}", _parsed(line, f"line {number}"))


def _read(first: str, lines: Iterator[str]) -> Any:
    text, size = [first], len(first)
    for line in lines:
        text.append(line)
        size += len(line)
        if size > LARGEST_DOCUMENT:
            raise ConfigurationError(f"the JSON document is longer than {LARGEST_DOCUMENT:,} characters: {_ON_LINES}")
    return _parsed("".join(text), "the file")


def _parsed(text: str, place: str) -> Any:
    try:
        return _json(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        remedy = "JSON is one document, an array of records, or a record on each line"
        raise ConfigurationError(f"{place} is not JSON: {error}; {remedy}") from error


def _of_document(value: Any, whole: bool) -> Iterator[Located]:
    if isinstance(value, list) and not whole:
        for number, record in enumerate(value, start=1):
            yield Located(f"record {number}", record)
    else:
        yield Located("record 1", value)
