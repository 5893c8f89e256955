"""What `/api/v1/annotations` answers with."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from metrics.report.annotations import AnnotationKind
from streams.web.responses import Instant


class AnnotationRow(Struct, rename={"from_": "from"}):
    """One thing that happened."""

    at: Instant
    kind: AnnotationKind
    department: Annotated[str, Meta(description="Whose it is; of a change of owner the new owner; empty for none.")]
    touchpoint: Annotated[str, Meta(description="Where; empty for none.")]
    slice: Annotated[str, Meta(description="Segment, region, kind that a change of owner is limited to; or empty.")]
    metric: Annotated[str, Meta(description="Of which metric; empty for none.")]
    from_: Annotated[str, Meta(description="Owner, registry version or state of the detector before; or empty.")]
    to: Annotated[str, Meta(description="The same from then on; empty of a baseline and a note.")]
    text: Annotated[str, Meta(description="A sentence in English; of a note what somebody wrote. Plain text.")]
    noticed_at: Annotated[Instant | None, Meta(description="When a drift was noticed that began at `at`.")]
    explained_by: Annotated[Literal["none", "ownership"], Meta(description="What makes more than half of a drift.")]
