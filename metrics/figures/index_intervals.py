"""The interval of an index: a weighted mean of attainments, each with the interval of its figure.

The distances from the mean to the ends are recovered from those of the figures, at either side by itself, because
figures have unequal sides and attainment is clipped (MOVER: Zou and Donner 2008, Statistics in Medicine 27, 1693).
Errors of metrics that share no kind of event are taken as independent: their squares add up. Metrics that share one, as
conversions and conversion_rate do, may err together: their distances add up, which is the most that it can be.
"""

from collections.abc import Sequence
from math import hypot
from typing import NamedTuple

from metrics.catalogue import METRICS
from metrics.figures.intervals import Interval


class AttainedMetric(NamedTuple):
    """What a metric adds to an index.

    Attributes:
        metric: A name of the catalogue.
        weight: Of its target, > 0.
        value: Its attainment, 0..150.
        ci: What the interval of its figure becomes, 0..150; None where it has none.
        n_eff: Effective observations behind the figure.
    """

    metric: str
    weight: float
    value: float
    ci: Interval | None
    n_eff: float


def index_interval(parts: Sequence[AttainedMetric]) -> Interval | None:
    """The 95 % interval of an index; beyond 0..150 only by rounding.

    Args:
        parts: The metrics that it rests on.

    Returns:
        None without metrics, or where one of them has no interval: nothing is known then of its part.

    >>> index_interval([AttainedMetric("nps", 1, 80, (74, 86), 90), AttainedMetric("csat", 1, 100, (92, 108), 90)])
    (85.0, 95.0)
    >>> sales, rate = (AttainedMetric(name, 1, 80, (74, 86), 90) for name in ("conversions", "conversion_rate"))
    >>> index_interval([sales, rate])
    (74.0, 86.0)
    """
    weights = sum(part.weight for part in parts)
    if weights <= 0:
        return None
    below: list[float] = []
    above: list[float] = []
    for together in _that_share_events(parts):
        distances = [(part.value - part.ci[0], part.ci[1] - part.value) for part in together if part.ci is not None]
        if len(distances) < len(together):
            return None
        shares = [part.weight / weights for part in together]
        below.append(sum(share * low for share, (low, _) in zip(shares, distances, strict=True)))
        above.append(sum(share * high for share, (_, high) in zip(shares, distances, strict=True)))
    mean = sum(part.weight * part.value for part in parts) / weights
    return mean - hypot(*below), mean + hypot(*above)


def _that_share_events(parts: Sequence[AttainedMetric]) -> list[list[AttainedMetric]]:
    """Metrics put together with those that count the same kinds of event, and with theirs."""
    found: list[list[AttainedMetric]] = []
    for part in parts:
        kinds = set(METRICS[part.metric].kinds)
        shared = [one for one in found if any(kinds & set(METRICS[other.metric].kinds) for other in one)]
        found = [one for one in found if one not in shared] + [[part, *(other for one in shared for other in one)]]
    return found
