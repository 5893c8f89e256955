"""The detector: a two-sided CUSUM (Page 1954) that takes steps in order of time and reports each change of state."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from math import inf
from typing import Final, Literal, NamedTuple

from metrics.drift.subjects import Observation
from metrics.durations import DAY_S
from metrics.zones import UTC_ZONE, Zone

DriftState = Literal["calm", "up", "down"]
CODES: Final[dict[DriftState, int]] = {"calm": 0, "up": 1, "down": -1}
STATISTIC_CAP: Final = 2.0
"""The statistic is capped at this many thresholds, or a recovery would be reported as late as the fall was long."""


class Thresholds(NamedTuple):
    """What holds from an instant on (epoch seconds): the thresholds of both sides and k, in standard deviations.

    `a_day` is the most that the statistic of rises may grow by on one day.
    """

    from_s: int
    up: float
    down: float
    k: float
    a_day: float = inf


@dataclass(frozen=True, slots=True)
class DetectorState:
    """Where a detector stands.

    Attributes:
        at_s: The end of the last step it has taken, epoch seconds.
        state: calm, up or down.
        up: Statistic of rises, standard deviations, >= 0.
        down: Statistic of falls, >= 0.
        up_since_s: When `up` was last zero, epoch seconds.
        down_since_s: When `down` was.
        exposure: Exposure of an unfinished group of steps.
        total: Total of that group.
        limits_s: Its thresholds are those that hold at this epoch second: an alarm keeps those that it began with.
        day: The number of the day (local, since 1970) of the last step, where a day's rise is bounded; else 0.
        up_before: `up` at the start of that day.
    """

    at_s: int
    state: DriftState = "calm"
    up: float = 0.0
    down: float = 0.0
    up_since_s: int = 0
    down_since_s: int = 0
    exposure: float = 0.0
    total: float = 0.0
    limits_s: int = 0
    day: int = 0
    up_before: float = 0.0

    def shown(self, limits: Thresholds) -> tuple[float, float]:
        """Statistic and threshold of the side in alarm; in calm, of the side that is closer to an alarm."""
        falls = self.state == "down" or (self.state == "calm" and self.down * limits.up > self.up * limits.down)
        return (self.down, limits.down) if falls else (self.up, limits.up)

    @property
    def since_s(self) -> int | None:
        """The last zero of the side in alarm; None in calm."""
        return {"calm": None, "up": self.up_since_s, "down": self.down_since_s}[self.state]


@dataclass(frozen=True, slots=True)
class StateChange:
    """A change of state: when it became known (epoch seconds), the new state, and the detector's figures."""

    at_s: int
    state: DriftState
    since_s: int | None
    statistic: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Reference:
    """What a detector compares with.

    Attributes:
        mean: The baseline's total for each unit of exposure.
        sd: The baseline's standard deviation, > 0.
        least: Exposure below which steps are pooled.
        limits: Thresholds and reference values k, in standard deviations, in order of the instants from which they
            hold; the first holds from the beginning.
        zone: By its clocks days begin.
    """

    mean: float
    sd: float
    least: float
    limits: Sequence[Thresholds]
    zone: Zone = UTC_ZONE

    def limits_at(self, second: int) -> Thresholds:
        """The thresholds that hold at an epoch second."""
        return next((limits for limits in reversed(self.limits) if limits.from_s <= second), self.limits[0])

    def limits_of(self, detector_state: DetectorState, second: int) -> Thresholds:
        """The thresholds of a detector at an epoch second."""
        return self.limits_at(second if detector_state.state == "calm" else detector_state.limits_s)


def begin(at_s: int) -> DetectorState:
    """A detector before its first step."""
    return DetectorState(at_s, up_since_s=at_s, down_since_s=at_s, limits_s=at_s)


def advance(
    rule: Reference, detector_state: DetectorState, steps: Iterable[Observation]
) -> tuple[DetectorState, list[StateChange]]:
    """Takes steps in order: up = max(0, up + z - k), down = max(0, down - z - k), z in standard deviations.

    Thresholds change in calm only: what they are made from may hold the very shift that an alarm is about.

    Returns:
        The detector's state after the last step, and each change of state on the way.
    """
    changes: list[StateChange] = []
    # Plain variables: this loop sees every minute of every department.
    at_s, state, up, down, up_since_s, down_since_s, exposure, total, limits_s, day, up_before = astuple(detector_state)
    limits, until_s = _limits(rule, limits_s)
    for at_s, step_exposure, step_total in steps:
        exposure += step_exposure
        total += step_total
        if exposure < rule.least or exposure <= 0:
            continue
        if at_s >= until_s and state == "calm":
            limits_s = at_s
            limits, until_s = _limits(rule, limits_s)
        z, allowed = (total - rule.mean * exposure) / rule.sd, exposure * limits.k
        exposure = total = 0.0
        up_was, up = up, min(max(0.0, up + z - allowed), STATISTIC_CAP * limits.up)
        if limits.a_day < inf:
            today = _day(rule.zone, at_s)
            day, up_before = today, up_was if today != day else up_before
            up = min(up, up_before + limits.a_day)
        down = min(max(0.0, down - z - allowed), STATISTIC_CAP * limits.down)
        up_since_s = up_since_s if up else at_s
        down_since_s = down_since_s if down else at_s
        new_state = _state(state, up, down, limits)
        if new_state != state:
            state = new_state
            detector = DetectorState(at_s, state, up, down, up_since_s, down_since_s)
            changes.append(StateChange(at_s, state, detector.since_s, *detector.shown(limits)))
    return DetectorState(
        at_s, state, up, down, up_since_s, down_since_s, exposure, total, limits_s, day, up_before
    ), changes


def _day(zone: Zone, end_s: int) -> int:
    """The number of the day, by the clocks of a zone, of a step that ends at an epoch second."""
    return (end_s - 1 + zone.offset_s(end_s - 1)) // DAY_S


def _limits(rule: Reference, second: int) -> tuple[Thresholds, float]:
    """The thresholds at an epoch second, and when the next ones begin to hold."""
    return rule.limits_at(second), min((limits.from_s for limits in rule.limits if limits.from_s > second), default=inf)


def _state(was: DriftState, up: float, down: float, limits: Thresholds) -> DriftState:
    if was == "up" and up > 0 and down <= limits.down:
        return "up"
    if was == "down" and down > 0 and up <= limits.up:
        return "down"
    if up > limits.up and up * limits.down >= down * limits.up:
        return "up"
    return "down" if down > limits.down else "calm"
