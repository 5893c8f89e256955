"""Which departments get better or worse: their indices against four weeks ago, and what of that is no noise.

Four weeks and not 30 days, because whole weeks have the rhythm of the week in common (metrics.drift.indices).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from metrics.catalogue import HORIZONS, Term
from metrics.drift.indices import IndexChange, index_change
from metrics.figures.balances import Moment
from metrics.figures.scorecards import TargetsByDepartment
from metrics.governance.evidence import holm
from metrics.registry import Horizons, Target

COMPARED_WITH: Final = timedelta(weeks=4)
"""How long before an instant the figures are that its own are compared with."""


@dataclass(frozen=True, slots=True)
class IndexMovement:
    """How an index of a department has changed.

    Attributes:
        department: Whose index.
        term: Which one.
        change: The change, over the metrics that are certain at both instants.
        is_beyond_noise: Whether it holds after Holm's correction for all changes that were looked at.
    """

    department: str
    term: Term
    change: IndexChange
    is_beyond_noise: bool


def movements(
    before: Moment, now: Moment, departments: Iterable[str], targets: Sequence[Target], horizons: Horizons
) -> list[IndexMovement]:
    """How the indices of departments have changed.

    Args:
        before: Figures COMPARED_WITH before.
        now: Figures of the instant.
        departments: Ids, or the company.
        targets: The registry's targets.
        horizons: The half-lives of the figures.

    Returns:
        In the order of the departments, the short term first; without those of which nothing can be told. Where no
        index has changed, any is said to have, beyond noise, with a probability of at most 0.05.
    """
    chosen = TargetsByDepartment(targets)
    changes = [
        (department, term, change)
        for department in departments
        for term in HORIZONS
        if (change := index_change(before, now, department, chosen.of(department), horizons, term)) is not None
    ]
    held = holm([2 * min(change.p(1), change.p(-1)) for _, _, change in changes])
    return [IndexMovement(*of, is_held) for of, is_held in zip(changes, held, strict=True)]
