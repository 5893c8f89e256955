"""Credit for conversions, distributed over the steps of a journey. Descriptive, not causal.

A rule gives each step of a converted journey a weight; the credits of one journey sum to 1, so those of all
departments sum to the conversions. `markov` and `shapley` compare journeys that converted with those that did not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from math import fsum
from typing import Final

from metrics.durations import WEEK_S
from metrics.governance.journeys import Journey, Step

TIME_DECAY_HALF_LIFE_S: Final = float(WEEK_S)
POSITION_ENDS: Final = 0.4
"""The share of the first and of the last step each; the steps between share the rest."""

Rule = Callable[[tuple[Step, ...]], list[float]]
"""The weights of the steps of a journey, >= 0, in sum above 0."""


def last(steps: tuple[Step, ...]) -> list[float]:
    """All to the last step.

    >>> last((Step("it"), Step("hr")))
    [0.0, 1.0]
    """
    return [0.0] * (len(steps) - 1) + [1.0]


def first(steps: tuple[Step, ...]) -> list[float]:
    """All to the first step.

    >>> first((Step("it"), Step("hr")))
    [1.0, 0.0]
    """
    return [1.0] + [0.0] * (len(steps) - 1)


def linear(steps: tuple[Step, ...]) -> list[float]:
    """Equal weights for all steps.

    >>> linear((Step("it"), Step("hr")))
    [0.5, 0.5]
    """
    return [1 / len(steps)] * len(steps)


def position(steps: tuple[Step, ...]) -> list[float]:
    """40 % each to the first and the last step, 20 % to those between; equal weights if there are only two.

    >>> position((Step("it"), Step("hr"), Step("pr"), Step("it")))
    [0.4, 0.1, 0.1, 0.4]
    """
    between = len(steps) - 2
    if between <= 0:
        return linear(steps)
    return [POSITION_ENDS, *[round(1 - 2 * POSITION_ENDS, 12) / between] * between, POSITION_ENDS]


def time_decay(steps: tuple[Step, ...], half_life_s: float = TIME_DECAY_HALF_LIFE_S) -> list[float]:
    """Exponential decay, 2^(-age/h), by the time before the last step.

    >>> time_decay((Step("it", 0), Step("hr", 7 * 86_400)))
    [0.5, 1.0]
    """
    end_s = steps[-1].at_s
    return [2 ** (-(end_s - step.at_s) / half_life_s) for step in steps]


RULES: Final[Mapping[str, Rule]] = {
    "last": last,
    "first": first,
    "linear": linear,
    "position": position,
    "time_decay": time_decay,
}


def credit_of(steps: tuple[Step, ...], rule: Rule, declared: bool = False) -> dict[str, float]:
    """The credit of one journey by department, in sum 1.

    Args:
        steps: At least one.
        rule: How much each step counts.
        declared: Whether the credit of a step goes to its owner and contributors by their declared shares; otherwise
            to the owner alone.

    >>> credit_of((Step("it"), Step("hr", shares={"hr": 0.5, "it": 0.5})), linear, declared=True)
    {'it': 0.75, 'hr': 0.25}
    """
    weights = rule(steps)
    whole = fsum(weights)
    credit: defaultdict[str, float] = defaultdict(float)
    for step, weight in zip(steps, weights, strict=True):
        parts = step.shares if declared and step.shares else {step.department: 1.0}
        for department, part in parts.items():
            credit[department] += weight / whole * part
    return dict(credit)


def credit(journeys: Iterable[Journey], rule: Rule, declared: bool = False) -> dict[str, float]:
    """The credit of all converted journeys by department, in conversions.

    >>> credit([Journey((Step("it"), Step("hr")), True, 4), Journey((Step("it"),))], linear)
    {'it': 2.0, 'hr': 2.0}
    """
    parts: defaultdict[str, list[float]] = defaultdict(list)
    for journey in journeys:
        if journey.converted:
            for department, part in credit_of(journey.steps, rule, declared).items():
                parts[department].append(part * journey.weight)
    return {department: fsum(shares) for department, shares in parts.items()}


def credit_of_event(owner: str, contributors: Mapping[str, float]) -> dict[str, float]:
    """An event split by declared shares, in sum 1: the company's figure is the credit-weighted sum over departments.

    >>> credit_of_event("it", {"hr": 0.25})
    {'it': 0.75, 'hr': 0.25}
    """
    return {owner: 1 - fsum(contributors.values()), **contributors}
