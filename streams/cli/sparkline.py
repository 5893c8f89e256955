"""A series as one line of a terminal."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

BARS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = "·"
LEVEL_WITHIN: Final = 1e-9
"""What differs by less, relatively, is level."""


def sparkline(values: Sequence[float | None], width: int) -> str:
    """A bar for each value, from the least to the greatest of them.

    Args:
        values: In order of time; None where there is no figure.
        width: Most bars. Of more values each bar stands for a few: it shows the last of them, or a gap if one is
            missing, so that none is bridged.

    >>> sparkline([1, 2, None, 4], 10), sparkline([1, 2, None, 4, 5, 8], 3), sparkline([3, 3], 10)
    ('▁▃·█', '▁·█', '▄▄')
    """
    bars = min(width, len(values))
    bounds = [len(values) * bar // bars for bar in range(bars + 1)] if bars else []
    chunks = [values[first:last] for first, last in pairwise(bounds)]
    shown = [None if None in chunk else chunk[-1] for chunk in chunks]
    known = [value for value in shown if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    return "".join(GAP if value is None else _bar(value, low, high) for value in shown)


def _bar(value: float, low: float, high: float) -> str:
    if high - low <= LEVEL_WITHIN * max(abs(low), abs(high)):
        return BARS[len(BARS) // 2 - 1]
    return BARS[round((value - low) / (high - low) * (len(BARS) - 1))]
