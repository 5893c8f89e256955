"""Exponentially decayed sums over cells: the mergeable value from which every figure is computed.

The weight of a cell of minute m at the instant T is 2^(-(T - m)/h), h the half-life. Forward decay
(Cormode, Shkapenyuk, Srivastava, Xu: ICDE 2009) makes such sums independent of the order of events,
and the sum over two sets of cells is the sum of their sums. Kish's effective sample size is not linear in the cells:
it is computed last, from two sums that are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

NEGLIGIBLE_WEIGHT: Final = 2.0**-10
"""Observations at or below this weight stay in the sums but are not in the raw count n."""

NEVER: Final = 2**62
"""The first minute where there are no cells, epoch seconds: later than any real one, so that min() merges."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Decayed sums over the observations of one kind at one instant on one horizon.

    Attributes:
        n: Raw number of observations with a weight above NEGLIGIBLE_WEIGHT (a visit counted 12 times is 12).
        w: Sum of weights over observations.
        w2: Sum of squared weights over observations.
        promoters: Sum of weights over scores 9 and 10 (nps).
        detractors: Sum of weights over scores 0 to 6 (nps).
        satisfied: Sum of weights over scores 4 and 5 (csat).
        score: Weighted sum of scores.
        score_sq: Weighted sum of squared scores.
        first: Minute of the first cell, epoch seconds, whatever its weight; NEVER without cells.
    """

    n: int = 0
    w: float = 0.0
    w2: float = 0.0
    promoters: float = 0.0
    detractors: float = 0.0
    satisfied: float = 0.0
    score: float = 0.0
    score_sq: float = 0.0
    first: int = NEVER

    @property
    def n_eff(self) -> float:
        """Kish's effective sample size W^2/W2 (Kish 1965); 0 if all weights have vanished."""
        return self.w * self.w / self.w2 if self.w2 > 0 else 0.0


EMPTY: Final = Sums()
_FIELDS_OF: Final = attrgetter(*(field.name for field in fields(Sums)))  # the last of them is not added


def merge(parts: Iterable[Sums]) -> Sums:
    """The sums over the union of disjoint sets of cells.

    >>> merge([Sums(n=1, w=0.5, w2=0.25, first=60), Sums(n=2, w=2.0, w2=2.0, first=0)])
    Sums(n=3, w=2.5, w2=2.25, promoters=0.0, detractors=0.0, satisfied=0.0, score=0.0, score_sq=0.0, first=0)
    >>> merge([]) == EMPTY
    True
    """
    all_parts = tuple(parts)
    if len(all_parts) < 2:
        return all_parts[0] if all_parts else EMPTY
    *added, first = zip(*map(_FIELDS_OF, all_parts), strict=True)
    return Sums(*(*map(sum, added), min(first)))
