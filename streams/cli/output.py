"""Output: a Rich table on a terminal, tab-separated text in a pipe, JSON when asked for."""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.box import HEAVY_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from metrics.zones import Zone
from streams.timestamps import rfc3339

Row = Mapping[str, Any]

# What anybody may have sent must neither break a line nor give the terminal an order.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def on_a_terminal() -> bool:
    """Whether people read what goes to stdout, and not a program."""
    return sys.stdout.isatty()


def say(message: str) -> None:
    """A message to people, on stderr."""
    Console(stderr=True, highlight=False).print(Text(message), soft_wrap=True)


def as_json(rows: Any) -> None:
    """JSON to stdout, one object a line within the list."""
    if isinstance(rows, list):
        sys.stdout.write("[" + ",\n ".join(json.dumps(row, default=_plain) for row in rows) + "]\n")
    else:
        sys.stdout.write(json.dumps(rows, default=_plain, indent=1) + "\n")


def table(
    rows: Sequence[Row],
    columns: Mapping[str, Callable[[Row], str]],
    title: str = "",
    numbers: int = 0,
    *,
    lines: bool = True,
) -> None:
    """Rows for people.

    Args:
        rows: What to show.
        columns: Heading and how to read it off a row, in order.
        title: Above the table, on a terminal only.
        numbers: How many of the last columns are numbers, set to the right.
        lines: Whether lines are drawn between columns, on a terminal.
    """
    cells = [[_printable(cell(row)) for cell in columns.values()] for row in rows]
    if not on_a_terminal():
        sys.stdout.writelines("\t".join(line) + "\n" for line in [list(columns), *cells])
        return
    box = HEAVY_HEAD if lines else None
    shown = Table(title=title or None, title_justify="left", header_style="bold", box=box)
    for position, heading in enumerate(columns):
        shown.add_column(heading, justify="right" if position >= len(columns) - numbers else "left")
    for line in cells:
        shown.add_row(*(Text(cell) for cell in line))
    Console().print(shown)


def number(value: float | None, digits: int = 1) -> str:
    """A figure, "-" where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def period_text(start: datetime, end: datetime, zone: Zone) -> str:
    """A period for people, by the clocks of a zone."""
    first, last = (zone.local(int(at.timestamp())) for at in (start, end))
    return f"{first:%F} to {last:%F %R} {zone.name}"


def _printable(text: str) -> str:
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    raise TypeError(f"{value!r} cannot be written as JSON")
