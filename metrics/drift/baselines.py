"""Baselines: a metric's usual level and noise, estimated once from a stretch of time and then frozen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import erfc, exp, pi, sqrt
from typing import Final, Literal

from metrics.drift.rhythm import Rhythm, hourly, rhythm_of, unevenness
from metrics.drift.subjects import Observation, Subject
from metrics.drift.thresholds import Detector
from metrics.durations import DAY_S, HOUR_S, MONTH_S, WEEK_S

BaselineReason = Literal["automatic", "ownership", "request"]

LEAST_ANSWERS: Final = 1_000.0
LEAST_EVENTS: Final = 400.0
"""Of rates and volumes: their level is then known to 5 %, and half of a shift by 30 % is SAFE times that."""
LEAST_MINORITY: Final = 25.0
"""Of a share, the answers of the rarer kind: fewer tell too little about its skewness."""
LEAST_ANSWERS_S: Final = WEEK_S
LEAST_COUNTS_S: Final = 4 * WEEK_S
LEAST_EXPECTED: Final = 5.0
"""Events that a step of a rate or volume should lead to expect: hours with fewer are taken together."""
SHARES: Final = frozenset({"csat", "repeat_rate", "retention"})
SAFE: Final = 3.0
"""Standard errors of the baseline's level that the reference value must exceed: closer, no threshold is safe."""
MOST_K: Final = 0.125
"""Greatest reference value of answers, standard deviations: beyond it the run length of skewed scores is off."""
MOST_STEP: Final = 0.75
"""Greatest drift in calm of what the statistic jumps, in its standard deviations, for the same reason."""
SMOOTH: Final = sqrt(pi / 2)
"""A walk with a memory goes on past its barrier by |zeta(1/2)| of its steps (Milne's problem for Brownian particles:
Marshall and Watson 1985), one without by |zeta(1/2)|/sqrt(2 pi) (Siegmund 1985); this is half of their ratio, for the
step of memory t has 2t times its own variance in the long run."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time to estimate a baseline from, and why: begin and end, epoch seconds."""

    start_s: int
    end_s: int
    reason: BaselineReason


@dataclass(frozen=True, slots=True)
class Baseline:
    """A department's usual level of a metric: a row of the table `baselines`.

    Attributes:
        department: Whose.
        metric: Of what.
        version: 1 for the first.
        reason: automatic, ownership (somebody's touchpoint came or went) or request.
        start_s: Begin of the stretch it was estimated from, epoch seconds.
        end_s: End of it.
        valid_from_s: From when detection uses it, >= end_s.
        exposure: Answers, chances or expected events in the stretch.
        mean: Total for each of them; 1 for volumes.
        sd: Long-run standard deviation of one of them, autocorrelation included.
        skew: Third cumulant of one of them, in sd^3.
        step_sd: Standard deviation of a step of the statistic, in sd; of steps that resemble their neighbours, that
            of independent ones with as much overshoot.
        freedom: Degrees of freedom of sd^2.
        rhythm: For volumes, the events that each hour of a week leads to expect, Monday 00:00 UTC first; else empty.
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

    @property
    def id(self) -> str:
        """Its name in the table `drift`."""
        return f"{self.department}/{self.metric}/{self.version}"

    @property
    def per_month(self) -> float:
        """Exposure a month."""
        return self.exposure / (self.end_s - self.start_s) * MONTH_S

    def detector(self, subject: Subject, shift: float) -> Detector:
        """The detector of a shift given in the metric's unit or, for rates and volumes, in percent."""
        wanted = subject.shift_of_mean(shift, self.mean) / (2 * self.sd)
        most = MOST_K if subject.manner == "answers" else MOST_STEP
        # A step's variance is its exposure: of k * exposure the step's standard deviation may be no less than double.
        k = min(max(wanted, SAFE / sqrt(self.exposure)), most, MOST_STEP / self.step_sd)
        return Detector(k, self.step_sd, self.skew, self.exposure, self.freedom, sum(self.rhythm))


