"""Hand-offs: where a journey passes from one department to another, and how customers fare there.

A transition is two consecutive steps of a journey. All figures come from transitions counted by their two
departments, so that a store can count them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, sqrt

from metrics.governance.estimates import (
    NO_ESTIMATE,
    NO_MOMENTS,
    Estimate,
    Moments,
    difference,
    mean,
    moments,
    share,
    student,
)
from metrics.governance.journeys import Journey


@dataclass(frozen=True, slots=True)
class Transition:
    """All transitions from one department to another, or inside one.

    Attributes:
        giver: Department of the step before.
        taker: Department of the step after.
        n: The number of transitions.
        after: Sums over the satisfaction, 0..1, of the steps after that have a score.
        asked: A number for the question asked after them, and where: the same for the same question.
    """

    giver: str
    taker: str
    n: int
    after: Moments = NO_MOMENTS
    asked: int = 0

    @property
    def crosses(self) -> bool:
        """Whether it is a hand-off."""
        return self.giver != self.taker


@dataclass(frozen=True, slots=True)
class HandOff:
    """One pair of departments, in one direction.

    Attributes:
        giver: Department of the step before.
        taker: Department of the step after.
        n: The number of hand-offs.
        satisfaction: Mean satisfaction after them, 0..1.
        gap: That minus the satisfaction after transitions inside the taker, -1..1: below 0, hand-offs are worse.
    """

    giver: str
    taker: str
    n: int
    satisfaction: Estimate
    gap: Estimate

    @property
    def is_bad(self) -> bool:
        """Whether satisfaction is lower after it, beyond chance and on enough answers: no blame without evidence."""
        return self.gap.differs and self.gap.value is not None and self.gap.value < 0


def transitions(journeys: Iterable[Journey]) -> tuple[Transition, ...]:
    """The transitions of journeys, by giver and taker in alphabetical order.

    >>> from metrics.governance.journeys import Step
    >>> transitions([Journey((Step("it"), Step("sales", satisfaction=1.0)))])
    (Transition(giver='it', taker='sales', n=1, after=Moments(n=1, total=1.0, squares=1.0), asked=0),)
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


def cross_share(transitions: Iterable[Transition]) -> Estimate:
    """The share of transitions between departments, 0..1.

    >>> cross_share([Transition("it", "it", 3), Transition("it", "hr", 1)]).value
    0.25
    """
    kept = tuple(transitions)
    return share(
        sum(transition.n for transition in kept if transition.crosses), sum(transition.n for transition in kept)
    )


def ei_index(transitions: Iterable[Transition], department: str | None = None) -> Estimate:
    """The external-internal index (Krackhardt, Stern 1988): (E - I)/(E + I), -1 (all inside) to 1 (all across).

    Args:
        transitions: Those of the journeys.
        department: Only those from or to this one; None is the company.

    >>> ei_index([Transition("it", "it", 3), Transition("it", "hr", 1)]).value
    -0.5
    """
    about = (transition for transition in transitions if department in (None, transition.giver, transition.taker))
    crossing = cross_share(about)
    if crossing.value is None or crossing.ci is None:
        return NO_ESTIMATE
    low, high = crossing.ci
    return Estimate(2 * crossing.value - 1, (2 * low - 1, 2 * high - 1), crossing.n, crossing.n_eff)


def hand_offs_by_pair(transitions: Iterable[Transition]) -> tuple[HandOff, ...]:
    """Every pair of departments with hand-offs; the one that costs most satisfaction first, unknown ones last.

    >>> inside = Transition("hr", "hr", 90, Moments(90, 81.0, 73.8))
    >>> [worst] = hand_offs_by_pair([inside, Transition("it", "hr", 60, Moments(60, 30.0, 15.9))])
    >>> worst.giver, worst.taker, round(worst.gap.value, 12), worst.is_bad
    ('it', 'hr', -0.4, True)
    """
    kept = tuple(transitions)
    inside: defaultdict[str, Moments] = defaultdict(Moments)
    across: defaultdict[tuple[str, str], tuple[int, Moments]] = defaultdict(lambda: (0, Moments()))
    for transition in kept:
        if transition.crosses:
            n, scores = across[transition.giver, transition.taker]
            across[transition.giver, transition.taker] = n + transition.n, scores + transition.after
        else:
            inside[transition.taker] += transition.after
    pairs = [HandOff(*pair, n, mean(after), difference(after, inside[pair[1]])) for pair, (n, after) in across.items()]
    return tuple(sorted(pairs, key=lambda pair: (pair.gap.value is None, pair.gap.value or 0, pair.giver, pair.taker)))


