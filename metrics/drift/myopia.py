"""Myopia: a short-term index that rises while the long-term one falls, both beyond their noise.

The alert and the report ask the same function, so at one instant they say the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from metrics.catalogue import HORIZONS
from metrics.drift.indices import IndexChange, index_change
from metrics.figures.balances import Moment
from metrics.figures.scorecards import TargetsByDepartment
from metrics.registry import Horizons, Target

LONG_AGO: Final = timedelta(weeks=8)
"""What is compared with: the long-term index moves slowly. Whole weeks, so that the rhythm of the week cancels."""
FALSE_NAMES: Final = 0.05
"""The probability, at most, that any department is called myopic whose index of one term has not changed."""


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """How both indices of a department have changed.

    Attributes:
        short: The short-term one.
        long: The long-term one.
    """

    short: IndexChange
    long: IndexChange

    @property
    def p(self) -> float:
        """How likely chance alone makes at least one of both, the rise or the fall, 0..1 (Berger 1982)."""
        return max(self.short.p(1), self.long.p(-1))


def myopic(
    before: Moment, now: Moment, departments: Iterable[str], targets: Sequence[Target], horizons: Horizons
) -> dict[str, IndexChanges]:
    """The departments whose short-term index rises while the long-term one falls, both beyond their noise.

    Args:
        before: Figures LONG_AGO before.
        now: Figures of the instant.
        departments: The departments' ids.
        targets: The registry's targets.
        horizons: The half-lives of the figures.

    Returns:
        By department, in their order. FALSE_NAMES is divided by the number of those that can be compared (Bonferroni).
    """
    compared: dict[str, IndexChanges] = {}
    chosen = TargetsByDepartment(targets)
    for department in departments:
        own = chosen.of(department)
        short, long = (index_change(before, now, department, own, horizons, term) for term in HORIZONS)
        if short is not None and long is not None:
            compared[department] = IndexChanges(short, long)
    return {department: of for department, of in compared.items() if of.p <= FALSE_NAMES / len(compared)}
