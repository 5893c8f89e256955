"""How much a level wanders: noise that lasts for days and weeks, known from a baseline's days and from all days since.

A baseline knows the noise of minutes and hours. Weeks that resemble themselves, a campaign, a strike of the parcel
service, take months to be known; so the noise that a threshold allows for is estimated again whenever the days there
are have grown by a quarter. The level stays that of the baseline.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from math import copysign, sqrt
from typing import Final

from metrics.drift.baselines import Baseline, at_least
from metrics.drift.rhythm import hour_of_week
from metrics.drift.volumes import NOTHING, DaySum, DaySums
from metrics.durations import DAY_S, HOUR_S
from metrics.zones import zone_of

WINDOW: Final = 14
"""Days within which a level may resemble itself, an even number."""
SEGMENT: Final = 168
"""Days around whose own mean a level wanders: a lasting shift, which detectors look for, falls into one of them."""
GROWN: Final = 1.25
"""How many times as many days there must be before noise is estimated again."""
SHORT: Final = 1.0
"""Weight of the noise of hours, as degrees of freedom of the noise of weeks: to it the estimate is shrunk."""
MOST_RATIO: Final = 32.0
"""Greatest variance of weeks, in that of hours: beyond it lies a shift that nobody answered with a new baseline."""
LEAST_RATIO: Final = 0.85
"""Least variance of weeks, in that of hours: what seems less is chance, and would be paid for in false alarms."""
UNSURE: Final = 0.3
"""Least share of the variance that is as uncertain as that of weeks, however little weeks seem to differ."""
FEW_DAYS: Final = 4
"""So many days are seen several times in the shortest baseline: a level that lasts for them may last for weeks."""
LASTS: Final = 0.5
"""Where sums of FEW_DAYS vary by so much more than single days do, all of the variance is as uncertain as weeks."""
OBSERVATIONS: Final = 8.0
"""About how many observations an alarm takes at usual budgets, for each 1/k^2."""
SIGNIFICANT: Final = 2.0
"""Standard errors by which the skewness of days must exceed that of hours to count."""


def renewals(baseline: Baseline, until_s: int) -> list[int]:
    """When noise is estimated: as a baseline comes into force, then at starts of days, epoch seconds, ascending."""
    instants, known_s = [baseline.valid_from_s], float(baseline.valid_from_s - baseline.start_s)
    while (next_s := baseline.start_s + GROWN * known_s) <= until_s:
        known_s *= GROWN
        instants.append(-(-int(next_s) // DAY_S) * DAY_S)
    return instants


def with_noise_of_weeks(baseline: Baseline, days: DaySums, at_s: int, k: float, tolerance: float = 0.0) -> Baseline:
    """The baseline with the noise of weeks that is known at an instant, epoch seconds; itself if none is.

    The long-run variance of windows of two weeks, flat-top as that of hours (see `baselines`), about the mean of each
    half-year. That of hours is, but for LEAST_RATIO, its floor and, by the weight SHORT, what it is shrunk to. What
    exceeds that is as uncertain as its few windows; all of it where a level visibly lasts from day to day. Days far
    from all others, such as one of a great sale, show in the third cumulant.

    Args:
        baseline: The baseline as it was estimated.
        days: What there was on each day; those between the baseline's start and `at_s` count.
        at_s: The instant.
        k: The detector's reference value: one that finds its shift within a day hardly depends on how weeks differ.
        tolerance: How far a level may wander, in units of total/exposure: weeks count as far as they exceed it.
    """
    whole = _unsuspected(_whole(baseline, days, at_s), baseline, k + tolerance / baseline.sd)
    # Whole weeks as soon as possible: within them the errors of a rhythm's weekdays cancel out.
    window = WINDOW if len(whole) >= 2 * WINDOW else len(whole) // 8 * 2
    spans = _segments(whole)
    wide, narrow = (_variance(spans, width, tolerance) for width in (window, window // 2))
    if window < 4 or not narrow:
        return baseline
    exposures = [day.exposure for day in whole]
    reach = sum(exposures)
    freedom = 0.75 / window * reach**2 / sum(exposure**2 for exposure in exposures)
    # What exceeds a band does not grow with a window as sums do: the flat top, which says that, would be too low.
    weeks = max(2 * wide - narrow, narrow if tolerance else 0.0)
    ratio = max(LEAST_RATIO, min(MOST_RATIO, _ratio(weeks / baseline.sd**2, freedom, baseline.freedom)))
    slow = min(1.0, OBSERVATIONS / k**2 / (reach / len(whole)) / WINDOW)
    lasting = max(1 - 1 / ratio, slow * max(UNSURE, min(1.0, _growth(spans, tolerance) / LASTS)))
    return replace(
        baseline,
        sd=baseline.sd * sqrt(ratio),
        step_sd=baseline.step_sd / sqrt(ratio),
        skew=_skew(whole, baseline, ratio),
        freedom=1 / (1 / (ratio**2 * (baseline.freedom + freedom)) + lasting**2 / (SHORT + freedom)),
    )


def _ratio(weeks: float, freedom: float, freedom_of_hours: float) -> float:
    """The variance of weeks in that of hours, both estimates with so many degrees of freedom, in their right measure.

    Weeks cannot vary less than hours do: where they seem to, both estimate the same, and their mean is the floor.
    """
    together = (freedom_of_hours + freedom * max(0.0, weeks)) / (freedom_of_hours + freedom)
    return (SHORT + freedom * at_least(weeks, min(1.0, together), freedom)) / (SHORT + freedom)


def _whole(baseline: Baseline, days: DaySums, at_s: int) -> list[DaySum]:
    """Whole days from the baseline's start to an instant, empty ones too; of volumes with what was to be expected."""
    begins = range(-(-baseline.start_s // DAY_S) * DAY_S, at_s - DAY_S + 1, DAY_S)
    found = [days.get(begin, NOTHING) for begin in begins]
    if not baseline.rhythm:
        return found
    zone, hours = zone_of(baseline.timezone), DAY_S // HOUR_S
    reached = [0.0, *accumulate(2 * baseline.rhythm)]
    # By the clocks at the start of a day of UTC: on a day on which they change, an hour of the rhythm is out of place.
    first = [hour_of_week(begin, zone) for begin in begins]
    return [DaySum(reached[at + hours] - reached[at], day.total) for at, day in zip(first, found, strict=True)]


def _unsuspected(whole: Sequence[DaySum], baseline: Baseline, k: float) -> Sequence[DaySum]:
    """The days up to where a detector that looks once a day was last at zero: what follows may be a shift.

    Those of the baseline's own stretch always count.
    """
    least = (baseline.end_s - baseline.start_s) // DAY_S
    most = OBSERVATIONS / k
    up = down = 0.0
    up_since = down_since = least
    for number, (exposure, total) in enumerate(whole[least:], least + 1):
        z, allowed = (total - baseline.mean * exposure) / baseline.sd, k * exposure
        up, down = min(max(0.0, up + z - allowed), most), min(max(0.0, down - z - allowed), most)
        up_since, down_since = up_since if up else number, down_since if down else number
    return whole[: max(least, min(up_since, down_since))]


def _segments(whole: Sequence[DaySum]) -> list[Sequence[DaySum]]:
    """The days in parts of at least SEGMENT days, as equal as whole days allow; all of them if there are fewer."""
    parts = max(1, len(whole) // SEGMENT)
    cuts = [round(len(whole) * part / parts) for part in range(parts + 1)]
    return [whole[begin:end] for begin, end in pairwise(cuts)]


def _variance(spans: Sequence[Sequence[DaySum]], window: int, tolerance: float) -> float:
    """Variance of an observation from the sums over all windows of so many days; 0 if there is nothing in them."""
    squares = exposures = 0.0
    for span in spans:
        exposure = sum(day.exposure for day in span)
        if window < 1 or len(span) < 2 * window or exposure <= 0:
            continue
        mean = sum(day.total for day in span) / exposure
        reached = [0.0, *accumulate(day.total - mean * day.exposure for day in span)]
        passed = [0.0, *accumulate(day.exposure for day in span)]
        # Sums around a segment's own mean are smaller than around the true one, by the window's share of it.
        around = 1 - window / len(span)
        sums = zip(_differences(reached, window), _differences(passed, window), strict=True)
        squares += sum(max(0.0, abs(moved) - tolerance * of) ** 2 for moved, of in sums) / around
        exposures += sum(_differences(passed, window))
    return squares / exposures if exposures else 0.0


def _growth(spans: Sequence[Sequence[DaySum]], tolerance: float) -> float:
    """By what share of the variance of single days that of FEW_DAYS exceeds it: how much lasts from day to day."""
    single, few = (_variance(spans, width, tolerance) for width in (1, FEW_DAYS))
    return few / single - 1 if single else 0.0


def _differences(reached: Sequence[float], window: int) -> list[float]:
    return [high - low for high, low in zip(reached[window:], reached, strict=False)]


def _skew(whole: Sequence[DaySum], baseline: Baseline, ratio: float) -> float:
    """Third cumulant of an observation in the standard deviation of weeks: that of hours, or of days if that differs.

    As in a baseline, it grows with dependence as the square of the variance. That of days is uncertain by what normal
    days give by chance (15 is the sixth moment of a normal variable), and counts as far as it exceeds that.
    """
    reach = sum(day.exposure for day in whole)
    mean = sum(day.total for day in whole) / reach
    hours = baseline.skew * sqrt(ratio)
    days = sum((day.total - mean * day.exposure) ** 3 for day in whole) / reach / (baseline.sd * sqrt(ratio)) ** 3
    chance = SIGNIFICANT * sqrt(15 * sum(day.exposure**3 for day in whole)) / reach
    beyond = days - hours
    return hours + copysign(max(0.0, abs(beyond) - chance), beyond)
