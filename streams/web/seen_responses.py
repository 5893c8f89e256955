"""What `/api/v1/sources/seen` answers with."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from streams.web.responses import Count, Instant


class SeenRow(Struct):
    """A field that no event of ours has, or a touchpoint that the registry does not declare, by the source."""

    what: Literal["field", "touchpoint"]
    source: str
    name: Annotated[
        str,
        Meta(description="As sent; of a field that may be somebody's its length; `(other)`: of more names."),
    ]
    events: Annotated[Count, Meta(description="That had it; those that were read twice count twice.")]
    first_at: Annotated[
        Instant, Meta(description="Of fields: when read by a worker. Of touchpoints: when it occurred.")
    ]
    last_at: Instant
    like: Annotated[str, Meta(description="The name of ours that may be meant; empty without any.")]
