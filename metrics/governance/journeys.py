"""Journeys as governance reads them: steps in order, the department of each, and whether there was a conversion.

Two folds make them small, and a store can do both: paths (equal journeys, counted) and transitions (in `handoffs`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a journey.

    Attributes:
        department: The department that owned it.
        at_s: Its instant, epoch seconds.
        satisfaction: The score on its own scale, 0 (worst) to 1 (best); None without one.
        shares: Its declared shares of the work by department, in sum 1; empty stands for the owner alone.
    """

    department: str
    at_s: int = 0
    satisfaction: float | None = None
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Journey:
    """One journey, or `weight` equal ones.

    Attributes:
        steps: In order of time, at least one; for a converted journey, those up to the conversion.
        converted: Whether it led to a conversion, a repeat purchase or a referral, whichever is in question.
        weight: The number of journeys that it represents, >= 1.
    """

    steps: tuple[Step, ...]
    converted: bool = False
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Path:
    """All journeys that went through the same departments in the same order.

    Attributes:
        departments: Without immediate repetitions, at least one.
        converted: The number of journeys that converted.
        lost: The number that did not.
    """

    departments: tuple[str, ...]
    converted: int = 0
    lost: int = 0


def paths(journeys: Iterable[Journey]) -> tuple[Path, ...]:
    """Journeys folded by the departments that they went through, in alphabetical order.

    >>> paths([Journey((Step("it"), Step("it"), Step("sales")), True), Journey((Step("it"), Step("sales")))])
    (Path(departments=('it', 'sales'), converted=1, lost=1),)
    """
    converted: Counter[tuple[str, ...]] = Counter()
    lost: Counter[tuple[str, ...]] = Counter()
    for journey in journeys:
        names = tuple(name for name, _ in groupby(step.department for step in journey.steps))
        (converted if journey.converted else lost)[names] += journey.weight
    return tuple(Path(names, converted[names], lost[names]) for names in sorted(converted.keys() | lost.keys()))
