"""How wide the columns of a table are, so that no name, number or date is cut off, however narrow the terminal."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len

LEAST_PROSE: Final = 20
"""A column of sentences is no narrower: below it they are hard to read."""
LEAST: Final = 4
"""Nor is any other, however long its words."""


# A name may be broken after its parts, a number may not.
_PART: Final = re.compile(r"\S*?[_./](?=[^\s\d])|\S+")


class Layout(NamedTuple):
    """What of a table is shown.

    Attributes:
        shown: Positions of the columns that are shown, ascending.
        widths: Their widths, in characters.
        is_whole: Whether every cell stands on one line.
    """

    shown: tuple[int, ...]
    widths: tuple[int, ...]
    is_whole: bool


def layout(
    lines: Sequence[Sequence[str]], width: int, spare: Iterable[int] = (), prose: Collection[int] = ()
) -> Layout:
    """The layout of a table, the heading being its first line.

    If it does not fit, cells are wrapped between words and parts of names; then spare columns go; then parts break.

    Args:
        lines: The cells.
        width: That of the terminal, in characters.
        spare: Positions of columns that can go, the first to go first.
        prose: Positions of columns of sentences.

    >>> layout([["who", "since"], ["sales", "2026-04-12 06:00"]], 80)
    Layout(shown=(0, 1), widths=(5, 16), is_whole=True)
    >>> layout([["who", "since"], ["sales", "2026-04-12 06:00"]], 20)
    Layout(shown=(0, 1), widths=(5, 12), is_whole=False)
    >>> layout([["who", "since"], ["sales", "2026-04-12 06:00"]], 16, spare=[0])
    Layout(shown=(1,), widths=(14,), is_whole=False)
    """
    natural = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    columns = list(range(len(natural)))
    # Padding and a line on both sides of each.
    if sum(natural) + 3 * len(natural) + 1 <= width:
        return Layout(tuple(columns), tuple(natural), is_whole=True)
    least = [
        min(whole, max(_longest_part(line[position] for line in lines), LEAST_PROSE if position in prose else LEAST))
        for position, whole in enumerate(natural)
    ]
    for position in spare:
        if _needed(least, columns) > width and len(columns) > 1:
            columns.remove(position)
    while _needed(least, columns) > width and max(least[position] for position in columns) > LEAST:
        least[max(columns, key=least.__getitem__)] -= 1
    return Layout(tuple(columns), _grown(least, natural, columns, width), is_whole=False)


def _needed(widths: Sequence[int], columns: Sequence[int]) -> int:
    """The width of a table that has a space between its columns and at both ends."""
    return sum(widths[position] for position in columns) + len(columns) + 1


def _grown(least: Sequence[int], natural: Sequence[int], columns: Sequence[int], width: int) -> tuple[int, ...]:
    """The widths with what is left over: to the column that lacks least first, so that most cells become whole."""
    widths = list(least)
    left = width - _needed(widths, columns)
    for position in sorted(columns, key=lambda position: natural[position] - least[position]):
        more = max(0, min(left, natural[position] - widths[position]))
        widths[position] += more
        left -= more
    return tuple(widths[position] for position in columns)


def _longest_part(cells: Iterable[str]) -> int:
    return max((cell_len(part) for cell in cells for part in _PART.findall(cell)), default=0)


def wrapped(text: str, width: int) -> str:
    r"""A cell on as many lines as it takes; a part that is wider than a line stands on one by itself.

    >>> wrapped("conversion_rate of web.site", 14)
    'conversion_\nrate of\nweb.site'
    """
    lines = [""]
    for word in text.split():
        # A name that fits on a line of its own stays whole.
        parts = [word] if cell_len(word) <= width else _PART.findall(word)
        for number, part in enumerate(parts):
            longer = f"{lines[-1]}{' ' if lines[-1] and not number else ''}{part}"
            if cell_len(longer) <= width or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(part)
    return "\n".join(lines)