def steps_of(
    subject: Subject, rhythm: Rhythm, observed: Iterable[Observation], start_s: int, end_s: int
) -> list[Observation]:
    """What a detector takes in between two instants: expectations filled in, thin hours taken together.

    Args:
        subject: What is watched.
        rhythm: A volume's; empty for others.
        observed: Steps in order of time; hours without events may be missing.
        start_s: Steps that begin before are left out.
        end_s: Steps that end after are left out.
    """
    inside = [step for step in observed if step.end_s - subject.width_s >= start_s and step.end_s <= end_s]
    if subject.manner != "volume":
        return inside
    totals = {step.end_s: step.total for step in inside}
    first = -(-start_s // HOUR_S) * HOUR_S + HOUR_S
    return [Observation(hour, hourly(rhythm, hour), totals.get(hour, 0.0)) for hour in range(first, end_s + 1, HOUR_S)]


def grouped(steps: Iterable[Observation], least: float) -> list[Observation]:
    """Consecutive steps taken together until their exposure is at least `least`; an unfinished group is left out.

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
    """Exposure below which steps are taken together; 0 for answers, which each count for themselves."""
    return 0.0 if subject.manner == "answers" else LEAST_EXPECTED / mean


def next_span(
    subject: Subject, steps: Sequence[Observation], changes: Sequence[int], after: Span | None, now_s: int
) -> Span | None:
    """The stretch that the next baseline is to be estimated from; None while there is no reason or not enough.

    The first begins with the first step; each later one with a change of ownership. A change before enough has come
    together begins anew, for what came before is another department's work.

    Args:
        subject: What is watched.
        steps: All there are, in order of time.
        changes: When touchpoints came to the department or left it, epoch seconds, ascending.
        after: The stretch of the last baseline, if there is one.
        now_s: Only what has ended by then is known.
    """
    begins: list[int] = [change for change in changes if after is None or change > after.end_s]
    if after is None and steps:
        begins.insert(0, steps[0].end_s - subject.width_s)
    for begin, until in pairwise([*begins, now_s]):
        end = _enough(subject, [step for step in steps if begin <= step.end_s - subject.width_s], begin, until)
        if end is not None:
            return Span(begin, end, "automatic" if after is None else "ownership")
    return None


def _enough(subject: Subject, steps: Iterable[Observation], begin: int, until: int) -> int | None:
    """When enough has come together since `begin`, epoch seconds; None if it has not by `until`.

    Of volumes whole weeks are taken, so that a rhythm sees every weekday equally often.
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
    department: str, subject: Subject, steps: Sequence[Observation], span: Span, version: int, valid_from_s: int
) -> Baseline | None:
    """The baseline of a stretch; None where what is there says nothing about noise (all answers alike, say).

    Args:
        department: Whose.
        subject: Of what.
        steps: Observed ones, in order of time, of the stretch and perhaps around it.
        span: The stretch.
        version: Its number among the department's baselines of the metric.
        valid_from_s: From when it is to be used, epoch seconds.
    """
    rhythm = rhythm_of(steps, span.start_s, span.end_s) if subject.manner == "volume" else ()
    inside = steps_of(subject, rhythm, steps, span.start_s, span.end_s)
    exposure, total = sum(step.exposure for step in inside), sum(step.total for step in inside)
    if exposure <= 0 or (total <= 0 and subject.manner != "answers"):
        return None
    mean = total / exposure
    groups = grouped(inside, least_exposure(subject, mean)) if subject.manner != "answers" else inside
    days = (span.end_s - span.start_s) / DAY_S if rhythm else 0.0
    noise = _noise(groups, mean, _window(subject, groups), days)
    if noise is None:
        return None
    sd, skew, step_sd, freedom = noise
    return Baseline(
        department, subject.metric, version, span.reason, span.start_s, span.end_s, valid_from_s,
        exposure, mean, sd, skew, step_sd, freedom, rhythm,
    )  # fmt: skip


def _window(subject: Subject, groups: Sequence[Observation]) -> int:
    """Steps within which observations may depend on each other: two thirds of a day, or the cube root of all; even."""
    if subject.manner == "answers" or len(groups) < 2:
        root: int = max(2, 2 * round(0.4 * float(len(groups)) ** (1 / 3)))
        return root
    days = (groups[-1].end_s - groups[0].end_s) / DAY_S
    return max(2, 2 * int(len(groups) / max(1.0, days) / 3))


def _noise(
    groups: Sequence[Observation], mean: float, window: int, days: float
) -> tuple[float, float, float, float] | None:
    """Long-run sd and skew of an observation, sd of a step, degrees of freedom; from overlapping windows of steps.

    Overlapping batch means (Meketon and Schmeiser 1984) at a window and at half of it: twice the first less the second
    has no bias of the order 1/window (a flat-top kernel: Politis and Romano 1995). Its relative variance is
    8/3 * window/steps, that of a chi-squared with 0.75 * steps/window degrees of freedom; fewer, where few busy steps
    make most of it (Satterthwaite). Skewness is the long-run one too: as for gamma and, nearly, log-normal noise the
    third cumulant grows with dependence as the square of the second. `days`: the stretch of a rhythm, else 0.
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
    variance = _at_least(2 * wide - narrow, single, freedom)
    if variance <= 1e-12:
        return None
    sd = sqrt(variance)
    step_sd = sqrt(sum(residual * residual for residual in residuals) / count) / sd
    dependence = spans[-1] / count / (step_sd * step_sd)
    skew = sum(residual**3 for residual in residuals) / spans[-1] / sd**3 * dependence**2
    jump = step_sd * (1 + SMOOTH * max(0.0, dependence - 1))
    return sd, skew, jump, freedom


def _at_least(variance: float, independent: float, freedom: float) -> float:
    """A long-run variance, given what it would be if steps did not depend on each other.

    Neighbours resemble each other or do not: an estimate below that is chance, and such estimates bring false alarms.
    What a floor lifts the mean by, that of a normal variable cut off there, is taken back.
    """
    floored = max(variance, independent)
    error = floored * sqrt(2 / freedom)
    if error <= 0:
        return floored
    above = (floored - independent) / error
    lifted = exp(-above * above / 2) / sqrt(2 * pi) - above * erfc(above / sqrt(2)) / 2
    return floored - error * lifted


def _batch_means(reached: Sequence[float], spans: Sequence[float], window: int, days: float) -> float:
    """Variance of an observation as sums over all windows of so many steps have it."""
    count = len(reached) - 1
    squares = sum((reached[i + window] - reached[i]) ** 2 for i in range(count - window + 1))
    exposures = sum(spans[i + window] - spans[i] for i in range(count - window + 1))
    # Sums around the stretch's own mean are smaller than around the true one, by the window's share of it; around its
    # own rhythm by more, by what that errs over such a window.
    share = window / count
    reach = share * days
    fitted = share * (unevenness(7, reach) + unevenness(24, 24 * reach) - 1 if days else 1)
    return squares / exposures / (1 - min(0.5, fitted))
