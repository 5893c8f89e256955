"""What the routes answer with, as types: the schemas of the OpenAPI document are made from them.

Fields may be added, so a client ignores those that it does not know.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from metrics.catalogue import Horizon, Term
from metrics.events.rejection import Reason
from metrics.figures.balances import View
from metrics.governance.measures import EffectReason, MeasureUnit
from metrics.report.findings import Section, Support, Tone
from streams.parameters import LanguageCode

Instant = Annotated[datetime, Meta(tz=True)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
Level = Annotated[float | None, Meta(description="In the metric's unit.")]
Index = Annotated[float, Meta(ge=0, le=150, description="0 to 150; null without a metric that counts.")] | None


class Problem(Struct):
    """Why there is no answer."""

    error: Annotated[str, Meta(description="What is wrong, where, and what to do.")]


class BalanceRow(Struct):
    """One figure: a row of the table `balances`."""

    at: Instant
    view: View
    department: str
    metric: str
    term: Term
    horizon: Horizon
    value: Annotated[float | None, Meta(description="In the metric's unit; null when suppressed.")]
    ci_low: Annotated[float | None, Meta(description="Lower end of the 95 % interval.")]
    ci_high: Annotated[float | None, Meta(description="Upper end of the 95 % interval.")]
    n: Annotated[Count, Meta(description="Observations in the window of ten half-lives.")]
    n_eff: Annotated[float, Meta(ge=0, description="Effective number of observations.")]
    suppressed: Annotated[
        Literal["", "stale", "no_denominator", "n_eff<5", "warming_up"],
        Meta(description="Why the value is not shown; empty when it is."),
    ]
    first_at: Annotated[Instant | None, Meta(description="The oldest observation; null without a denominator.")]
    last_at: Annotated[Instant | None, Meta(description="The newest observation that counts.")]
    sampled_one_in: Annotated[
        int, Meta(ge=1, description="n_eff was computed from one customer in so many who have several observations.")
    ]
    target: Annotated[float | None, Meta(description="The internal target in force at that instant; null without.")]
    target_customer: Annotated[float | None, Meta(description="Likewise, as customers define success.")]
    attainment: Annotated[Index, Meta(description="0 at the floor, 100 at the target, at most 150.")]
    distance: Annotated[float | None, Meta(description="value minus target, in the metric's unit.")]
    beyond_noise: Annotated[bool | None, Meta(description="Whether the target is outside of the interval.")]


class TrendRow(BalanceRow):
    """One figure of a trend; with `by`, what it is of."""

    touchpoint: Annotated[str | UnsetType, Meta(description="With by=touchpoint; `(other)`: the rest.")] = UNSET
    segment: Annotated[str | UnsetType, Meta(description="With by=segment; empty where there is none.")] = UNSET
    region: Annotated[str | UnsetType, Meta(description="With by=region; empty where there is none.")] = UNSET


class ScorecardRow(Struct):
    """One department's indices: a row of the table `scorecards`."""

    at: Instant
    view: View
    department: str
    short_index: Index
    long_index: Index
    outcome_balance: Annotated[float, Meta(ge=-150, le=150, description="long_index minus short_index.")] | None
    weight_balance: Annotated[Share | None, Meta(description="Long-term targets' share of all weights.")]
    short_index_customer: Index
    long_index_customer: Index
    short_metrics: Annotated[Count, Meta(description="Metrics that short_index rests on.")]
    short_targets: Annotated[Count, Meta(description="Short-term metrics with a target; the others have no figure.")]
    long_metrics: Annotated[Count, Meta(description="Metrics that long_index rests on.")]
    long_targets: Annotated[Count, Meta(description="Long-term metrics with a target; the others have no figure.")]
    behind: Annotated[list[str], Meta(description="Metrics below their target by more than noise.")]
    ahead: Annotated[list[str], Meta(description="Metrics above their target by more than noise.")]
    short_ci_low: Annotated[Index, Meta(description="Lower end of the 95 % interval of short_index.")]
    short_ci_high: Annotated[Index, Meta(description="Upper end of the 95 % interval of short_index.")]
    short_n_eff: Annotated[float | None, Meta(description="Effective observations of its metric that has the fewest.")]
    long_ci_low: Annotated[Index, Meta(description="Lower end of the 95 % interval of long_index.")]
    long_ci_high: Annotated[Index, Meta(description="Upper end of the 95 % interval of long_index.")]
    long_n_eff: Annotated[float | None, Meta(description="Effective observations of its metric that has the fewest.")]


