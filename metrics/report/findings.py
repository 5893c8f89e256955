"""A finding: one thing that a report says, before it is put into words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final, Literal, NamedTuple

from metrics.catalogue import Horizon
from metrics.figures.balances import Balance, View, rows_by_department
from metrics.figures.folded import Daily
from metrics.figures.sample_sizes import is_too_few
from metrics.figures.scorecards import Scorecard
from metrics.governance.counted import Counted, GovernanceFigure
from metrics.governance.estimates import Estimate
from metrics.governance.lines import Line
from metrics.governance.measures import Measure
from metrics.registry import Registry, Target

Section = Literal[
    "changed", "drift", "lines", "talk", "terms", "success", "money", "perception", "good", "open"
]  # fmt: skip
Tone = Literal["bad", "good", "plain", "open"]
Unit = Literal["share", "points", "index", "count", "owners", "days", "money", "metric", "none"]
Support = Literal["", "majority", "plurality", "minority"]
Page = Literal["overview", "department", "touchpoints", "drift", "compare", "governance"]


class FindingKind(NamedTuple):
    """What all findings of a kind have in common: section, tone, unit of the figure, and the page with the details."""

    section: Section
    tone: Tone
    unit: Unit
    page: Page


FINDING_KINDS: Final[dict[str, FindingKind]] = {
    "change_hurt": FindingKind("changed", "bad", "points", "touchpoints"),
    "change_no_effect": FindingKind("changed", "plain", "points", "touchpoints"),
    "change_unclear": FindingKind("changed", "open", "points", "touchpoints"),
    "owner_changed": FindingKind("changed", "plain", "none", "touchpoints"),
    "registry_changed": FindingKind("changed", "plain", "none", "touchpoints"),
    "drift_down": FindingKind("drift", "bad", "metric", "drift"),
    "drift_unclear": FindingKind("drift", "open", "metric", "drift"),
    "moved_down": FindingKind("drift", "plain", "metric", "drift"),
    "moved_up": FindingKind("drift", "plain", "metric", "drift"),
    "two_accountable": FindingKind("lines", "bad", "count", "touchpoints"),
    "crowded": FindingKind("lines", "bad", "owners", "touchpoints"),
    "orphan": FindingKind("lines", "bad", "none", "touchpoints"),
    "orphan_events": FindingKind("lines", "plain", "share", "governance"),
    "new_silo": FindingKind("lines", "bad", "share", "touchpoints"),
    "no_responsibility": FindingKind("lines", "bad", "none", "department"),
    "no_sponsor": FindingKind("lines", "bad", "count", "touchpoints"),
    "redundant_programs": FindingKind("lines", "bad", "count", "touchpoints"),
    "opposed_programs": FindingKind("lines", "bad", "count", "touchpoints"),
    "bad_hand_off": FindingKind("talk", "bad", "points", "governance"),
    "myopia": FindingKind("terms", "bad", "index", "department"),
    "weight_lived": FindingKind("terms", "plain", "share", "governance"),
    "balance": FindingKind("terms", "plain", "index", "department"),
    "expect_more": FindingKind("success", "bad", "metric", "governance"),
    "expect_less": FindingKind("success", "plain", "metric", "governance"),
    "hidden_spend": FindingKind("money", "bad", "share", "governance"),
    "cost_per_promoter": FindingKind("money", "plain", "money", "governance"),
    "mistaken_owner": FindingKind("perception", "bad", "share", "governance"),
    "change_helped": FindingKind("good", "good", "points", "touchpoints"),
    "drift_up": FindingKind("good", "good", "metric", "drift"),
    "good_hand_off": FindingKind("good", "good", "points", "governance"),
    "clear_lines": FindingKind("good", "good", "share", "touchpoints"),
    "agreement": FindingKind("good", "good", "share", "governance"),
    "on_target": FindingKind("good", "good", "index", "department"),
    "confirmed": FindingKind("good", "good", "share", "governance"),
    "unwatched": FindingKind("open", "open", "count", "drift"),
    "unheard": FindingKind("open", "open", "none", "governance"),
    "hand_offs_unclear": FindingKind("open", "open", "count", "governance"),
    "open_cases": FindingKind("open", "open", "count", "governance"),
    "no_success_answers": FindingKind("open", "open", "none", "governance"),
    "no_ownership_answers": FindingKind("open", "open", "none", "governance"),
}
"""The closed set of what a report can say."""
_MEASURED: Final = ("share", "points", "index", "money")
_DECLARED: Final = ("new_silo", "clear_lines")
"""Shares of what the registry declares: every touchpoint is known, and none is observed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say.

    Attributes:
        kind: One of KINDS.
        department: The department's id; "" for the company.
        touchpoint: Which one it is about; "" none.
        other: Who or what else it is about: the giver, the owner before, other owners, a currency, programmes,
            touchpoints that changed hands, metrics of departments ("it/nps sales/csat").
        metric: Which one; "" none.
        role: Of the respondents, for perception.
        estimate: The figure, with its interval and sample size; None where there is none.
        against: What the figure is to be compared with, in its unit: a target, a limit, a weight; None without.
        before: The figure before, of a change; None of anything else.
        metrics: Of an index, the metrics that it rests on; of two indices, of the one that rests on fewer. None of
            anything else.
        targets: How many metrics of that term have a target.
        since_s: Since when, epoch seconds; None where that has no meaning.
        part: Which events of the touchpoint alone: segment, region and kind; "" all of them.
        support: How many name `other`, for perception: more than half of those asked, who does not know included;
            more than any other answer; or neither. "" has no meaning.
    """

    kind: str
    department: str = ""
    touchpoint: str = ""
    other: str = ""
    metric: str = ""
    role: str = ""
    estimate: Estimate | None = None
    against: float | None = None
    since_s: int | None = None
    part: str = ""
    support: Support = ""
    before: float | None = None
    metrics: int | None = None
    targets: int | None = None

    @property
    def of(self) -> FindingKind:
        """What all findings of the kind have in common."""
        return FINDING_KINDS[self.kind]

    @property
    def is_uncertain(self) -> bool:
        """Whether a sampled figure has too little behind it."""
        if self.estimate is None or not self.estimate.is_uncertain:
            return False
        is_sampled = self.is_measured or self.before is not None
        return self.estimate.ci is not None or (is_sampled and self.estimate.value is not None)

    @property
    def is_measured(self) -> bool:
        """Whether the figure speaks of more than was counted: a share, difference, index or price."""
        return self.of.unit in _MEASURED and self.kind not in _DECLARED

    @property
    def is_suppressed(self) -> bool:
        """Whether the figure is not shown because fewer than five effective observations are behind it."""
        estimate = self.estimate
        return self.is_measured and estimate is not None and is_too_few(estimate.n_eff)

    @property
    def shown(self) -> "Finding":
        """The finding as it may be said: without a figure that too little is behind."""
        if self.estimate is None or not self.is_suppressed:
            return self
        return replace(self, estimate=replace(self.estimate, value=None, ci=None))


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding that chance may have made.

    Attributes:
        p: How likely such a figure is by chance, 0..1.
        yes: What to say if it is no chance.
        no: What to say otherwise; None for nothing.
    """

    p: float
    yes: Finding
    no: Finding | None = None


