"""Rows as CSV for a spreadsheet."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from streams.registry.exchange import csv_cell


def csv_text(rows: Sequence[Mapping[str, Any]], free: Collection[str] = ()) -> str:
    """Rows as RFC 4180 with a header; what a spreadsheet would run as a formula is guarded, numbers are not.

    Args:
        rows: All with the same columns.
        free: Columns whose texts anybody may have written.
    """
    names = [*rows[0]] if rows else []
    lines = [[_cell(row[name], is_free=name in free) for name in names] for row in rows]
    return "".join(",".join(line) + "\r\n" for line in [names, *lines] if line)


def _cell(value: Any, *, is_free: bool) -> str:
    if value is None:
        return ""
    return csv_cell(value) if is_free else str(value)
