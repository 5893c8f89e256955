"""The answer of `/api/v1/touchpoints`: who owns what, and who owned it over time."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from streams.web.responses import Count, Instant, Share

Shares = Annotated[dict[str, Share], Meta(description="Of the work, by department, in sum 1; empty without an owner.")]


class OwnershipPeriodRow(Struct, rename={"from_": "from"}):
    """A stretch of time with one owner and one division of the work."""

    from_: Annotated[Instant | None, Meta(description="Inclusive; null: from the beginning.")]
    to: Annotated[Instant | None, Meta(description="Exclusive; null: indefinitely.")]
    owner: Annotated[str, Meta(description="A department, or `unowned`.")]
    shares: Shares


class TouchpointSlice(Struct):
    """Those events of a touchpoint that the rules of its ownership tell apart; all of it, where they do not."""

    segment: Annotated[str, Meta(description="Empty: every segment that no other slice names. So for the next three.")]
    region: str
    kind: str
    facet: Annotated[str, Meta(description="Who answers for a facet alone owns no events.")]
    owner: Annotated[str, Meta(description="At the instant: a department, or `unowned`.")]
    accountable: Annotated[list[str], Meta(description="Empty for nobody; several where rules tie.")]
    shares: Shares
    events: Annotated[Count, Meta(description="Of the 90 days, whoever owned them.")]
    periods: Annotated[list[OwnershipPeriodRow], Meta(description="Oldest first, without gaps.")]


class TouchpointRow(Struct):
    """A touchpoint that is declared, or that had events in the 90 days before the instant."""

    touchpoint: str
    name: Annotated[dict[str, str], Meta(description="By language; empty where it is not declared.")]
    declared: bool
    stage: Literal["before", "during", "after", ""]
    channel: Literal["online", "offline", ""]
    shares: str
    consulted: str
    sponsor: str
    owners: Annotated[list[str], Meta(description="At the instant.")]
    events: Count
    unowned: Annotated[Count, Meta(description="Of the events, those that nobody owned when they occurred.")]
    by_owner: Annotated[dict[str, Count], Meta(description="Events by owner when they occurred.")]
    slices: Annotated[list[TouchpointSlice], Meta(description="Where ownership is shared or split.")]
