"""One metric's value and interval from decayed sums: the formulas, each with its rule of suppression."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from metrics.catalogue import Metric, Shape
from metrics.durations import DAY_S
from metrics.figures import intervals
from metrics.figures.daily import ROUNDING, ByDay, rate_a_day, rate_by_day, ratio, ratio_by_day
from metrics.figures.days import HALF_LIVES_COUNTED, day_of
from metrics.figures.folded import NOTHING_FOLDED, Daily, FoldedDays
from metrics.figures.intervals import Interval
from metrics.figures.sample_sizes import TOO_FEW, is_too_few
from metrics.figures.sums import EMPTY, Sums, merge

STALE_HALF_LIVES: Final = 3
"""A ratio or mean is not shown any more so many half-lives after its newest observation."""

STALE: Final = "stale"
NO_DENOMINATOR: Final = "no_denominator"
WARMING_UP: Final = "warming_up"

KindSums = Mapping[str, Sums]


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What there is of a metric's kinds at an instant on one horizon.

    Attributes:
        kinds: Decayed sums by kind; kinds that never occurred are absent.
        daily: By kind, of the kinds that volumes and conversion_rate are made of, their sums by day.
        repeated: What customers in several observations add to W2 (Sums.n_eff).
        folded: What the metric takes of other days, which are folded.
    """

    kinds: KindSums
    daily: Mapping[str, Daily] = field(default_factory=dict)
    repeated: float = 0.0
    folded: FoldedDays = NOTHING_FOLDED


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its interval and sample size.

    Attributes:
        value: In the metric's unit; None if suppressed.
        ci: 95 % interval in the metric's unit; None if suppressed or not defined.
        n: Number of observations in the window; for a ratio, those of its denominator.
        n_eff: Effective number of observations.
        first: Minute of the oldest observation ever, epoch seconds; None without any of the denominator.
        last: Minute of the newest one; where there has never been a denominator, the numerator's.
        suppressed: The reason why the value is not shown; "" if it is shown.
    """

    value: float | None
    ci: Interval | None
    n: int
    n_eff: float
    first: int | None
    last: int
    suppressed: str = ""


def figure(metric: Metric, observed: Ingredients, at_s: float, half_life_s: float) -> Figure | None:
    """A metric's figure from what there is of its kinds.

    Args:
        metric: An entry of the catalogue.
        observed: What there is of its kinds at the instant.
        at_s: The instant, epoch seconds.
        half_life_s: The horizon, seconds.

    Returns:
        None if the metric never had an observation at all: such a figure is not a row.
    """
    kinds = observed.kinds
    if not any(kind in kinds for kind in metric.kinds):
        return None
    base = _base(metric, kinds)
    known = base.last >= base.first
    last = base.last if known else kinds[metric.kinds[0]].last
    n_eff = base.n_eff(observed.repeated)
    suppressed = _suppressed(metric, base, n_eff, at_s - last, at_s, half_life_s)
    first = base.first if known else None
    if suppressed:
        return Figure(None, None, base.n, n_eff, first, last, suppressed)
    if metric.shape is Shape.VOLUME:
        value, ci = _volume(metric, base, observed, at_s, half_life_s)
    elif metric.shape is Shape.RATE:
        value, ci = _rate(metric, base, observed)
    else:
        value, ci = _RATIOS[metric.shape](metric, base, kinds, n_eff)
    return Figure(value, ci, base.n, n_eff, first, last)


def _base(metric: Metric, kinds: KindSums) -> Sums:
    """Of a volume its observations, of a ratio those of its denominator."""
    if metric.shape is Shape.SHARE_OF_KINDS:
        return merge(kinds.get(kind, EMPTY) for kind in metric.kinds)
    return kinds.get(metric.kinds[-1], EMPTY)


def _suppressed(metric: Metric, base: Sums, n_eff: float, silent_s: float, at_s: float, half_life_s: float) -> str:
    """Why a figure is not shown: the first reason that holds."""
    if metric.shape is Shape.VOLUME:
        if base.w <= 0:
            return STALE
        return WARMING_UP if at_s - base.first < DAY_S else ""
    if silent_s >= STALE_HALF_LIVES * half_life_s:
        return STALE
    if base.last < base.first:
        return NO_DENOMINATOR
    return TOO_FEW if is_too_few(n_eff) else ""


def _volume(
    metric: Metric, base: Sums, observed: Ingredients, at_s: float, half_life_s: float
) -> tuple[float, Interval | None]:
    daily, folded = _by_day(metric, observed), observed.folded.sums
    begin_s = _begin_s(base.first, at_s, half_life_s)
    return rate_a_day(daily, base.sizes / base.w, begin_s, at_s, half_life_s, folded)


def _by_day(metric: Metric, observed: Ingredients) -> Daily:
    """The numerators that are there by day; no day is folded and read by minute."""
    daily, apart = observed.daily.get(metric.kinds[0], {}), observed.folded.apart
    return {**daily, **apart} if apart else daily


def _begin_s(first_s: float, at_s: float, half_life_s: float) -> float:
    return max(first_s, at_s - HALF_LIVES_COUNTED * half_life_s)


def _rate(metric: Metric, base: Sums, observed: Ingredients) -> tuple[float, Interval | None]:
    converted, visits = _by_day(metric, observed), observed.daily.get(metric.kinds[-1], {})
    share, ci = ratio(_counted(converted, base.first, base.last), visits, observed.folded.sums)
    if ci is not None and share <= 1 + ROUNDING:
        ci = intervals.wider(ci, intervals.wilson(share, base.w * base.w / base.trials))
    return 100 * share, None if ci is None else (100 * ci[0], 100 * ci[1])


def _counted(daily: Daily, first_s: float, last_s: float) -> Daily:
    """Without the days outside of those on which the denominator was counted, from its first to its last."""
    counted = range(day_of(first_s), day_of(last_s) + 1)
    return {day: total for day, total in daily.items() if day in counted}


def by_day(
    metric: Metric, daily: Mapping[str, Daily], first_s: float, last_s: float, at_s: float, half_life_s: float
) -> ByDay | None:
    """A volume or conversion_rate with what each day adds to its error, as its interval is made.

    Args:
        metric: An entry of the catalogue.
        daily: Of its kinds, their weighted sums by day at the instant.
        first_s: Minute of the oldest observation ever (of conversion_rate: visit), epoch seconds.
        last_s: Minute of the newest one.
        at_s: The instant, epoch seconds.
        half_life_s: The horizon, seconds.

    Returns:
        None for metrics of other shapes, and without an observation in the window. Errors are in the metric's unit.
    """
    sums = [daily.get(kind, {}) for kind in metric.kinds]
    if metric.shape not in (Shape.VOLUME, Shape.RATE) or not sum(sums[-1].values()):
        return None
    if metric.shape is Shape.VOLUME:
        return rate_by_day(sums[0], _begin_s(first_s, at_s, half_life_s), at_s, half_life_s)
    share = ratio_by_day(_counted(sums[0], first_s, last_s), sums[1])
    return ByDay(100 * share.value, {day: 100 * error for day, error in share.errors.items()}, share.weights)


def _nps(metric: Metric, base: Sums, kinds: KindSums, n_eff: float) -> tuple[float, Interval]:
    promoters, detractors = base.promoters / base.w, base.detractors / base.w
    return 100 * (promoters - detractors), intervals.adjusted_wald_nps(promoters, detractors, n_eff)


def _percent(share: float, n_eff: float) -> tuple[float, Interval]:
    low, high = intervals.wilson(share, n_eff)
    return 100 * share, (100 * low, 100 * high)


def _share_of_scores(metric: Metric, base: Sums, kinds: KindSums, n_eff: float) -> tuple[float, Interval]:
    return _percent(base.satisfied / base.w, n_eff)


def _share_of_kinds(metric: Metric, base: Sums, kinds: KindSums, n_eff: float) -> tuple[float, Interval]:
    return _percent(kinds.get(metric.kinds[0], EMPTY).w / base.w, n_eff)


def _mean(metric: Metric, base: Sums, kinds: KindSums, n_eff: float) -> tuple[float, Interval]:
    value = base.score / base.w
    # The difference of two nearly equal sums may be below zero by a rounding error.
    variance = max(0.0, base.score_sq / base.w - value * value)
    high = metric.high if metric.high is not None else float("inf")
    return value, intervals.student_mean(value, variance, n_eff, metric.low, high)


_RATIOS: Final[Mapping[Shape, Callable[[Metric, Sums, KindSums, float], tuple[float, Interval]]]] = {
    Shape.NPS: _nps,
    Shape.SHARE_OF_SCORES: _share_of_scores,
    Shape.SHARE_OF_KINDS: _share_of_kinds,
    Shape.MEAN: _mean,
}
