"""Hand-offs as figures of the assessment: of the company, of each department, and of pairs of departments."""

from collections import Counter
from collections.abc import Iterator, Sequence

from metrics.governance.counted import Counted, GovernanceFigure
from metrics.governance.estimates import mean, share
from metrics.governance.handoffs import (
    across_against_inside,
    cross_share,
    ei_index,
    ei_indices,
    hand_offs_by_pair,
    like_with_like,
)
from metrics.governance.transitions import Transition


def hand_off_figures(counted: Counted, frequent: Sequence[Transition]) -> Iterator[GovernanceFigure]:
    """How often journeys change hands and how customers fare there: of all steps, by pair of the frequent ones."""
    transitions = counted.transitions
    yield GovernanceFigure("hand_off_share", "", cross_share(transitions))
    yield GovernanceFigure("departments_per_journey", "", mean(counted.departments))
    yield GovernanceFigure("hand_offs_per_journey", "", mean(counted.changes))
    yield GovernanceFigure("ei_index", "", ei_index(transitions))
    yield GovernanceFigure("hand_off_satisfaction_gap", "", across_against_inside(transitions))
    for name, index in ei_indices(transitions).items():
        yield GovernanceFigure("ei_index", name, index)
    for pair in hand_offs_by_pair(frequent):
        yield GovernanceFigure("hand_off_satisfaction_gap", f"{pair.giver} > {pair.taker}", pair.gap)
    for pair in like_with_like(frequent):
        yield GovernanceFigure("hand_off_like_gap", f"{pair.giver} > {pair.taker}", pair.gap)


def transition_figures(transitions: Sequence[Transition], frequent: Sequence[Transition]) -> Iterator[GovernanceFigure]:
    """The share of all steps that each of the frequent pairs has."""
    steps: Counter[str] = Counter()
    for transition in frequent:
        steps[f"{transition.giver} > {transition.taker}"] += transition.n
    whole = sum(transition.n for transition in transitions)
    for pair, n in sorted(steps.items()):
        yield GovernanceFigure("transitions", pair, share(n, whole))
