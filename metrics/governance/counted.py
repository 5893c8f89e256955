"""The counts of a store for the assessment of a period, and the row of a figure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from metrics.governance.cases import Case
from metrics.governance.estimates import NO_MOMENTS, Days, Estimate, Moments
from metrics.governance.journeys import Path
from metrics.governance.measures import EffectReason, Measure
from metrics.governance.perception import Answers
from metrics.governance.spend import Promoters, Spend
from metrics.governance.transitions import Transition


class Scores(NamedTuple):
    """Answers with a score at one touchpoint: their number, and the number in the two lowest boxes."""

    scored: int
    bad: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of a store in a period.

    Attributes:
        owned: Events by touchpoint and by the department that owned it.
        slices: Events by touchpoint, segment, region and kind.
        transitions: Transitions of all journeys, by the question answered after them.
        paths: Paths of all journeys, up to their conversion.
        decayed: Conversions by department, distributed by time decay over the steps before them.
        departments: Sums over all journeys of their numbers of departments.
        changes: Sums over all journeys of their numbers of hand-offs.
        answers: Answers to "who owns this touchpoint?".
        success: Answers to "what would success be for you?": by metric, the number of answers by value.
        spends: Spend by department, touchpoint, category and currency.
        promoters: Promoters of each touchpoint ("web.site") and each department ("department it") with spend.
        cases: All cases that were open at some time of the period.
        scores: Scores by touchpoint.
        days: Satisfaction, 0..1, by touchpoint and day.
        alarms: By metric, how often it began to drift.
        levels: By metric, the company's figure at the end, in the metric's unit.
    """

    owned: Mapping[tuple[str, str], int] = field(default_factory=dict)
    slices: Mapping[tuple[str, str, str, str], int] = field(default_factory=dict)
    transitions: tuple[Transition, ...] = ()
    paths: tuple[Path, ...] = ()
    decayed: Mapping[str, float] = field(default_factory=dict)
    departments: Moments = NO_MOMENTS
    changes: Moments = NO_MOMENTS
    answers: tuple[Answers, ...] = ()
    success: Mapping[str, Mapping[float, int]] = field(default_factory=dict)
    spends: tuple[Spend, ...] = ()
    promoters: Mapping[str, Promoters] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    scores: Mapping[str, Scores] = field(default_factory=dict)
    days: Mapping[str, Days] = field(default_factory=dict)
    alarms: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, float] = field(default_factory=dict)


class GovernanceFigure(NamedTuple):
    """One figure.

    Attributes:
        measure: What it is.
        subject: What it is about; "" for the company.
        estimate: The figure.
        reason: Why it cannot be told; "" where it can.
        week: Of `change_week`, which one: 0 is the first whole week after the change, -1 the last before it.
    """

    measure: Measure
    subject: str
    estimate: Estimate
    reason: EffectReason = ""
    week: int | None = None


def fact(value: float) -> Estimate:
    """A figure that is not sampled, such as what the registry says."""
    return Estimate(value, None, 1, 1.0)
