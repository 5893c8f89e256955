"""One metric's value and interval from decayed sums: the formulas, each with its rule of suppression."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log
from typing import Final

from metrics.catalogue import Metric, Shape
from metrics.durations import DAY_S, MINUTE_S
from metrics.figures import intervals
from metrics.figures.intervals import Interval
from metrics.figures.sums import EMPTY, Sums, merge

MIN_N_EFF: Final = 5.0
"""A ratio or mean of a smaller effective sample size is not shown."""

TOO_FEW: Final = "n_eff<5"
NO_DENOMINATOR: Final = "no_denominator"

ROUNDING: Final = 1e-9
"""Relative rounding error of sums of weights: five answers of one minute must not count as 4.9999999999."""

KindSums = Mapping[str, Sums]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its interval and sample size.

    Attributes:
        value: In the metric's unit; None if suppressed.
        ci: 95 % interval in the metric's unit; None if suppressed or not defined.
        n: Raw number of observations with a weight above 2^-10; for a ratio, those of its denominator.
        n_eff: Effective number of observations.
        suppressed: The reason why the value is not shown; "" if it is shown.
    """

    value: float | None
    ci: Interval | None
    n: int
    n_eff: float
    suppressed: str = ""


def figure(metric: Metric, kinds: KindSums, at_s: float, half_life_s: float) -> Figure | None:
    """A metric's figure from the sums of its kinds.

    Args:
        metric: An entry of the catalogue.
        kinds: Decayed sums by kind at the instant `at_s`; kinds that never occurred are absent.
        at_s: The instant, epoch seconds.
        half_life_s: The horizon, seconds.

    Returns:
        None if the metric has no observations at all: such a figure is not a row.
    """
    if not any(kind in kinds for kind in metric.kinds):
        return None
    if metric.shape is Shape.VOLUME:
        return _volume(kinds[metric.kinds[0]], at_s, half_life_s)
    base = _denominator(metric, kinds)
    if base.w <= 0:
        return Figure(None, None, base.n, base.n_eff, NO_DENOMINATOR)
    if base.n_eff < MIN_N_EFF * (1 - ROUNDING):
        return Figure(None, None, base.n, base.n_eff, TOO_FEW)
    value, ci = _RATIOS[metric.shape](metric, base, kinds)
    return Figure(value, ci, base.n, base.n_eff)


def _denominator(metric: Metric, kinds: KindSums) -> Sums:
    if metric.shape is Shape.SHARE_OF_KINDS:
        return merge(kinds.get(kind, EMPTY) for kind in metric.kinds)
    return kinds.get(metric.kinds[-1], EMPTY)


def _volume(sums: Sums, at_s: float, half_life_s: float) -> Figure:
    # An exponential window that has been filling for only A seconds holds 1 - 2^(-A/h) of its weight: dividing by
    # that share corrects the warm-up.
    age_s = max(MINUTE_S, at_s - sums.first)
    value = sums.w * (log(2) / (half_life_s / DAY_S)) / (1 - 2.0 ** (-age_s / half_life_s))
    ci = intervals.rate(value, sums.n_eff) if sums.n_eff > 0 else None
    return Figure(value, ci, sums.n, sums.n_eff)


def _nps(metric: Metric, base: Sums, kinds: KindSums) -> tuple[float, Interval]:
    promoters, detractors = base.promoters / base.w, base.detractors / base.w
    return 100 * (promoters - detractors), intervals.adjusted_wald_nps(promoters, detractors, base.n_eff)


def _percent(share: float, n_eff: float) -> tuple[float, Interval]:
    low, high = intervals.wilson(share, n_eff)
    return 100 * share, (100 * low, 100 * high)


def _share_of_scores(metric: Metric, base: Sums, kinds: KindSums) -> tuple[float, Interval]:
    return _percent(base.satisfied / base.w, base.n_eff)


def _share_of_kinds(metric: Metric, base: Sums, kinds: KindSums) -> tuple[float, Interval]:
    return _percent(kinds.get(metric.kinds[0], EMPTY).w / base.w, base.n_eff)


def _mean(metric: Metric, base: Sums, kinds: KindSums) -> tuple[float, Interval]:
    value = base.score / base.w
    # The difference of two nearly equal sums may be below zero by a rounding error.
    variance = max(0.0, base.score_sq / base.w - value * value)
    high = metric.high if metric.high is not None else float("inf")
    return value, intervals.mean_interval(value, variance, base.n_eff, metric.low, high)


def _rate(metric: Metric, base: Sums, kinds: KindSums) -> tuple[float, Interval | None]:
    share = kinds.get(metric.kinds[0], EMPTY).w / base.w
    # Conversions may outnumber the recorded visits: then this is no proportion, and has no interval of one.
    return _percent(share, base.n_eff) if share <= 1 + ROUNDING else (100 * share, None)


_RATIOS: Final[Mapping[Shape, Callable[[Metric, Sums, KindSums], tuple[float, Interval | None]]]] = {
    Shape.NPS: _nps,
    Shape.SHARE_OF_SCORES: _share_of_scores,
    Shape.SHARE_OF_KINDS: _share_of_kinds,
    Shape.MEAN: _mean,
    Shape.RATE: _rate,
}
