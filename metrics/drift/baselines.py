"""Baselines: a metric's usual level and noise, estimated once from a stretch of time, and then frozen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import erfc, exp, pi, sqrt
from typing import Final, Literal

from metrics.drift.overshoot import jump
from metrics.drift.rhythm import Rhythm, hourly, rhythm_of, unevenness
from metrics.drift.steps import inside
from metrics.drift.subjects import Observation, Subject
from metrics.drift.thresholds import Detector
from metrics.durations import DAY_S, HOUR_S, MONTH_S, WEEK_S
from metrics.zones import UTC_NAME, UTC_ZONE, Zone

BaselineReason = Literal["automatic", "ownership", "request"]

LEAST_ANSWERS: Final = 1_000.0
LEAST_EVENTS: Final = 400.0
"""For rates and volumes: then their level is known to 5 %, and half of a shift by 30 % is SAFE times that."""
LEAST_MINORITY: Final = 25.0
"""For a share, the answers of the rarer kind: fewer say too little about its skewness."""
LEAST_ANSWERS_S: Final = WEEK_S
LEAST_COUNTS_S: Final = 4 * WEEK_S
LEAST_EXPECTED: Final = 5.0
"""Expected events of a step of a rate or volume: hours with fewer are pooled."""
SHARES: Final = frozenset({"csat", "repeat_rate", "retention"})
SAFE: Final = 3.0
"""The reference value must exceed this many standard errors of the baseline's level: below, no threshold is safe."""
MOST_K: Final = 0.125
"""Greatest reference value of answers, standard deviations: above it the run length of skewed scores is wrong."""
MOST_STEP: Final = 0.75
"""Greatest drift in calm of a step of the statistic, in the step's standard deviations, for the same reason."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time from which a baseline is estimated, and the reason: start and end, epoch seconds."""

    start_s: int
    end_s: int
    reason: BaselineReason


@dataclass(frozen=True, slots=True)
class Baseline:
    """A department's usual level of a metric: a row of the table `baselines`.

    Attributes:
        department: The department's id.
        metric: The metric's name.
        version: 1 for the first.
        reason: automatic, ownership (a touchpoint came to the department or left it) or request.
        start_s: Start of the stretch from which it was estimated, epoch seconds.
        end_s: End of that stretch.
        valid_from_s: When detection begins to use it, epoch seconds, >= end_s.
        exposure: Answers, chances or expected events in the stretch.
        mean: Total for each unit of exposure; 1 for volumes.
        sd: Long-run standard deviation of one unit, autocorrelation included.
        skew: Third cumulant of one unit, in sd^3.
        step_sd: Standard deviation of a step of the statistic, in sd. If steps resemble their neighbours, or some are
            busier than others, that of even, independent steps with the same overshoot.
        freedom: Degrees of freedom of sd^2.
        rhythm: For volumes, the expected events of each hour of a week, Monday 00:00 first; else empty.
        timezone: By the clocks of which zone.
    """

    department: str
    metric: str
    version: int
    reason: BaselineReason
    start_s: int
    end_s: int
    valid_from_s: int
    exposure: float
    mean: float
    sd: float
    skew: float
    step_sd: float
    freedom: float
    rhythm: Rhythm = ()
    timezone: str = UTC_NAME

    @property
    def id(self) -> str:
        """Its name in the table `drift`."""
        return f"{self.department}/{self.metric}/{self.version}"

    @property
    def per_month(self) -> float:
        """Exposure a month."""
        return self.exposure / (self.end_s - self.start_s) * MONTH_S

    def detector(self, subject: Subject, shift: float) -> Detector:
        """The detector for a shift, in the metric's unit or, for rates and volumes, in percent."""
        wanted = subject.shift_of_mean(shift, self.mean) / (2 * self.sd)
        most = MOST_K if subject.manner == "answers" else MOST_STEP
        # A step's variance is its exposure: the step's standard deviation must be at least twice k * exposure.
        k = min(max(wanted, SAFE / sqrt(self.exposure)), most, MOST_STEP / self.step_sd)
        skew = max(self.skew, subject.least_skew(self.mean, self.sd))
        return Detector(k, self.step_sd, skew, self.exposure, self.freedom, sum(self.rhythm))


