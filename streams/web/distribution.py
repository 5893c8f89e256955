"""What `/api/v1/distribution` answers with."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from metrics.figures.balances import View
from metrics.figures.distribution import AnswerMetric
from streams.web.responses import Count, Instant


class AnswerCount(Struct):
    """How many gave one answer."""

    answer: Annotated[str, Meta(description="detractors, passives or promoters of nps; else a score.")]
    n: Annotated[Count | None, Meta(description="How many; null where answers are too few to be told apart.")]


class DistributionRow(Struct, rename={"from_": "from"}):
    """The answers of a department in one stretch of a period."""

    from_: Annotated[Instant, Meta(description="Start of the stretch, inclusive.")]
    to: Annotated[Instant, Meta(description="End of the stretch, exclusive.")]
    view: View
    department: str
    metric: AnswerMetric
    n: Annotated[Count, Meta(description="Answers in the stretch; none weighs more than another.")]
    suppressed: Annotated[
        Literal["", "n_eff<5"], Meta(description="Why answers are not told apart; empty if they are.")
    ]
    answers: Annotated[list[AnswerCount], Meta(description="The worst answer first; they add up to n.")]
