"""What detection can promise: the threshold of each detector, and how soon it finds the smallest shift that matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metrics.catalogue import METRICS, in_digits
from metrics.drift.baselines import Baseline
from metrics.drift.detection import DetectionPolicy, Pair, reference_of, shares_of
from metrics.drift.shares import BudgetShares
from metrics.drift.subjects import SUBJECTS, Subject
from metrics.drift.thresholds import delay, delay_quantile
from metrics.drift.volumes import DaySums, per_month
from metrics.drift.wander import renewals, with_noise_of_weeks
from metrics.durations import DAY_S, MONTH_S


@dataclass(frozen=True, slots=True)
class Promise:
    """One detector's plan.

    Attributes:
        department: The department's id.
        metric: The metric's name.
        baseline_id: The baseline in force.
        level: The baseline's level, in the metric's unit.
        tolerance: How far the level may wander without being a drift, in the metric's unit.
        shift: The smallest shift that it is designed for, in the metric's unit; larger than the configured one if the
            baseline is too small, or the level wanders too much, to distinguish that from its own error.
        threshold_up: Threshold of rises, standard deviations.
        threshold_down: Threshold of falls, standard deviations.
        reference: k, standard deviations an observation.
        per_month: Answers, visits or events a month, in the last three whole months.
        delay: Expected number of these until a fall by `shift` is detected.
        delay_days: The same in days.
        delay_p90: Number of these within which nine of ten such falls are detected.
        delay_p90_days: The same in days.
        since_s: Since when these thresholds hold, epoch seconds: the baseline's beginning, a new detector or a month.
        alarms_per_month: Its share of the budget.
        text: The same in words.
    """

    department: str
    metric: str
    baseline_id: str
    level: float
    tolerance: float
    shift: float
    threshold_up: float
    threshold_down: float
    reference: float
    per_month: float
    delay: float
    delay_days: float
    delay_p90: float
    delay_p90_days: float
    since_s: int
    alarms_per_month: float
    text: str


def plan(
    baselines: Mapping[Pair, Sequence[Baseline]], policy: DetectionPolicy, days: Mapping[Pair, DaySums], at_s: int
) -> list[Promise]:
    """The plan of every detector that has a baseline, by department and metric.

    Args:
        baselines: All baselines, by department and metric in order of version.
        policy: The operator's policy.
        days: What there was on each day since its baseline's start, by department and metric.
        at_s: As of when, epoch seconds.
    """
    shares = shares_of(baselines)
    return [
        _promise(versions[-1], policy, shares, days.get(pair, {}), at_s)
        for pair, versions in sorted(baselines.items())
        if versions
    ]


def level(baseline: Baseline) -> float:
    """A baseline's level in the metric's unit; for volumes events a day.

    >>> from metrics.drift.baselines import Baseline
    >>> level(Baseline("sales", "nps", 1, "automatic", 0, 60, 60, 1000, 0.25, 0.8, 0, 1, 150))
    25.0
    """
    if SUBJECTS[baseline.metric].manner == "volume":
        return sum(baseline.rhythm) / 7
    return baseline.mean * SUBJECTS[baseline.metric].scale


def _promise(baseline: Baseline, policy: DetectionPolicy, shares: BudgetShares, days: DaySums, at_s: int) -> Promise:
    subject = SUBJECTS[baseline.metric]
    reference = reference_of(baseline, policy, shares, days, at_s)
    limits, a_month = reference.limits[-1], per_month(baseline, days, at_s)
    usual = level(baseline)
    tolerated = policy.tolerance(baseline)
    tolerance, shift = (
        _in_unit(subject, part, baseline.mean, usual) for part in (tolerated, 2 * limits.k * baseline.sd - tolerated)
    )
    known = with_noise_of_weeks(baseline, days, renewals(baseline, at_s)[-1], policy.detector(baseline).k, tolerated)
    # Run lengths count in the standard deviation that thresholds allow for, and from the edge of what is tolerated.
    down, k = (limit * baseline.sd / known.sd for limit in (limits.down, limits.k - tolerated / baseline.sd))
    wait = max(1.0, delay(down, k, 2 * k, known.step_sd))
    late = max(1.0, delay_quantile(0.9, down, k, known.step_sd))
    day = a_month * DAY_S / MONTH_S
    return Promise(
        department=baseline.department,
        metric=baseline.metric,
        baseline_id=baseline.id,
        level=usual,
        tolerance=tolerance,
        shift=shift,
        threshold_up=limits.up,
        threshold_down=limits.down,
        reference=limits.k,
        per_month=a_month,
        delay=wait,
        delay_days=wait / day,
        delay_p90=late,
        delay_p90_days=late / day,
        since_s=limits.from_s,
        alarms_per_month=policy.budget / shares.number(limits.from_s),
        text=_text(subject, usual, shift, wait, (wait / day, late / day)) + _tolerated(subject, tolerance),
    )


def _in_unit(subject: Subject, shift: float, mean: float, usual: float) -> float:
    return shift * subject.scale if subject.manner != "volume" else shift / mean * usual


def _text(subject: Subject, usual: float, shift: float, wait: float, days: tuple[float, float]) -> str:
    what = {"answers": "answers", "rate": "visits", "volume": "events that were to be expected"}[subject.manner]
    unit = METRICS[subject.metric].unit
    return (
        f"{subject.metric} {in_digits(usual)} -> {in_digits(usual - shift)} ({unit}) found after about {wait:,.0f} "
        f"{what}, {days[0]:.1f} days (nine of ten within {days[1]:.1f} days)"
    )


def _tolerated(subject: Subject, tolerance: float) -> str:
    unit = METRICS[subject.metric].unit
    return f"; a level within {in_digits(tolerance)} ({unit}) of the usual is no drift" if tolerance else ""