@dataclass(frozen=True, slots=True)
class MetricInAlarm:
    """A metric in alarm at the end of the period.

    Attributes:
        department: Whose metric.
        metric: Which one.
        direction: Where it drifts.
        since_s: Since when, epoch seconds.
        moved_share: The part of the change that comes from touchpoints that changed hands: 0.8 is most of it; above 1
            the rest moved the other way, below 0 they themselves did.
        moved: Those touchpoints.
        before: The figure in the baseline's stretch of time, in the metric's unit; None where it had none.
        after: The figure since the drift began: the one that `cxb drift` and the page show.
        n: Observations behind `after`.
    """

    department: str
    metric: str
    direction: Literal["up", "down"]
    since_s: int
    moved_share: float = 0.0
    moved: tuple[str, ...] = ()
    before: float | None = None
    after: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class AlarmsOfMonth:
    """The alert budget beside the alarms of the 30 days up to the end of a period.

    Attributes:
        detectors: Metrics of departments that are watched at the end.
        expected_a_month: False alarms a month to expect of all of them together.
        alarms: Alarms that began in the 30 days, true and false ones, without explained ones.
        explained: Alarms of the same time that a change of ownership explains.
    """

    detectors: int = 0
    expected_a_month: float = 0.0
    alarms: int = 0
    explained: int = 0


