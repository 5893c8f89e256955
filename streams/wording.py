"""Numbers and lists in English sentences: of commands, of the log and of checks."""

from collections.abc import Sequence
from typing import Final

from metrics.durations import DAY_S, HOUR_S, MINUTE_S

NAMED_PROBLEMS: Final = 5
_SPANS: Final = ((DAY_S, "days"), (HOUR_S, "h"))


def counted(n: int, one: str, many: str = "") -> str:
    """A number with what it counts; `many` is the plural where it does not end in s alone.

    >>> counted(1, "minute"), counted(0, "minute"), counted(1234, "match", "matches")
    ('1 minute', '0 minutes', '1,234 matches')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """A time as people write it: in days, hours or minutes, whichever is the longest that it fills.

    >>> duration(1_062_720), duration(86_400), duration(5_400), duration(90)
    ('12.3 days', '1.0 days', '1.5 h', '2 min')
    """
    for width, name in _SPANS:
        if seconds >= width:
            return f"{seconds / width:,.1f} {name}"
    return f"{seconds / MINUTE_S:,.0f} min"


def listed(problems: Sequence[object], command: str) -> str:
    r"""The first of some problems, each on a line of its own, and the command that lists all of them.

    >>> listed(["a is wrong", "b is wrong"], "cxb check")
    '\n  a is wrong\n  b is wrong'
    """
    shown = "".join(f"\n  {problem}" for problem in problems[:NAMED_PROBLEMS])
    more = len(problems) - NAMED_PROBLEMS
    return f"{shown}\n  and {more} more: run {command}" if more > 0 else shown
