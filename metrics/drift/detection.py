"""Detection: one metric of one department through all its baselines, and how the alert budget is shared.

Each detector gets the same share of the company's false alarms a month. The detectors are known from the start of
their first baselines; a later one changes thresholds from then on, and nothing before.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from metrics.drift import cusum
from metrics.drift.baselines import Baseline, least_exposure, steps_of
from metrics.drift.cusum import DetectorState, Reference, StateChange, Thresholds
from metrics.drift.subjects import SUBJECTS, Observation
from metrics.drift.thresholds import Curve, Detector
from metrics.zones import zone_of

Pair = tuple[str, str]
"""Department and metric."""


@dataclass(frozen=True, slots=True)
class DetectionPolicy:
    """The operator's decisions.

    Attributes:
        budget: False alarms a month for the whole company, > 0.
        shifts: By metric, the smallest shift worth acting on: in the metric's unit, or percent for rates and volumes.
    """

    budget: float
    shifts: Mapping[str, float]


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
    def shown(self) -> tuple[float, float]:
        """Statistic and threshold of the side in alarm; in calm, of the side that is closer to an alarm."""
        return self.detector_state.shown(self.limits)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A change of state: a row of the table `drift`, times in epoch seconds."""

    at_s: int
    department: str
    metric: str
    state: cusum.DriftState
    since_s: int | None
    statistic: float
    threshold: float
    baseline_id: str


def starts(baselines: Mapping[Pair, Sequence[Baseline]]) -> list[int]:
    """When each detector's first baseline came into force, epoch seconds, ascending."""
    return sorted(min(item.valid_from_s for item in versions) for versions in baselines.values() if versions)


def reference_of(baseline: Baseline, policy: DetectionPolicy, begun: Sequence[int]) -> Reference:
    """What a detector compares with.

    Args:
        baseline: The detector's baseline.
        policy: The operator's policy.
        begun: When each detector of the company began, epoch seconds, ascending: see `starts`.
    """
    subject = SUBJECTS[baseline.metric]
    detector = baseline.detector(subject, policy.shifts[baseline.metric])
    first = bisect_right(begun, baseline.valid_from_s)
    limits = [
        _limits(detector, baseline.per_month, policy.budget, count, from_s)
        for count, from_s in [(max(1, first), baseline.valid_from_s), *enumerate(begun[first:], start=first + 1)]
    ]
    least = least_exposure(subject, baseline.mean)
    return Reference(baseline.mean, baseline.sd, detector.k, least, limits)


def _limits(detector: Detector, per_month: float, budget: float, detectors: int, from_s: int) -> Thresholds:
    rate = budget / detectors / per_month / 2
    up, down = _curves(detector)
    return Thresholds(from_s, up.threshold(rate), down.threshold(rate))


@lru_cache(maxsize=4096)
def _curves(detector: Detector) -> tuple[Curve, Curve]:
    # Each takes ten milliseconds, and every look asks for it again.
    return Curve(detector, 1), Curve(detector, -1)


def detect(
    versions: Sequence[Baseline],
    policy: DetectionPolicy,
    begun: Sequence[int],
    observed: Iterable[Observation],
    until_s: int,
    resume: Detection | None = None,
) -> tuple[Detection | None, list[Alarm]]:
    """The state of a detector at an instant, and its changes of state on the way.

    Args:
        versions: The baselines of one metric of one department, in order of version.
        policy: The operator's policy.
        begun: See `starts`.
        observed: Steps in order of time; those that a resumed detection has already taken may be missing.
        until_s: The instant, epoch seconds: steps that end later are ignored.
        resume: The state at an earlier instant; None begins with the first baseline.

    Returns:
        The state, None before the first baseline; and the alarms.
    """
    steps = list(observed)
    alarms: list[Alarm] = []
    detection = resume
    in_force = [baseline for baseline in versions if baseline.valid_from_s <= until_s]
    for position, baseline in enumerate(in_force):
        ends = in_force[position + 1].valid_from_s if position + 1 < len(in_force) else until_s
        if detection is not None and baseline.version < detection.baseline.version:
            continue
        reference = reference_of(baseline, policy, begun)
        if detection is None or detection.baseline.version != baseline.version:
            alarms += _leave(detection, baseline, reference)
            detector_state = cusum.begin(baseline.valid_from_s)
        else:
            detector_state = detection.detector_state
        taken = _taken(baseline, steps, detector_state.at_s, ends)
        detector_state, changes = cusum.advance(reference, detector_state, taken)
        alarms += [_alarm(change, baseline) for change in changes]
        detection = Detection(baseline.department, baseline.metric, baseline, detector_state, reference.limits_at(ends))
    return detection, alarms


def _taken(baseline: Baseline, steps: Iterable[Observation], start_s: int, end_s: int) -> list[Observation]:
    zone = zone_of(baseline.timezone)
    return steps_of(SUBJECTS[baseline.metric], baseline.rhythm, steps, start_s, end_s, zone)


def _leave(detection: Detection | None, baseline: Baseline, reference: Reference) -> list[Alarm]:
    """An alarm ends with a new baseline: what was an alarm for the old one may be usual for the new one."""
    if detection is None or detection.detector_state.state == "calm":
        return []
    change = StateChange(baseline.valid_from_s, "calm", None, 0.0, reference.limits[0].up)
    return [_alarm(change, baseline)]


def _alarm(change: StateChange, baseline: Baseline) -> Alarm:
    return Alarm(
        change.at_s,
        baseline.department,
        baseline.metric,
        change.state,
        change.since_s,
        change.statistic,
        change.threshold,
        baseline.id,
    )
