"""The answer of `/api/v1/cases`."""

from typing import Annotated

from msgspec import Meta, Struct

from streams.web.responses import Count, Instant


class OpenCaseRow(Struct):
    """A case that is open at an instant."""

    at: Instant
    case_id: Annotated[str, Meta(description="Unique at its source.")]
    source: Annotated[str, Meta(description="The service that reports it.")]
    department: Annotated[str, Meta(description="Who owns it; `unowned` if nobody does.")]
    touchpoint: Annotated[str, Meta(description="Where it was opened.")]
    opened_at: Instant
    age_s: Annotated[Count, Meta(description="Seconds since it was opened.")]
    age: Annotated[str, Meta(description="The same as people write it.")]
