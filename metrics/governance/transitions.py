"""Transitions: two consecutive steps of journeys, counted by their departments, as a store counts them.

Plain data, without what computes with them in `handoffs`: whoever counts need not load numpy.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from metrics.governance.estimates import NO_MOMENTS, Moments, moments
from metrics.governance.journeys import Journey


class CustomerAnswers(NamedTuple):
    """The answers of one customer: a number for who it is, how many, and their sum."""

    customer: int
    n: int
    total: float


@dataclass(frozen=True, slots=True)
class Transition:
    """All transitions from one department to another, or inside one.

    Attributes:
        giver: Department of the step before.
        taker: Department of the step after.
        n: The number of transitions.
        after: Sums over the satisfaction, 0..1, of the steps after that have a score.
        asked: A number for the question asked after them, and where: the same for the same question.
        by_customer: The same answers by customer; empty where each is of another customer.
    """

    giver: str
    taker: str
    n: int
    after: Moments = NO_MOMENTS
    asked: int = 0
    by_customer: tuple[CustomerAnswers, ...] = ()

    @property
    def crosses(self) -> bool:
        """Whether it is a hand-off."""
        return self.giver != self.taker


def transitions(journeys: Iterable[Journey]) -> tuple[Transition, ...]:
    """The transitions of journeys, by giver and taker in alphabetical order.

    >>> from metrics.governance.journeys import Step
    >>> transitions([Journey((Step("it"), Step("sales", satisfaction=1.0)))])
    (Transition(giver='it', taker='sales', n=1, after=Moments(n=1, total=1.0, squares=1.0), asked=0, by_customer=()),)
    """
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    scores: defaultdict[tuple[str, str], Moments] = defaultdict(Moments)
    for journey in journeys:
        for before, after in pairwise(journey.steps):
            pair, times = (before.department, after.department), journey.weight
            counts[pair] += times
            if after.satisfaction is not None:
                score = moments([after.satisfaction])
                scores[pair] += Moments(times, times * score.total, times * score.squares)
    return tuple(Transition(*pair, n, scores[pair]) for pair, n in sorted(counts.items()))
