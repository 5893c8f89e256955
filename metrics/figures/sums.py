"""Exponentially decayed sums over cells: the mergeable value from which every figure is computed.

The weight of a cell of minute m at the instant T is 2^(-(T - m)/h), h the half-life; a cell of ten half-lives and more
does not count. Forward decay (Cormode, Shkapenyuk, Srivastava, Xu: ICDE 2009) makes such sums independent of the order
of events, and the sum over two sets of cells is the sum of their sums. Kish's effective sample size is not linear in
the cells: it is computed last, from sums that are, and from what customers add who gave several answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

NEVER: Final = 2**62
"""The first minute where there are no cells, epoch seconds: later than any real one, so that min() merges."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Decayed sums over the observations of one kind at one instant on one horizon.

    An event with a count c (a visit counted 12 times) is one observation of size c; of all others c is 1.

    Attributes:
        n: Sum of c within the window.
        w: Sum of w*c.
        w2: Sum of (w*c)^2.
        trials: Sum of w^2*c: as w2, if each of the c were an observation.
        sizes: Sum of w*c^2.
        promoters: Sum of weights over scores 9 and 10 (nps).
        detractors: Sum of weights over scores 0 to 6 (nps).
        satisfied: Sum of weights over scores 4 and 5 (csat).
        score: Weighted sum of scores.
        score_sq: Weighted sum of squared scores.
        first: Minute of the first cell, epoch seconds, whatever its age; NEVER without cells.
        last: Minute of the last cell likewise; -NEVER without cells.
    """

    n: int = 0
    w: float = 0.0
    w2: float = 0.0
    trials: float = 0.0
    sizes: float = 0.0
    promoters: float = 0.0
    detractors: float = 0.0
    satisfied: float = 0.0
    score: float = 0.0
    score_sq: float = 0.0
    first: int = NEVER
    last: int = -NEVER

    def n_eff(self, repeated: float = 0.0) -> float:
        """Kish's effective sample size W^2/W2 (Kish 1965); 0 without weight.

        Args:
            repeated: What customers add to W2 who are in several observations: the square of the sum of each one's
                weights, less the sum of their squares.
        """
        return self.w * self.w / (self.w2 + repeated) if self.w2 > 0 else 0.0

    def decayed(self, factor: float) -> "Sums":
        """The same where all weights have decayed by a factor, and nothing has left the window.

        >>> Sums(n=2, w=2.0, w2=2.0, first=0, last=60).decayed(0.5)  # doctest: +ELLIPSIS
        Sums(n=2, w=1.0, w2=0.5, ...)
        """
        square = factor * factor
        return Sums(
            self.n, self.w * factor, self.w2 * square, self.trials * square, self.sizes * factor,
            self.promoters * factor, self.detractors * factor, self.satisfied * factor, self.score * factor,
            self.score_sq * factor, self.first, self.last,
        )  # fmt: skip


EMPTY: Final = Sums()
_FIELDS_OF: Final = attrgetter(*(field.name for field in fields(Sums)))  # the last two of them are not added


def merge(parts: Iterable[Sums]) -> Sums:
    """The sums over the union of disjoint sets of cells.

    >>> both = merge([Sums(n=1, w=0.5, w2=0.25, first=60, last=60), Sums(n=2, w=2.0, w2=2.0, first=0, last=0)])
    >>> both.n, both.w, both.w2, both.first, both.last
    (3, 2.5, 2.25, 0, 60)
    >>> merge([]) == EMPTY
    True
    """
    all_parts = tuple(parts)
    if len(all_parts) < 2:
        return all_parts[0] if all_parts else EMPTY
    *added, first, last = zip(*map(_FIELDS_OF, all_parts), strict=True)
    return Sums(*(*map(sum, added), min(first), max(last)))
