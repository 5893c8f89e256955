"""What alerts are written from, and what they say: values without words of a language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from metrics.drift.contributions import Contribution
from metrics.drift.myopia import IndexChanges


@dataclass(frozen=True, slots=True)
class AlertText:
    """What an alert says.

    Attributes:
        summary: One sentence or two: who, what, how much, since when.
        description: The rest: owner, contributions, changes of ownership, what to do.
        name: What it is about, for a summary of several: a metric or touchpoint; "" where the alert's name says it.
        from_s: When the dashboard's time range should begin, epoch seconds; None for its usual range.
    """

    summary: str
    description: str
    name: str = ""
    from_s: int | None = None


class ChangeOfOwner(NamedTuple):
    """A touchpoint that passed from one department to another at an epoch second."""

    at_s: int
    touchpoint: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class DriftFacts:
    """What is known of a drift.

    Attributes:
        department: Whose metric.
        metric: Which one.
        direction: Where it went.
        since_s: Since when, epoch seconds.
        at_s: As of when, epoch seconds.
        before: The figure of the baseline, in the metric's unit; None where it had none.
        after: The figure since the drift began.
        n: Observations behind `after`.
        parts: What each touchpoint adds to the change, the greatest first.
        is_explained: Whether a change of ownership explains it.
        changes: Touchpoints that came or went around that time.
    """

    department: str
    metric: str
    direction: Literal["up", "down"]
    since_s: int
    at_s: int
    before: float | None
    after: float | None
    n: int
    parts: Sequence[Contribution] = ()
    is_explained: bool = False
    changes: Sequence[ChangeOfOwner] = ()


class Unanswered(NamedTuple):
    """A touchpoint whose invitations are answered far less than before: both response rates in percent."""

    touchpoint: str
    before: float
    after: float
    n: int
    """Invitations of the last week."""


@dataclass(frozen=True, slots=True)
class QualityFacts:
    """What the companions of drift rest on; by department where not for the whole company.

    Attributes:
        at_s: As of when, epoch seconds.
        answers: Answers of the four weeks before, and of the last week.
        events: Events of the four weeks before, and of the last week.
        unowned_from: Touchpoints without an owner by their events of the last week, the greatest first.
        silent: Touchpoints that sent their last events up to an epoch second.
        myopic: Both indices' changes.
        unanswered: Touchpoints whose invitations are no longer answered: response rates before and of the last week.
    """

    at_s: int
    answers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    events: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    unowned_from: Sequence[str] = ()
    silent: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    myopic: Mapping[str, IndexChanges] = field(default_factory=dict)
    unanswered: Mapping[str, Sequence["Unanswered"]] = field(default_factory=dict)
