"""What a store has counted for the assessment of a period, and the row that a figure is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from metrics.governance.cases import Case
from metrics.governance.change import Days
from metrics.governance.estimates import NO_MOMENTS, Estimate, Moments
from metrics.governance.handoffs import Transition
from metrics.governance.journeys import Path
from metrics.governance.perception import Answers
from metrics.governance.spend import Promoters, Spend


class Scores(NamedTuple):
    """Answers with a score at one touchpoint: how many, and how many in the two lowest boxes."""

    scored: int
    bad: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What a store has counted in a period.

    Attributes:
        owned: Events by touchpoint and the department that owned it.
        slices: Events by touchpoint, segment, region and kind.
        transitions: Of all journeys, by what was answered after them.
        paths: Of all journeys, up to their conversion.
        decayed: Conversions by department, shared by time decay over the steps before them.
        departments: Sums over all journeys of how many departments each met.
        changes: Likewise of how many hand-offs each had.
        answers: To "who owns this touchpoint?".
        success: To "what would success be for you?", by metric: how often each value.
        spends: By department, touchpoint, category and currency.
        promoters: Of each touchpoint ("web.site") and each department ("department it"), if there is spend.
        cases: All that were open at some time of the period.
        scores: By touchpoint.
        days: Satisfaction 0..1 by touchpoint and day.
        alarms: How often each metric began to drift.
        levels: What each metric of the company stands at, in its unit, at the end.
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
    """One figure: `measure` is one of a closed set, `subject` what it is of, "" the company."""

    measure: str
    subject: str
    estimate: Estimate


def fact(value: float) -> Estimate:
    """A figure that is not sampled: what the registry says."""
    return Estimate(value, None, 1, 1.0)