class GovernanceRow(Struct):
    """One figure of governance."""

    measure: str
    subject: Annotated[str, Meta(description="What it is of; empty for the company.")]
    unit: Annotated[MeasureUnit, Meta(description="How the value and its interval are to be read.")]
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: Count
    n_eff: float
    uncertain: Annotated[bool, Meta(description="Whether too little is behind it.")]
    reason: Annotated[EffectReason, Meta(description="Why an effect cannot be told; empty where it can.")]
    week: Annotated[int | None, Meta(description="Of change_week: weeks since the change, below 0 before it.")]


class ReportStatement(Struct):
    """One thing that a report says, with its figure."""

    kind: str
    department: str
    touchpoint: str
    other: Annotated[str, Meta(description="Who or what else it is about.")]
    metric: str
    role: str
    part: Annotated[str, Meta(description="Which events of the touchpoint; empty for all of them.")]
    support: Annotated[Support, Meta(description="How many name `other` as the owner; empty in other kinds.")]
    tone: Tone
    since: Instant | None
    against: Annotated[float | None, Meta(description="What the figure compares with: a target, a limit, a weight.")]
    before: Annotated[float | None, Meta(description="The figure before, of a drift; null of anything else.")]
    metrics: Annotated[Count | None, Meta(description="Metrics that an index rests on, of two the fewer.")]
    targets: Annotated[Count | None, Meta(description="Metrics of that term with a target.")]
    figure: float | None
    ci_low: float | None
    ci_high: float | None
    n: Count | None
    n_eff: float | None
    uncertain: bool
    text: str
    evidence: str
    link: Annotated[str, Meta(description="The page that shows the figure, relative to this host.")]


class ReportSection(Struct):
    """One section of a report."""

    section: Section
    title: str
    statements: list[ReportStatement]
    nothing: Annotated[str, Meta(description="What is said where there are no statements.")]
    omitted: Annotated[Count, Meta(description="Statements left out for brevity.")]


class ReportAlarms(Struct):
    """The alert budget beside the alarms of the 30 days up to the end of a report."""

    detectors: Count
    expected_a_month: Annotated[float, Meta(description="False alarms a month to expect of all of them together.")]
    alarms: Annotated[Count, Meta(description="Alarms of the 30 days, true and false, without explained ones.")]
    explained: Annotated[Count, Meta(description="Alarms that a change of ownership explains; they count apart.")]
    text: Annotated[str, Meta(description="The same in words; empty while nothing is watched.")]


class ReportOfPeriod(Struct):
    """What there is to say of a period."""

    since: Annotated[Instant, Meta(description="Start of the period, inclusive.")]
    at: Annotated[Instant, Meta(description="End of the period, exclusive.")]
    timezone: Annotated[str, Meta(description="Of the days that the sentences name.")]
    registry_version: str
    lang: LanguageCode
    title: str
    period: str
    note: str
    questions: Annotated[Count, Meta(description="How many comparisons the report made.")]
    has_events: Annotated[bool, Meta(description="Whether anything was counted in the period.")]
    alarms: ReportAlarms
    sections: list[ReportSection]


class RejectedRow(Struct):
    """A rejected event: a row of the table `rejected`, masked."""

    rejected_at: Instant
    reason: Reason
    detail: str
    topic: str
    partition: Count
    offset: Count
    payload: str


class MetricRow(Struct):
    """A metric of the catalogue."""

    name: str
    term: Term
    unit: str
    kinds: list[str]
    meaning: str
    interval: str
