"""Short against long: the weight that a company gives to the long term, as declared and as lived.

Also its idea of success compared with its customers'.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from metrics.catalogue import METRICS
from metrics.drift.data_quality import share_rose
from metrics.figures.sample_sizes import is_too_few
from metrics.governance.estimates import NO_ESTIMATE, Estimate, median

_COUNTED: Final = ("cases", "alerts")


@dataclass(frozen=True, slots=True)
class Attention:
    """The attention to metrics or touchpoints of each term in a period, in one unit: cases, money, alerts.

    Attributes:
        short: Attention to the short term, >= 0.
        long: Attention to the long term, >= 0.
        n: The number of observations behind it: cases, postings, alerts.
    """

    short: float
    long: float
    n: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of the long term, 0..1.

    Attributes:
        declared: According to the weights of the targets; None without targets.
        lived: According to attention; None without any.
        gap: Lived minus declared, -1..1: below 0, the company gives the long term less than it declares.
    """

    declared: float | None
    lived: float | None
    gap: float | None


def declared_weight(targets: Iterable[tuple[str, float]]) -> float | None:
    """The share of long-term metrics in all weights, 0..1; None without weights.

    Args:
        targets: Metric and weight, >= 0, of each target.

    >>> declared_weight([("nps", 3), ("traffic", 1)])
    0.75
    """
    kept = tuple(targets)
    of = sum(weight for _, weight in kept)
    return sum(weight for metric, weight in kept if METRICS[metric].term == "long") / of if of > 0 else None


def lived_weight(attention: Mapping[str, Attention]) -> float | None:
    """The share of the long term in attention, 0..1: the mean over its kinds, because cases and money do not add up.

    >>> lived_weight({"cases": Attention(1, 3), "spend": Attention(900, 100), "alerts": Attention(0, 0)})
    0.425
    """
    weights = [
        counts.long / (counts.short + counts.long) for counts in attention.values() if counts.short + counts.long > 0
    ]
    return sum(weights) / len(weights) if weights else None


def lived_estimate(attention: Mapping[str, Attention]) -> Estimate:
    """The lived weight with the number of observations behind it; no value on fewer than five effective ones.

    The mean of k shares is worth k^2 / (1/n1 + ... + 1/nk) observations: one alert beside a hundred cases is still half
    of the figure.

    >>> lived_estimate({"cases": Attention(40, 40, 80), "alerts": Attention(1, 0, 1)})
    Estimate(value=None, ci=None, n=81, n_eff=3.9506172839506175)
    """
    counts = [counted for counted in attention.values() if counted.short + counted.long > 0]
    if not counts or not all(counted.n for counted in counts):
        return NO_ESTIMATE
    n_eff = len(counts) ** 2 / sum(1 / counted.n for counted in counts)
    value = None if is_too_few(n_eff) else lived_weight(attention)
    return Estimate(value, None, sum(counted.n for counted in counts), n_eff)


def weights(targets: Iterable[tuple[str, float]], attention: Mapping[str, Attention]) -> Weights:
    """The weight of the long term as declared and as lived.

    >>> weights([("nps", 1), ("traffic", 1)], {"cases": Attention(3, 1)})
    Weights(declared=0.5, lived=0.25, gap=-0.25)
    """
    declared, lived = declared_weight(targets), lived_weight(attention)
    return Weights(declared, lived, None if declared is None or lived is None else lived - declared)


@dataclass(frozen=True, slots=True)
class ExpectationGap:
    """The company's target compared with the customers' idea of success, for one metric and in its unit.

    Attributes:
        metric: The metric's name.
        internal: The company's own target.
        declared: The customers' target in the registry; None if there is none.
        learnt: The median of the customers' answers.
        gap: The company's target minus that median: below 0, customers expect more.
    """

    metric: str
    internal: float
    declared: float | None
    learnt: Estimate
    gap: Estimate


def expectation_gap(
    metric: str, internal: float, declared: float | None, answers: Mapping[float, int]
) -> ExpectationGap:
    """The expectation gap of one metric; `answers` is the number of customers by the value that they named.

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
    """Whether attention in cases or alerts has turned away from the long term; money is left out, as it comes in lumps.

    Stricter than a 95 % interval, which is for one test: this test is repeated every few minutes.

    >>> weight_fell({"cases": Attention(40, 160)}, {"cases": Attention(110, 90)})
    True
    >>> weight_fell({"cases": Attention(40, 60)}, {"cases": Attention(55, 45)})
    False
    """
    return any(
        share_rose(before.short + before.long, before.short, after.short + after.long, after.short)
        for before, after in ((earlier[kind], later[kind]) for kind in _COUNTED if kind in earlier and kind in later)
    )
