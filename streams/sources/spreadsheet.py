"""The rows of a spreadsheet (.xlsx): those of its first sheet that has any, cells as they are."""

import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from streams.errors import ConfigurationError
from streams.runtime.archives import repacked

MOST_OF_SHEETS_BYTES: Final = 256 << 20
"""What the sheets of a workbook may take, unpacked; a million rows of ten columns take half of it."""
_PARTS: Final = (".xml", ".rels")


def sheet_rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """The rows of a workbook's first sheet that has any, each with its number in the sheet, from 1.

    A cell is a text without blanks around it, a whole number or another, true or false, or a datetime without a zone;
    "" is an empty one. Of a formula it is what the program that saved the file computed.

    Raises:
        ConfigurationError: It is no workbook, or has no row.
        ArchiveRefused: It is made to fill memory, encrypted or damaged.
        OSError: The file cannot be read.
    """
    plain = repacked(path, _PARTS, MOST_OF_SHEETS_BYTES)
    try:
        for sheet in _sheets(plain):
            rows = _filled(sheet)
            first = next(rows, None)
            if first is not None:
                yield first
                yield from rows
                return
    except (OSError, MemoryError, GeneratorExit):
        raise
    except Exception as error:
        # The library raises whatever its parsing comes upon: KeyError, TypeError, ParseError, ...
        why = f"{type(error).__name__}: {error}"[:200]
        raise ConfigurationError(f"it is no workbook that can be read ({why}): save it as .xlsx or as CSV") from error
    raise ConfigurationError("no sheet of the workbook has a row")


def _sheets(plain: BytesIO) -> Sequence[Any]:
    from openpyxl import load_workbook  # noqa: PLC0415  # takes a fifth of a second, and few commands read one

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions, which nothing here reads
        return load_workbook(plain, read_only=True, data_only=True, keep_links=False).worksheets


def _filled(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # what the file says of them may be anything
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_cell(value) for value in row]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            yield number, cells


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | int | datetime):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, date):
        return datetime.combine(value, time())  # a spreadsheet has no zone: the source declares one
    return str(value)
