"""Output: a Rich table on a terminal, tab-separated text in a pipe, JSON when asked for."""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from metrics.catalogue import in_digits
from metrics.zones import Zone
from streams.cli.tables import Layout, layout, wrapped
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
    spare: Sequence[str] = (),
    prose: Sequence[str] = (),
    ruled: bool = True,
) -> None:
    """Rows for people. In a terminal that is too narrow nothing is cut off: see `streams.cli.tables.layout`.

    Args:
        rows: What to show.
        columns: Heading and how to read it off a row, in order.
        title: Above the table, on a terminal only.
        numbers: How many of the last columns, but for a last one of sentences, are numbers, set to the right.
        spare: Columns that a narrow terminal can do without, the first to go first; that they are not there is said.
        prose: Columns of sentences.
        ruled: Whether lines are drawn between columns, on a terminal.
    """
    lines = [list(columns), *([_printable(cell(row)) for cell in columns.values()] for row in rows)]
    if not on_a_terminal():
        sys.stdout.writelines("\t".join(line) + "\n" for line in lines)
        return
    console, names = Console(), list(columns)
    of = layout(lines, console.width, [names.index(name) for name in spare], [names.index(name) for name in prose])
    last = len(names) - (names[-1] in prose)
    drawn = _drawn(lines, of, title, range(last - numbers, last))
    if not ruled:
        drawn.box, drawn.padding = None, (0, 1, 0, 0)
    console.print(drawn)
    left_out = [heading for position, heading in enumerate(columns) if position not in of.shown]
    if left_out:
        say(f"no room for: {', '.join(left_out)}; a wider terminal shows them, and --json has them")


def _drawn(lines: Sequence[Sequence[str]], of: Layout, title: str, numbers: range) -> Table:
    drawn = Table(title=title or None, title_justify="left", header_style="bold")
    rows = [[line[position] for position in of.shown] for line in lines[1:]]
    if not of.is_whole:
        rows = [[wrapped(cell, width) for cell, width in zip(row, of.widths, strict=True)] for row in rows]
        drawn.box, drawn.padding = box.HORIZONTALS, (0, 0, 0, 0)
        # Between rows as well, where one takes several lines.
        drawn.show_lines = any("\n" in cell for row in rows for cell in row)
    for position, width in zip(of.shown, of.widths, strict=True):
        justify: Literal["left", "right"] = "right" if position in numbers else "left"
        drawn.add_column(Text(lines[0][position]), justify=justify, width=width, overflow="fold")
    for row in rows:
        drawn.add_row(*map(Text, row))
    return drawn


def number(value: float | None, digits: int = 1) -> str:
    """A figure, "-" where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def shown_figure(value: float | None) -> str:
    """A metric's figure with the digits that people read, "-" where there is none."""
    return "-" if value is None else in_digits(value)


def local(at: datetime, zone: Zone) -> str:
    """An instant for people, by the clocks of a zone."""
    return f"{zone.local(int(at.timestamp())):%F %R}"


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
