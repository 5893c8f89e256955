"""Detection: one metric of one department through all its baselines, and how the alert budget is shared.

Each detector gets the same share of the company's false alarms a month. The detectors are known from the start of
their first baselines; a later one changes thresholds from then on, and nothing before. So does each new month: a
threshold follows the volume of the three months before it, and the noise of weeks as far as it is known by then.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf, sqrt
from typing import Final

from metrics.drift import cusum
from metrics.drift.baselines import Baseline, least_exposure, steps_of
from metrics.drift.cusum import DetectorState, Reference, StateChange, Thresholds
from metrics.drift.onset import Onset, days_until, onset
from metrics.drift.shares import BudgetShares
from metrics.drift.steps import inside
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.thresholds import Curve, Detector
from metrics.drift.volumes import DaySums, days_of, months_between, per_month
from metrics.drift.wander import renewals, with_noise_of_weeks
from metrics.zones import zone_of

Pair = tuple[str, str]
"""Department and metric."""


@dataclass(frozen=True, slots=True)
class DetectionPolicy:
    """The operator's decisions.

    Attributes:
        budget: False alarms a month for the whole company, > 0.
        shifts: By metric, the smallest shift worth acting on: in the metric's unit, or percent for rates and volumes.
        tolerances: By metric and in the same unit, how far from its baseline a level may wander without being a drift,
            0 <= tolerance < shift; 0 for a metric that is not there.
    """

    budget: float
    shifts: Mapping[str, float]
    tolerances: Mapping[str, float] = field(default_factory=dict)

    def tolerance(self, baseline: Baseline) -> float:
        """How far the level of a baseline may wander, in units of total/exposure."""
        return SUBJECTS[baseline.metric].shift_of_mean(self.tolerances.get(baseline.metric, 0.0), baseline.mean)

    def detector(self, baseline: Baseline) -> Detector:
        """The detector of what exceeds the tolerance: its run length in calm is that of a level at the band's edge."""
        beyond = self.shifts[baseline.metric] - self.tolerances.get(baseline.metric, 0.0)
        return baseline.detector(SUBJECTS[baseline.metric], beyond)


A_DAY: Final = 0.5
"""Of one great day, rises of a volume add at most this share of the threshold: a great sale is no drift."""
GREAT: Final = 4.0
"""Standard deviations of a usual day that a day may always add: only what exceeds them is a great one."""
DATABLE: Final = 2.0
"""A drift is dated where the least shift that a detector can tell is at most so many times the one worth acting on."""
DEFAULT_SHIFTS: Final[Mapping[str, float]] = {name: subject.shift for name, subject in SUBJECTS.items()}


@dataclass(frozen=True, slots=True)
class Detection:
    """The state of one detector, with its baseline and thresholds."""

    department: str
    metric: str
    baseline: Baseline
    detector_state: DetectorState
    limits: Thresholds

    @property
    def limits_s(self) -> int:
        """At which epoch second its thresholds were chosen."""
        return self.detector_state.limits_s

    def held_of(self, baseline: Baseline) -> Thresholds | None:
        """The thresholds that were chosen then, if they are of this baseline and known: they do not change again."""
        is_known = self.baseline.version == baseline.version and self.limits.from_s <= self.limits_s
        return self.limits if is_known else None

    @property
    def shown(self) -> tuple[float, float]:
        """Statistic and threshold of the side in alarm; in calm, of the side that is closer to an alarm."""
        return self.detector_state.shown(self.limits)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A change of state: a row of the table `drift`, times in epoch seconds.

    `onset` is between which instants the drift began, at a confidence of 95 %; None where that cannot be said.
    """

    at_s: int
    department: str
    metric: str
    state: cusum.DriftState
    since_s: int | None
    statistic: float
    threshold: float
    baseline_id: str
    onset: Onset | None = None


def shares_of(baselines: Mapping[Pair, Sequence[Baseline]]) -> BudgetShares:
    """How detectors share the budget, from when each one's first baseline came into force."""
    return BudgetShares(min(item.valid_from_s for item in versions) for versions in baselines.values() if versions)


def reference_of(
    baseline: Baseline,
    policy: DetectionPolicy,
    shares: BudgetShares,
    days: DaySums,
    until_s: int,
    since_s: int = 0,
    held: Thresholds | None = None,
) -> Reference:
    """What a detector compares with.

    Args:
        baseline: The detector's baseline.
        policy: The operator's policy.
        shares: How the company's detectors share the budget.
        days: What there was on each day since the baseline's start, as far as it is known.
        until_s: Until when thresholds are needed, epoch seconds.
        since_s: From when on they are needed.
        held: Those that are known to hold then; None to compute them.
    """
    subject, begin = SUBJECTS[baseline.metric], baseline.valid_from_s
    tolerance = policy.tolerance(baseline)
    k = policy.detector(baseline).k
    renewed = renewals(baseline, until_s)
    instants = sorted({*renewed, *shares.changes(begin), *months_between(begin, until_s)})
    later = bisect_right(instants, since_s)
    needed = instants[later if held else max(0, later - 1) :]
    known: dict[int, Baseline] = {}
    limits = [held] if held else []
    for from_s in needed:
        noise_s = renewed[max(0, bisect_right(renewed, from_s) - 1)]
        if noise_s not in known:
            known[noise_s] = with_noise_of_weeks(baseline, days, noise_s, k, tolerance)
        false_alarms = policy.budget / shares.number(from_s) / per_month(baseline, days, from_s)
        limits.append(_limits(baseline, known[noise_s], policy, false_alarms, from_s))
    least = least_exposure(subject, baseline.mean)
    return Reference(baseline.mean, baseline.sd, least, limits, zone_of(baseline.timezone))