def like_with_like(transitions: Iterable[Transition]) -> tuple[HandOff, ...]:
    """The same pairs, satisfaction compared only between steps at the same touchpoint that were asked the same.

    A hand-off leads to other touchpoints than a step inside a department does, and some touchpoints are liked less
    whoever comes from where: that must not look like a bad hand-off. The gap is the mean over what was asked, weighted
    by n_a * n_b / (n_a + n_b) of answers across and inside, as Mantel and Haenszel (1959) do; satisfaction is None.

    >>> inside = [Transition("hr", "hr", 90, Moments(90, 81.0, 73.8), 1), Transition("hr", "hr", 9, Moments(9), 2)]
    >>> [pair] = like_with_like([*inside, Transition("it", "hr", 60, Moments(60, 30.0, 15.9), 1)])
    >>> round(pair.gap.value, 12), pair.is_bad
    (-0.4, True)
    """
    inside: defaultdict[tuple[str, int], Moments] = defaultdict(Moments)
    across: defaultdict[tuple[str, str], defaultdict[int, Moments]] = defaultdict(lambda: defaultdict(Moments))
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for transition in transitions:
        if transition.crosses:
            counts[transition.giver, transition.taker] += transition.n
            across[transition.giver, transition.taker][transition.asked] += transition.after
        else:
            inside[transition.taker, transition.asked] += transition.after
    pairs = [
        HandOff(
            *pair,
            counts[pair],
            NO_ESTIMATE,
            _stratified([(after, inside[pair[1], of]) for of, after in by_question.items()]),
        )
        for pair, by_question in across.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.gap.value is None, pair.gap.value or 0, pair.giver, pair.taker)))


def _stratified(strata: Iterable[tuple[Moments, Moments]]) -> Estimate:
    kept = [(across, inside) for across, inside in strata if across.n > 1 and inside.n > 1]
    n = (sum(across.n for across, _ in kept), sum(inside.n for _, inside in kept))
    if not kept:
        return NO_ESTIMATE
    weights = [across.n * inside.n / (across.n + inside.n) for across, inside in kept]
    whole = fsum(weights)
    value = fsum(w * (across.mean - inside.mean) for w, (across, inside) in zip(weights, kept, strict=True)) / whole
    squares = (w * w * (a.variance / a.n + b.variance / b.n) for w, (a, b) in zip(weights, kept, strict=True))
    half = student(max(1, min(n) - len(kept))) * sqrt(fsum(squares)) / whole
    return Estimate(value, (value - half, value + half), sum(n), float(min(n)))


def across_against_inside(transitions: Iterable[Transition]) -> Estimate:
    """Satisfaction after hand-offs minus that after transitions inside a department, -1..1.

    >>> across_against_inside([Transition("it", "it", 2, moments([1, 1])), Transition("it", "hr", 2, moments([0, 0]))])
    Estimate(value=-1.0, ci=(-1.0, -1.0), n=4, n_eff=2.0)
    """
    across, inside = Moments(), Moments()
    for transition in transitions:
        if transition.crosses:
            across += transition.after
        else:
            inside += transition.after
    return difference(across, inside)


@dataclass(frozen=True, slots=True)
class Fragmentation:
    """How many departments a journey goes through.

    Attributes:
        departments: Mean number of different departments of a journey, >= 1.
        changes: Mean number of hand-offs of a journey, >= 0.
    """

    departments: Estimate
    changes: Estimate


def fragmentation(journeys: Collection[Journey]) -> Fragmentation:
    """How fragmented journeys are.

    >>> from metrics.governance.journeys import Step
    >>> found = fragmentation([Journey((Step("it"), Step("hr"), Step("it")))])
    >>> found.departments.value, found.changes.value
    (2.0, 2.0)
    """
    names, changes = Moments(), Moments()
    for journey in journeys:
        owners = [step.department for step in journey.steps]
        names += _times(len(set(owners)), journey.weight)
        changes += _times(sum(a != b for a, b in pairwise(owners)), journey.weight)
    return Fragmentation(mean(names), mean(changes))


def _times(value: int, n: int) -> Moments:
    return Moments(n, n * value, n * value * value)