NO_ALARMS: Final = AlarmsOfMonth()


@dataclass(frozen=True)
class Material:
    """What a report is made of.

    Attributes:
        registry: In force.
        since_s: Start of the period, epoch seconds, inclusive.
        at_s: Its end, exclusive.
        view: By which owners.
        counted: What the store has counted in it.
        figures: The assessment of it.
        lines: Who answers for what at the end.
        balances: Figures at the end, of one view.
        earlier: Figures eight weeks before the end.
        daily: Sums by day behind the figures at the end, as in metrics.drift.indices.Moment.
        earlier_daily: Behind those eight weeks before.
        cards: Scorecards at the end.
        drifts: What is in alarm at the end.
        watched: Departments and metrics that have a baseline at the end: nothing else can be in alarm.
        alarms: What the alert budget means at the end.
        versions: Versions of the registry that came into force in the period, with their first epoch second.
    """

    registry: Registry
    since_s: int
    at_s: int
    view: View = "as_was"
    counted: Counted = field(default_factory=Counted)
    figures: Sequence[GovernanceFigure] = ()
    lines: tuple[Line, ...] = ()
    balances: Sequence[Balance] = ()
    earlier: Sequence[Balance] = ()
    daily: Mapping[tuple[str, str, Horizon], Daily] = field(default_factory=dict)
    earlier_daily: Mapping[tuple[str, str, Horizon], Daily] = field(default_factory=dict)
    cards: Sequence[Scorecard] = ()
    drifts: tuple[MetricInAlarm, ...] = ()
    watched: Collection[tuple[str, str]] = frozenset()
    alarms: AlarmsOfMonth = NO_ALARMS
    versions: tuple[tuple[str, int], ...] = ()

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets in force at the end."""
        return self.registry.targets_at(self.at_s)

    @cached_property
    def by_department(self) -> Mapping[str, Sequence[Balance]]:
        """The figures at the end of each department."""
        return rows_by_department(self.balances)

    @property
    def has_events(self) -> bool:
        """Whether anything was counted in the period."""
        counted = self.counted
        return any((counted.owned, counted.slices, counted.answers, counted.success, counted.spends, counted.cases))

    def is_silent(self, pair: tuple[str, str]) -> bool:
        """Whether the newest observation of a department's metric is older than the period, as far as is known."""
        return pair in self._newest and int(self._newest[pair].timestamp()) < self.since_s

    @cached_property
    def _newest(self) -> Mapping[tuple[str, str], datetime]:
        """The newest observation of each department's metric."""
        ascending = sorted(
            (row.last_at, row.department, row.metric) for row in self.balances if row.last_at is not None
        )
        return {(department, metric): at for at, department, metric in ascending}

    def of(self, measure: Measure) -> dict[str, Estimate]:
        """The figures of a measure by subject, in their order."""
        return {figure.subject: figure.estimate for figure in self.figures if figure.measure == measure}


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """A figure in another unit.

    >>> scaled(Estimate(0.5, (0.4, 0.6), 9, 9.0), 100).ci
    (40.0, 60.0)
    """
    ci = None if estimate.ci is None else (estimate.ci[0] * factor, estimate.ci[1] * factor)
    return replace(estimate, value=None if estimate.value is None else estimate.value * factor, ci=ci)
