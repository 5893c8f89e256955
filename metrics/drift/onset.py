"""Between which days a drift began: a confidence set for the instant that an alarm calls `since`."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import log, sqrt
from typing import Final, NamedTuple

from metrics.drift.baselines import SHARES, Baseline
from metrics.drift.cusum import StateChange
from metrics.drift.rhythm import expected_between
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.volumes import NOTHING, DaySum, DaySums
from metrics.durations import DAY_S
from metrics.zones import zone_of

CONFIDENCE: Final = 0.95
CRITICAL: Final = -2 * log(1 - sqrt(CONFIDENCE))
"""7.35: the limit law of twice what the true instant falls short by is P(x) = (1 - exp(-x/2))^2."""
DAY_PARTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Which share of a day may be after a change that falls on it."""


class Onset(NamedTuple):
    """When a drift began, at a confidence of 95 %: from one epoch second to another, both inclusive."""

    from_s: int
    to_s: int


class DayOf(NamedTuple):
    """A day of UTC by its start, epoch seconds, and what there was on it."""

    start_s: int
    counted: DaySum


def days_until(baseline: Baseline, days: DaySums, steps: Iterable[Observation], at_s: int) -> list[DayOf]:
    """The days from when a baseline came into force to an alarm, the last one as far as it had come by then.

    Args:
        baseline: The baseline; of a volume, it knows the exposure.
        days: What there was on each day, perhaps after the alarm too.
        steps: The steps behind `days`, at least those that end after the alarm.
        at_s: When the alarm was raised, epoch seconds: the end of a step.
    """
    width_s, zone = SUBJECTS[baseline.metric].width_s, zone_of(baseline.timezone)
    last_s = (at_s - width_s) // DAY_S * DAY_S
    later = [step for step in steps if step.end_s > at_s and (step.end_s - width_s) // DAY_S * DAY_S == last_s]
    result = []
    for start_s in range(baseline.valid_from_s // DAY_S * DAY_S, last_s + 1, DAY_S):
        exposure, total = days.get(start_s, NOTHING)
        if start_s == last_s:
            exposure -= sum(step.exposure for step in later)
            total -= sum(step.total for step in later)
        if baseline.rhythm:
            exposure = expected_between(baseline.rhythm, start_s, min(start_s + DAY_S, at_s), zone)
        result.append(DayOf(start_s, DaySum(exposure, total)))
    return result


def onset(baseline: Baseline, sd: float, days: Sequence[DayOf], alarm: StateChange) -> Onset | None:
    """The days on which the drift behind an alarm may have begun, `since` among them; None without one.

    Args:
        baseline: What the detector compares with.
        sd: The long-run standard deviation of an observation that its threshold allows for, > 0.
        days: See `days_until`.
        alarm: The alarm.
    """
    if alarm.since_s is None or not days:
        return None
    usual = DaySum(baseline.exposure, baseline.exposure * baseline.mean)
    counted = [day.counted for day in days]
    ratios = log_likelihoods(usual, sd, counted, 1 if alarm.state == "up" else -1)
    best = ratios.index(max(ratios))
    # Had it begun earlier, what looks usual since then would have the noise of the new level.
    earlier = CRITICAL * max(1.0, noise_ratio(baseline, _sum(counted[best:])))
    likely = [
        day.start_s
        for number, (day, ratio) in enumerate(zip(days, ratios, strict=True))
        if 2 * (ratios[best] - ratio) <= (earlier if number < best else CRITICAL)
    ]
    # The detector's own answer is as good an estimate as the most likely day: the set holds both.
    since_day_s = alarm.since_s // DAY_S * DAY_S
    begin_s, end_s = min(*likely, since_day_s, alarm.since_s), max(*likely, since_day_s) + DAY_S - 1
    return Onset(begin_s, min(end_s, alarm.at_s))


def noise_ratio(baseline: Baseline, since: DaySum) -> float:
    """The variance of an observation at the level since a change, in that at the baseline's, as far as levels tell.

    That of a share p is p * (1 - p); what is counted varies in proportion to its level; of scores, levels do not tell.

    Args:
        baseline: What the detector compares with.
        since: What there was since the change.

    >>> made = Baseline("sales", "retention", 1, "automatic", 0, 60, 60, 1000, 0.88, 0.33, 0, 1, 150)
    >>> round(noise_ratio(made, DaySum(100, 78)), 2)
    1.62
    """
    if since.exposure <= 0 or baseline.mean <= 0:
        return 1.0
    level = since.total / since.exposure
    if baseline.metric in SHARES and baseline.mean < 1:
        return level * (1 - level) / (baseline.mean * (1 - baseline.mean))
    return level / baseline.mean if SUBJECTS[baseline.metric].manner != "answers" else 1.0


def log_likelihoods(usual: DaySum, sd: float, days: Sequence[DaySum], side: int) -> list[float]:
    """How much likelier than none a change on each day is, as a logarithm, at the part of the day that suits best.

    The levels before and after are both estimated: that before from the baseline's stretch and the days up to the
    change. Sums are taken to be normal, with the long-run variance.

    Args:
        usual: What there was in the baseline's stretch.
        sd: Long-run standard deviation of one observation, > 0.
        days: What there was on each day since.
        side: 1 for rises, -1 for falls: a change the other way is no likelier than none.

    >>> calm, fallen = DaySum(100, 75), DaySum(100, 50)
    >>> [round(ratio, 1) for ratio in log_likelihoods(DaySum(1000, 750), 0.5, [calm, calm, fallen, fallen], -1)]
    [13.1, 21.4, 21.4, 9.9]
    """
    reached = list(accumulate(days, _plus, initial=usual))
    whole = reached[-1]
    return [
        max(_ratio(earlier, day, whole, part, sd, side) for part in DAY_PARTS)
        for earlier, day in zip(reached, days, strict=False)
    ]


def _sum(days: Sequence[DaySum]) -> DaySum:
    return DaySum(sum(day.exposure for day in days), sum(day.total for day in days))


def _plus(first: DaySum, second: DaySum) -> DaySum:
    return DaySum(first.exposure + second.exposure, first.total + second.total)


def _ratio(earlier: DaySum, day: DaySum, whole: DaySum, part: float, sd: float, side: int) -> float:
    """The ratio for a change that leaves such a part of a day after it."""
    exposure = earlier.exposure + (1 - part) * day.exposure
    total = earlier.total + (1 - part) * day.total
    after = whole.exposure - exposure
    if exposure <= 0 or after <= 0:
        return 0.0
    rise = side * ((whole.total - total) / after - total / exposure)
    return max(0.0, rise) ** 2 * exposure * after / whole.exposure / (2 * sd * sd)
