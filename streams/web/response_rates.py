"""What `/api/v1/responses` answers with."""

from typing import Annotated

from msgspec import Meta, Struct

from metrics.figures.balances import View
from metrics.figures.response_rates import NoRate, ResponseBasis
from streams.web.responses import Count, Instant

Percent = Annotated[float, Meta(ge=0, le=100)]


class ResponseRow(Struct, rename={"from_": "from"}):
    """How many of the invitations to a survey were answered."""

    from_: Annotated[Instant, Meta(description="Invitations from here on.")]
    to: Annotated[Instant, Meta(description="Invitations before here: later ones are still open.")]
    view: View
    department: Annotated[str, Meta(description="Who owned the touchpoints of the invitations.")]
    touchpoint: Annotated[str, Meta(description="With by=touchpoint; else empty.")]
    value: Annotated[Percent | None, Meta(description="The response rate, in percent; null where there is none.")]
    ci_low: Annotated[Percent | None, Meta(description="Lower end of the 95 % interval.")]
    ci_high: Annotated[Percent | None, Meta(description="Upper end of the 95 % interval.")]
    n: Annotated[Count, Meta(description="Invitations that the rate is of.")]
    n_eff: Annotated[float, Meta(ge=0, description="The same, all those of one customer as one.")]
    answered: Annotated[Count, Meta(description="Those that were answered; of the basis counts: answers.")]
    suppressed: Annotated[NoRate, Meta(description="Why there is no rate; empty where there is one.")]
    basis: Annotated[
        ResponseBasis,
        Meta(description="Invitations with the answers of their customers; or their numbers, where most name none."),
    ]
    invitations: Annotated[Count, Meta(description="All that are not open, with a customer or without.")]
    open: Annotated[Count, Meta(description="Invitations that had no seven days yet; they count neither way.")]
    answers: Annotated[Count, Meta(description="Answers at the same touchpoints and time, invited or not.")]
