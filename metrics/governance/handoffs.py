"""Hand-offs: where a journey passes from one department to another, and how customers fare there.

A transition is two consecutive steps of a journey. All figures come from transitions counted by their two
departments, so that a store can count them. Steps of one customer are alike, whatever the departments do: in every
interval of satisfaction a customer is one observation.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from metrics.governance.compared import gaps_by_giver
from metrics.governance.customers import Sample, difference_of_customers, pooled
from metrics.governance.estimates import NO_ESTIMATE, Estimate, Moments, mean, share
from metrics.governance.journeys import Journey
from metrics.governance.transitions import Transition

MOST_PAIRS: Final = 10_000
"""Those of most hand-offs have figures: all pairs of a hundred departments. Of the others there are few answers."""


@dataclass(frozen=True, slots=True)
class HandOff:
    """One pair of departments, in one direction.

    Attributes:
        giver: Department of the step before.
        taker: Department of the step after.
        n: The number of hand-offs.
        gap: Satisfaction after them minus that after transitions inside the taker, -1..1: below 0, hand-offs are worse.
    """

    giver: str
    taker: str
    n: int
    gap: Estimate

    @property
    def is_bad(self) -> bool:
        """Whether satisfaction is lower after it, beyond chance and on enough answers: no blame without evidence."""
        return self.gap.differs and self.gap.value is not None and self.gap.value < 0


def cross_share(transitions: Iterable[Transition]) -> Estimate:
    """The share of transitions between departments, 0..1.

    >>> cross_share([Transition("it", "it", 3), Transition("it", "hr", 1)]).value
    0.25
    """
    kept = tuple(transitions)
    return share(
        sum(transition.n for transition in kept if transition.crosses), sum(transition.n for transition in kept)
    )


def ei_index(transitions: Iterable[Transition]) -> Estimate:
    """The external-internal index (Krackhardt, Stern 1988): (E - I)/(E + I), -1 (all inside) to 1 (all across).

    >>> ei_index([Transition("it", "it", 3), Transition("it", "hr", 1)]).value
    -0.5
    """
    return _ei_index(cross_share(transitions))


def ei_indices(transitions: Iterable[Transition]) -> dict[str, Estimate]:
    """The same by department, in alphabetical order: of the transitions from or to it.

    >>> found = ei_indices([Transition("it", "it", 3), Transition("it", "hr", 1)])
    >>> {name: index.value for name, index in found.items()}
    {'hr': 1.0, 'it': -0.5}
    """
    across, inside = Counter[str](), Counter[str]()
    for transition in transitions:
        if transition.crosses:
            across[transition.giver] += transition.n
            across[transition.taker] += transition.n
        else:
            inside[transition.taker] += transition.n
    names = sorted({*across, *inside})
    return {name: _ei_index(share(across[name], across[name] + inside[name])) for name in names}


def _ei_index(crossing: Estimate) -> Estimate:
    if crossing.value is None or crossing.ci is None:
        return NO_ESTIMATE
    low, high = crossing.ci
    return Estimate(2 * crossing.value - 1, (2 * low - 1, 2 * high - 1), crossing.n, crossing.n_eff)


def most_frequent(transitions: Iterable[Transition], most: int = MOST_PAIRS) -> tuple[Transition, ...]:
    """The transitions of the pairs of departments with most hand-offs, and all inside departments.

    >>> [item.giver for item in most_frequent([Transition("it", "hr", 3), Transition("pr", "hr", 9)], 1)]
    ['pr']
    """
    kept, n = tuple(transitions), Counter[tuple[str, str]]()
    for item in kept:
        if item.crosses:
            n[item.giver, item.taker] += item.n
    if len(n) <= most:
        return kept
    pairs = set(sorted(n, key=lambda pair: (-n[pair], pair))[:most])
    return tuple(item for item in kept if not item.crosses or (item.giver, item.taker) in pairs)


def hand_offs_by_pair(transitions: Iterable[Transition]) -> tuple[HandOff, ...]:
    """Every pair of departments with hand-offs; the one that costs most satisfaction first, unknown ones last.

    >>> inside = Transition("hr", "hr", 90, Moments(90, 81.0, 73.8))
    >>> [worst] = hand_offs_by_pair([inside, Transition("it", "hr", 60, Moments(60, 30.0, 15.9))])
    >>> worst.giver, worst.taker, round(worst.gap.value, 12), worst.is_bad
    ('it', 'hr', -0.4, True)
    """
    return _pairs(transitions, alike=False)


def like_with_like(transitions: Iterable[Transition]) -> tuple[HandOff, ...]:
    """The same pairs, satisfaction compared only between steps at the same touchpoint that were asked the same.

    A hand-off leads to other touchpoints than a step inside a department does, and some touchpoints are liked less
    whoever comes from where: that must not look like a bad hand-off. The gap is the mean over what was asked, weighted
    by n_a * n_b / (n_a + n_b) of answers across and inside, as Mantel and Haenszel (1959) do.

    >>> inside = [Transition("hr", "hr", 90, Moments(90, 81.0, 73.8), 1), Transition("hr", "hr", 9, Moments(9), 2)]
    >>> [pair] = like_with_like([*inside, Transition("it", "hr", 60, Moments(60, 30.0, 15.9), 1)])
    >>> round(pair.gap.value, 12), pair.is_bad
    (-0.4, True)
    """
    return _pairs(transitions, alike=True)


def _pairs(transitions: Iterable[Transition], *, alike: bool) -> tuple[HandOff, ...]:
    by_taker: defaultdict[str, list[Transition]] = defaultdict(list)
    for transition in transitions:
        by_taker[transition.taker].append(transition)
    pairs = []
    for taker, to_taker in by_taker.items():
        counts = Counter[str]()
        for transition in to_taker:
            counts[transition.giver] += transition.n
        pairs += [
            HandOff(giver, taker, counts[giver], gap) for giver, gap in gaps_by_giver(to_taker, alike=alike).items()
        ]
    return tuple(sorted(pairs, key=lambda pair: (pair.gap.value is None, pair.gap.value or 0, pair.giver, pair.taker)))


def across_against_inside(transitions: Iterable[Transition]) -> Estimate:
    """Satisfaction after hand-offs minus that after transitions inside a department, -1..1.

    Without an interval where a side has one customer, without a value where it has none.

    >>> happy, unhappy = Moments(2, 2.0, 2.0), Moments(2, 0.0, 0.0)
    >>> across_against_inside([Transition("it", "it", 2, happy), Transition("it", "hr", 2, unhappy)])
    Estimate(value=-1.0, ci=(-1.0, -1.0), n=4, n_eff=2.0)
    """
    kept = tuple(transitions)
    across, inside = (_sample(item for item in kept if item.crosses is crossing) for crossing in (True, False))
    n = across.whole.n + inside.whole.n
    if not across.size or not inside.size:
        return Estimate(None, None, n, 0.0)
    if min(across.size, inside.size) < 2:
        return Estimate(across.whole.mean - inside.whole.mean, None, n, float(min(across.size, inside.size)))
    return difference_of_customers([(across, inside)])


def _sample(transitions: Iterable[Transition]) -> Sample:
    return pooled((transition.after, transition.by_customer) for transition in transitions)


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