def _limits(
    baseline: Baseline, known: Baseline, policy: DetectionPolicy, false_alarms: float, from_s: int
) -> Thresholds:
    """The thresholds for so many false alarms an observation, both sides together, in the baseline's own deviations.

    A step counts as far as it exceeds the tolerance and half of the shift beyond it.
    """
    detector = policy.detector(known)
    unit = known.sd / baseline.sd
    up, down = (unit * curve.threshold(false_alarms / 2) for curve in _curves(detector))
    k = unit * detector.k + policy.tolerance(baseline) / baseline.sd
    usual_day = sum(baseline.rhythm) / 7
    a_day = max(A_DAY * up, GREAT * unit * sqrt(usual_day)) if usual_day else inf
    return Thresholds(from_s, up, down, k, a_day)


@lru_cache(maxsize=4096)
def _curves(detector: Detector) -> tuple[Curve, Curve]:
    # Each takes milliseconds, and every look asks for it again.
    return Curve(detector, 1), Curve(detector, -1)


def detect(
    versions: Sequence[Baseline],
    policy: DetectionPolicy,
    shares: BudgetShares,
    observed: Iterable[Observation],
    until_s: int,
    resume: Detection | None = None,
    days: DaySums | None = None,
) -> tuple[Detection | None, list[Alarm]]:
    """The state of a detector at an instant, and its changes of state on the way.

    Args:
        versions: The baselines of one metric of one department, in order of version.
        policy: The operator's policy.
        shares: How the company's detectors share the budget.
        observed: Steps in order of time; those that a resumed detection has already taken may be missing.
        until_s: The instant, epoch seconds: steps that end later are ignored.
        resume: The state at an earlier instant; None begins with the first baseline.
        days: What there was on each day up to the instant; None if all steps are there to compute it from.

    Returns:
        The state, None before the first baseline; and the alarms.
    """
    steps = observed if isinstance(observed, Sequence) else list(observed)
    if days is None:
        days = days_of(steps, SUBJECTS[versions[0].metric].width_s) if versions else {}
    alarms: list[Alarm] = []
    detection = resume
    in_force = [baseline for baseline in versions if baseline.valid_from_s <= until_s]
    for position, baseline in enumerate(in_force):
        ends = in_force[position + 1].valid_from_s if position + 1 < len(in_force) else until_s
        if detection and baseline.version < detection.baseline.version:
            continue
        known = (detection.limits_s, detection.held_of(baseline)) if detection else (0, None)
        reference = reference_of(baseline, policy, shares, days, ends, *known)
        state, ended = _enter(detection, baseline, reference)
        state, changes = cusum.advance(reference, state, _taken(baseline, steps, state.at_s, ends))
        alarms += _alarms([*ended, *changes], baseline, policy, days, steps)
        detection = Detection(baseline.department, baseline.metric, baseline, state, reference.limits_of(state, ends))
    return detection, alarms


def _taken(baseline: Baseline, steps: Iterable[Observation], start_s: int, end_s: int) -> Iterable[Observation]:
    subject = SUBJECTS[baseline.metric]
    if subject.manner == "volume":
        return steps_of(subject, baseline.rhythm, steps, start_s, end_s, zone_of(baseline.timezone))
    # Minutes of years, one at a time.
    return inside(steps, subject.width_s, start_s, end_s)


def _enter(
    detection: Detection | None, baseline: Baseline, reference: Reference
) -> tuple[DetectorState, list[StateChange]]:
    """Where a detector takes a baseline up, and the alarm that ends then: it may be usual for the new baseline."""
    if detection is not None and detection.baseline.version == baseline.version:
        return detection.detector_state, []
    begun = cusum.begin(baseline.valid_from_s)
    if detection is None or detection.detector_state.state == "calm":
        return begun, []
    return begun, [StateChange(baseline.valid_from_s, "calm", None, 0.0, reference.limits[0].up)]


def _alarms(
    changes: Iterable[StateChange],
    baseline: Baseline,
    policy: DetectionPolicy,
    days: DaySums,
    steps: Iterable[Observation],
) -> list[Alarm]:
    return [_alarm(change, baseline, _onset(change, baseline, policy, days, steps)) for change in changes]


def _onset(
    change: StateChange, baseline: Baseline, policy: DetectionPolicy, days: DaySums, steps: Iterable[Observation]
) -> Onset | None:
    """Between which instants a drift began; None in calm, and where a level wanders or may: then it began nowhere."""
    if change.state == "calm" or policy.tolerance(baseline):
        return None
    known_s = renewals(baseline, change.at_s)[-1]
    known = with_noise_of_weeks(baseline, days, known_s, policy.detector(baseline).k)
    wanted = SUBJECTS[baseline.metric].shift_of_mean(policy.shifts[baseline.metric], baseline.mean)
    if 2 * policy.detector(known).k * known.sd > DATABLE * wanted:
        return None
    return onset(baseline, known.sd, days_until(baseline, days, steps, change.at_s), change)


def _alarm(change: StateChange, baseline: Baseline, began: Onset | None) -> Alarm:
    return Alarm(
        change.at_s,
        baseline.department,
        baseline.metric,
        change.state,
        change.since_s,
        change.statistic,
        change.threshold,
        baseline.id,
        began,
    )
