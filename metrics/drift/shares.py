"""How many detectors share the alert budget at an instant: each gets the same share.

A detector that begins takes from all others, so its start changes their thresholds: in a company of thousands that
would be millions of thresholds. Above EXACT detectors the budget is divided by the next of a row of numbers, each RUNG
times the one before it: shares are a twentieth too small at most, and their sum stays within the budget.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final

EXACT: Final = 100
RUNG: Final = 1.05


class BudgetShares:
    """By how many the budget is divided, from the starts of a company's detectors."""

    def __init__(self, begun: Iterable[int]) -> None:
        """Takes when each detector began, epoch seconds."""
        self.begun: Sequence[int] = sorted(begun)
        """The same, ascending."""
        self._changes_s: list[int] = []
        self._numbers: list[int] = []
        for count, begin_s in enumerate(self.begun, start=1):
            if self._changes_s and self._changes_s[-1] == begin_s:
                self._numbers[-1] = _number(count)
            elif not self._numbers or _number(count) != self._numbers[-1]:
                self._changes_s.append(begin_s)
                self._numbers.append(_number(count))

    def number(self, at_s: float) -> int:
        """By how many the budget is divided at an epoch second; 1 before there is a detector.

        >>> shares = BudgetShares([0, 0, 60])
        >>> shares.number(-1), shares.number(59), shares.number(60)
        (1, 2, 3)
        """
        place = bisect_right(self._changes_s, at_s)
        return self._numbers[place - 1] if place else 1

    def changes(self, after_s: int) -> Sequence[int]:
        """When that changes later than an epoch second, ascending."""
        return self._changes_s[bisect_right(self._changes_s, after_s) :]


def _number(count: int) -> int:
    number = min(count, EXACT)
    while number < count:
        number = ceil(RUNG * number)
    return number
