"""What the route of the first look answers with, as types."""

from typing import Annotated

from msgspec import Meta, Struct

from metrics.catalogue import Term
from streams.web.responses import Count, Index, Instant, ReportStatement


class IndexChangeRow(Struct):
    """How an index of a department has changed, over the metrics that are certain at both instants."""

    department: str
    term: Term
    before: Annotated[Index, Meta(description="Over those metrics, so it may differ from the scorecard's.")]
    now: Annotated[Index, Meta(description="Likewise.")]
    change: Annotated[float, Meta(ge=-150, le=150)]
    ci_low: Annotated[float, Meta(description="Lower end of its 95 % interval.")]
    ci_high: Annotated[float, Meta(description="Upper end of its 95 % interval.")]
    n: Annotated[Count, Meta(description="Observations behind it, at the instant that has fewer.")]
    n_eff: float
    beyond_noise: Annotated[bool, Meta(description="After Holm's correction for all changes of this answer.")]


class OverviewAnswer(Struct):
    """What is changing, whose it is, and which departments get better or worse."""

    at: Instant
    compared_with: Annotated[Instant, Meta(description="What `changes` compare with: four weeks before.")]
    statements: Annotated[
        list[ReportStatement], Meta(description="Sentences of the report of the 90 days up to the instant, at most 4.")
    ]
    nothing: Annotated[str, Meta(description="What is said where there are no statements.")]
    omitted: Annotated[Count, Meta(description="Statements left out for brevity.")]
    myopic: Annotated[list[str], Meta(description="Departments that are myopic, also those of omitted statements.")]
    changes: Annotated[list[IndexChangeRow], Meta(description="Without those of which nothing can be told.")]
