"""Journeys as governance reads them: steps in order, the department of each, and whether it came to a conversion.

Two folds make them small, and a store can do both: paths (journeys alike, counted) and transitions (in `handoffs`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a journey.

    Attributes:
        department: Who owned it.
        at_s: When, epoch seconds.
        satisfaction: The score on its own scale, 0 (worst) to 1 (best); None without one.
        shares: The work of it as declared, by department, in sum 1; empty stands for the owner alone.
    """

    department: str
    at_s: int = 0
    satisfaction: float | None = None
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Journey:
    """One journey, or `weight` of them alike.

    Attributes:
        steps: In order of time, at least one; of a converted journey those up to the conversion.
        converted: Whether it came to a conversion, a repeat purchase or a referral, whichever is asked about.
        weight: How many journeys it stands for, >= 1.
    """

    steps: tuple[Step, ...]
    converted: bool = False
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Path:
    """All journeys that went through the same departments in the same order.

    Attributes:
        departments: Without immediate repetitions, at least one.
        converted: How many of them converted.
        lost: How many did not.
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
