"""What the route of surrogates answers with, as types."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from metrics.governance.weeks import SurrogateReading, SurrogateReason, SurrogatesBy
from streams.web.responses import Count, Instant, Share

ChangeUnit = Literal["points", "percent"]


class SurrogatePairRow(Struct):
    """What a short-term metric of a department says about a long-term one."""

    department: str
    touchpoint: Annotated[str, Meta(description="Where the short-term metric is counted; empty: at all of them.")]
    short: str
    long: str
    reading: Annotated[SurrogateReading, Meta(description="How to read a rise of the short-term metric.")]
    reason: Annotated[SurrogateReason, Meta(description="Why that cannot be told; empty where it can.")]
    weeks: Annotated[Count, Meta(description="Weeks with a figure of both metrics.")]
    forecasts: Annotated[Count, Meta(description="Weeks of these that were forecast.")]
    skill: Annotated[float | None, Meta(description="Part of the forecasts' squared error that it takes away.")]
    p: Share | None
    lag_weeks: Annotated[Count | None, Meta(description="By how many weeks it is ahead; null where it cannot be told.")]
    lag_weeks_low: Count | None
    lag_weeks_high: Count | None
    rise: Annotated[float, Meta(description="The rise of the short-term metric that `effect` is of.")]
    rise_unit: ChangeUnit
    effect_unit: Annotated[ChangeUnit, Meta(description="Of `effect` and of `expected`.")]
    effect: Annotated[float | None, Meta(description="Change of the long-term metric after such a rise.")]
    effect_low: float | None
    effect_high: float | None
    recent: Annotated[float | None, Meta(description="Rise in the last weeks beyond what its past foretold.")]
    expected: Annotated[float | None, Meta(description="Change in the next weeks that follows from that rise.")]
    expected_low: float | None
    expected_high: float | None


class SurrogateIndexRow(Struct):
    """All short-term metrics of a department that foretell a long-term one, together."""

    department: str
    long: str
    shorts: list[str]
    touchpoints: Annotated[list[str], Meta(description="Of each of `shorts`, where it is counted.")]
    skill: float


class SurrogatesAnswer(Struct, rename={"from_": "from"}):
    """How much short-term metrics foretell long-term ones."""

    from_: Annotated[Instant, Meta(description="Start of the first week, a Monday.")]
    to: Annotated[Instant, Meta(description="End of the last week.")]
    by: SurrogatesBy
    weeks: Annotated[Count, Meta(description="Whole weeks from the first event on.")]
    tested: Annotated[Count, Meta(description="How many pairs were put to the test.")]
    pairs: list[SurrogatePairRow]
    indices: list[SurrogateIndexRow]
