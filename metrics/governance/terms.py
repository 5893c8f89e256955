"""Short against long: the weight that a company gives to the long term, as declared and as lived.

And what it takes for success against what customers say success is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from metrics.catalogue import METRICS
from metrics.drift.data_quality import share_rose
from metrics.governance.estimates import NO_ESTIMATE, Estimate, median

_COUNTED: Final = ("cases", "alerts")


@dataclass(frozen=True, slots=True)
class Attention:
    """What went to metrics or touchpoints of either term in a period, in one unit: cases, money, alerts.

    Attributes:
        short: To the short term, >= 0.
        long: To the long term, >= 0.
    """

    short: float
    long: float


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of the long term, 0..1, thrice.

    Attributes:
        declared: As the targets' weights say; None without targets.
        lived: As attention says; None without any.
        gap: Lived less declared, -1..1: below 0, the company lives shorter than it says.
    """

    declared: float | None
    lived: float | None
    gap: float | None


def declared_weight(targets: Iterable[tuple[str, float]]) -> float | None:
    """The weight of long-term metrics in all weights.

    Args:
        targets: Metric and weight of each, >= 0.

    >>> declared_weight([("nps", 3), ("traffic", 1)])
    0.75
    """
    kept = tuple(targets)
    of = sum(weight for _, weight in kept)
    return sum(weight for metric, weight in kept if METRICS[metric].term == "long") / of if of > 0 else None


def lived_weight(attention: Mapping[str, Attention]) -> float | None:
    """The weight of the long term in attention: the mean over its kinds, for cases and money do not add up.

    >>> lived_weight({"cases": Attention(1, 3), "spend": Attention(900, 100), "alerts": Attention(0, 0)})
    0.425
    """
    weights = [
        counts.long / (counts.short + counts.long) for counts in attention.values() if counts.short + counts.long > 0
    ]
    return sum(weights) / len(weights) if weights else None


def weights(targets: Iterable[tuple[str, float]], attention: Mapping[str, Attention]) -> Weights:
    """The weight of the long term as declared and as lived.

    >>> weights([("nps", 1), ("traffic", 1)], {"cases": Attention(3, 1)})
    Weights(declared=0.5, lived=0.25, gap=-0.25)
    """
    declared, lived = declared_weight(targets), lived_weight(attention)
    return Weights(declared, lived, None if declared is None or lived is None else lived - declared)


@dataclass(frozen=True, slots=True)
class ExpectationGap:
    """What the company aims at beside what customers call success, of one metric and in its unit.

    Attributes:
        metric: Which one.
        internal: The company's own target.
        declared: The customers' target as the registry has it; None where it has none.
        learnt: The median of what customers answered.
        gap: The company's target less that median: below 0, customers expect more.
    """

    metric: str
    internal: float
    declared: float | None
    learnt: Estimate
    gap: Estimate


def expectation_gap(
    metric: str, internal: float, declared: float | None, answers: Mapping[float, int]
) -> ExpectationGap:
    """The expectation gap of one metric; `answers` counts each value that customers named.

    >>> found = expectation_gap("csat", 80, 90, {95.0: 60, 85.0: 40})
    >>> found.learnt.value, found.gap.value, found.gap.ci
    (95.0, -15.0, (-15.0, -5.0))
    """
    learnt = median(answers)
    if learnt.value is None:
        return ExpectationGap(metric, internal, declared, learnt, NO_ESTIMATE)
    ci = None if learnt.ci is None else (internal - learnt.ci[1], internal - learnt.ci[0])
    return ExpectationGap(
        metric, internal, declared, learnt, Estimate(internal - learnt.value, ci, learnt.n, learnt.n_eff)
    )


def weight_fell(earlier: Mapping[str, Attention], later: Mapping[str, Attention]) -> bool:
    """Whether attention that is counted, in cases or alerts, has turned from the long term; money comes in lumps.

    Stricter than an interval of 95 %, which answers once: this is asked again and again, every few minutes.

    >>> weight_fell({"cases": Attention(40, 160)}, {"cases": Attention(110, 90)})
    True
    >>> weight_fell({"cases": Attention(40, 60)}, {"cases": Attention(55, 45)})
    False
    """
    return any(
        share_rose(before.short + before.long, before.short, after.short + after.long, after.short)
        for before, after in ((earlier[kind], later[kind]) for kind in _COUNTED if kind in earlier and kind in later)
    )
