"""What a reader may ask about open cases."""

from typing import Annotated, Final

from msgspec import Meta

from metrics.ids import LONGEST_ID, WORD
from streams.parameters import DepartmentOption, InstantParameters, ViewOption

MOST_CASES: Final = 5000
"""Open cases that one answer lists."""

TouchpointId = Annotated[
    str,
    Meta(pattern=f"^{WORD.pattern}(\\.{WORD.pattern})*$", max_length=LONGEST_ID, description="the id of a touchpoint"),
]
CaseLimit = Annotated[int, Meta(ge=1, le=MOST_CASES, description=f"a whole number from 1 to {MOST_CASES}")]


class CaseParameters(InstantParameters, frozen=True, kw_only=True):
    """The cases that are open at an instant."""

    view: ViewOption = "as_was"
    department: DepartmentOption = None
    touchpoint: Annotated[TouchpointId | None, Meta(description="Only cases that were opened there.")] = None
    limit: Annotated[CaseLimit, Meta(description="How many rows at most, the oldest first.")] = 500