def steps_of(
    subject: Subject, rhythm: Rhythm, observed: Iterable[Observation], start_s: int, end_s: int, zone: Zone = UTC_ZONE
) -> list[Observation]:
    """The steps that a detector takes between two instants; for volumes with the expected events of each hour.

    Args:
        subject: The metric.
        rhythm: The rhythm of a volume; empty for others.
        observed: Steps in order of time; hours without events may be missing.
        start_s: Steps that begin before are left out.
        end_s: Steps that end after are left out.
        zone: By whose clocks the rhythm is.
    """
    taken = inside(observed, subject.width_s, start_s, end_s)
    if subject.manner != "volume":
        return list(taken)
    totals = {step.end_s: step.total for step in taken}
    first = -(-start_s // HOUR_S) * HOUR_S + HOUR_S
    hours = range(first, end_s + 1, HOUR_S)
    return [Observation(hour, hourly(rhythm, hour, zone), totals.get(hour, 0.0)) for hour in hours]


def grouped(steps: Iterable[Observation], least: float) -> list[Observation]:
    """Pools consecutive steps until their exposure is at least `least`; an unfinished group is left out.

    >>> hours = [Observation(1, 2, 1), Observation(2, 2, 0), Observation(3, 9, 4), Observation(4, 1, 1)]
    >>> grouped(hours, 4)
    [Observation(end_s=2, exposure=4.0, total=1.0), Observation(end_s=3, exposure=9, total=4)]
    """
    groups = []
    exposure = total = 0.0
    for step in steps:
        exposure, total = exposure + step.exposure, total + step.total
        if exposure >= least:
            groups.append(Observation(step.end_s, exposure, total))
            exposure = total = 0
    return groups


def least_exposure(subject: Subject, mean: float) -> float:
    """Exposure below which steps are pooled; 0 for answers, which each count separately."""
    return 0.0 if subject.manner == "answers" else LEAST_EXPECTED / mean


def next_span(
    subject: Subject, steps: Sequence[Observation], changes: Sequence[int], after: Span | None, now_s: int
) -> Span | None:
    """The stretch from which to estimate the next baseline; None while there is no reason for one, or not enough data.

    The first begins with the first step, each later one with a change of ownership. If ownership changes again before
    there is enough data, the stretch starts over: what came before is another department's work.

    Args:
        subject: The metric.
        steps: All steps so far, in order of time.
        changes: When touchpoints came to the department or left it, epoch seconds, ascending.
        after: The stretch of the last baseline; None if there is none.
        now_s: Only steps that have ended by then are known, epoch seconds.
    """
    begins: list[int] = [change for change in changes if after is None or change > after.end_s]
    if after is None and steps:
        begins.insert(0, steps[0].end_s - subject.width_s)
    for begin, until in pairwise([*begins, now_s]):
        end = _enough(subject, inside(steps, subject.width_s, begin, until), begin, until)
        if end is not None:
            return Span(begin, end, "automatic" if after is None else "ownership")
    return None


def _enough(subject: Subject, steps: Iterable[Observation], begin: int, until: int) -> int | None:
    """When there is enough data since `begin`, epoch seconds; None if there is not by `until`.

    Volumes take whole weeks, so that a rhythm covers each weekday equally often.
    """
    answers = subject.manner == "answers"
    full: int = begin + (LEAST_ANSWERS_S if answers else LEAST_COUNTS_S)
    least = LEAST_ANSWERS if answers else LEAST_EVENTS
    exposure = total = 0.0
    for step in steps:
        if step.end_s > until:
            return None
        if subject.manner == "volume" and step.end_s > full:
            if total >= least:
                return full
            full += -(-(step.end_s - full) // WEEK_S) * WEEK_S
        exposure, total = exposure + step.exposure, total + step.total
        minority = min(total, exposure - total) if subject.metric in SHARES else LEAST_MINORITY
        if step.end_s >= full and (exposure if answers else total) >= least and minority >= LEAST_MINORITY:
            return step.end_s
    return None


def estimate(
    department: str, subject: Subject, steps: Sequence[Observation], span: Span, version: int, valid_from_s: int,
    zone: Zone = UTC_ZONE,
) -> Baseline | None:  # fmt: skip
    """The baseline of a stretch; None if its data says nothing about noise (for example, all answers are the same).

    Args:
        department: The department's id.
        subject: The metric.
        steps: Observed steps in order of time, of the stretch and perhaps around it.
        span: The stretch.
        version: Its number among the department's baselines of the metric.
        valid_from_s: When detection begins to use it, epoch seconds.
        zone: By whose clocks the rhythm of a volume is.
    """
    rhythm = rhythm_of(steps, span.start_s, span.end_s, zone) if subject.manner == "volume" else ()
    taken = steps_of(subject, rhythm, steps, span.start_s, span.end_s, zone)
    exposure, total = sum(step.exposure for step in taken), sum(step.total for step in taken)
    if exposure <= 0 or (total <= 0 and subject.manner != "answers"):
        return None
    mean = total / exposure
    groups = grouped(taken, least_exposure(subject, mean)) if subject.manner != "answers" else taken
    days = (span.end_s - span.start_s) / DAY_S if rhythm else 0.0
    noise = _noise(groups, mean, _window(subject, groups), days)
    if noise is None:
        return None
    sd, skew, step_sd, freedom = noise
    return Baseline(
        department, subject.metric, version, span.reason, span.start_s, span.end_s, valid_from_s,
        exposure, mean, sd, skew, step_sd, freedom, rhythm, zone.name,
    )  # fmt: skip


def _window(subject: Subject, groups: Sequence[Observation]) -> int:
    """The number of steps within which observations may depend on each other, an even one.

    Two thirds of a day; for answers, 0.8 times the cube root of their number.
    """
    if subject.manner == "answers" or len(groups) < 2:
        root: int = max(2, 2 * round(0.4 * float(len(groups)) ** (1 / 3)))
        return root
    days = (groups[-1].end_s - groups[0].end_s) / DAY_S
    return max(2, 2 * int(len(groups) / max(1.0, days) / 3))


def _noise(
    groups: Sequence[Observation], mean: float, window: int, days: float
) -> tuple[float, float, float, float] | None:
    """Long-run sd and skew of an observation, sd of a step, degrees of freedom; from overlapping windows of steps.

    Overlapping batch means (Meketon and Schmeiser 1984) at a window and at half of it: twice the first minus the second
    has no bias of the order 1/window (a flat-top kernel: Politis and Romano 1995). Its relative variance is
    8/3 * window/steps, that of a chi-squared with 0.75 * steps/window degrees of freedom; fewer, if few busy steps
    make up most of it (Satterthwaite). Skewness is the long-run one too: as for gamma and, nearly, log-normal noise,
    the third cumulant grows with dependence as the square of the second. `days` is the stretch of a rhythm, else 0.
    """
    count = len(groups)
    if count < 4 * window:
        return None
    residuals = [step.total - mean * step.exposure for step in groups]
    reached = [0.0, *accumulate(residuals)]
    spans = [0.0, *accumulate(step.exposure for step in groups)]
    wide, narrow, single = (_batch_means(reached, spans, width, days) for width in (window, window // 2, 1))
    even = spans[-1] ** 2 / (count * sum(step.exposure**2 for step in groups))
    freedom = 0.75 * count / window * even
    variance = at_least(2 * wide - narrow, single, freedom)
    if variance <= 1e-12:
        return None
    sd = sqrt(variance)
    step_sd = sqrt(sum(residual * residual for residual in residuals) / count) / sd
    dependence = spans[-1] / count / (step_sd * step_sd)
    skew = sum(residual**3 for residual in residuals) / spans[-1] / sd**3 * dependence**2
    return sd, skew, jump(step_sd, dependence, [step.exposure for step in groups]), freedom


def at_least(variance: float, independent: float, freedom: float) -> float:
    """A long-run variance, with the variance of independent steps as its floor.

    Neighbours either resemble each other or do not: an estimate below the floor is chance, and such estimates cause
    false alarms. The floor lifts the mean, as it does that of a normal variable censored there; this is subtracted.
    """
    floored = max(variance, independent)
    error = floored * sqrt(2 / freedom)
    if error <= 0:
        return floored
    above = (floored - independent) / error
    lifted = exp(-above * above / 2) / sqrt(2 * pi) - above * erfc(above / sqrt(2)) / 2
    return floored - error * lifted


def _batch_means(reached: Sequence[float], spans: Sequence[float], window: int, days: float) -> float:
    """Variance of an observation, from the sums over all windows of `window` steps."""
    count = len(reached) - 1
    squares = sum((reached[i + window] - reached[i]) ** 2 for i in range(count - window + 1))
    exposures = sum(spans[i + window] - spans[i] for i in range(count - window + 1))
    # Sums around the stretch's own mean are smaller than around the true mean, by the window's share of the stretch;
    # around its own rhythm they are smaller still, by the error of the rhythm over such a window.
    share = window / count
    reach = share * days
    fitted = share * (unevenness(7, reach) + unevenness(24, 24 * reach) - 1 if days else 1)
    return squares / exposures / (1 - min(0.5, fitted))
