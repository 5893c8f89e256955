"""What sources sent that is unknown: fields of no event of ours, and touchpoints that the registry does not declare."""

from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple

from msgspec import Meta

from metrics.events.masking import FIELD_NAMES
from metrics.events.nearest import TouchpointsNear, spelled_field
from streams.figures.names import numbering
from streams.parameters import BoundsParameters, Limit
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Row, query
from streams.timestamps import rfc3339


class SeenParameters(BoundsParameters, frozen=True, kw_only=True):
    """What sources sent that is unknown."""

    limit: Annotated[Limit, Meta(description="How many rows at most: fields, and touchpoints as many.")] = 100


class SeenName(Row):
    """A name by the source that sent it."""

    source: str
    name: str
    events: int
    first_at: datetime
    last_at: datetime


class Period(NamedTuple):
    """From an instant on, until before another; both aware."""

    since: datetime
    until: datetime


_FIELDS: Final = query(__package__, "seen_fields", SeenName)
_TOUCHPOINTS: Final = query(__package__, "seen_touchpoints", SeenName)


def seen_rows(store: Store, compiled: CompiledRegistry, period: Period, limit: int) -> list[dict[str, Any]]:
    """What is unknown, fields first, each by how many events had it.

    Returns:
        `what` (field or touchpoint), `source`, `name`, `events`, `first_at`, `last_at` (of a field: when a worker read
        the event; of a touchpoint: when it occurred), and `like`, the name of ours that may be meant; "" without any.
    """
    names = compiled.names
    span = {"since": int(period.since.timestamp()), "until": int(period.until.timestamp()), "limit": limit}
    fields = store.fetch(_FIELDS, span)
    unknown = {**span, "last_unknown": len(names.prefixes)}
    touchpoints = store.fetch(_TOUCHPOINTS, unknown, number=numbering(names).place)
    near = TouchpointsNear(touchpoint.id for touchpoint in compiled.registry.touchpoints)
    return [_row("field", row, spelled_field(row.name, FIELD_NAMES)) for row in fields] + [
        _row("touchpoint", row, near.meant(row.name)) for row in touchpoints
    ]


def _row(what: str, row: SeenName, like: str) -> dict[str, Any]:
    return {
        "what": what,
        "source": row.source,
        "name": row.name,
        "events": row.events,
        "first_at": rfc3339(row.first_at),
        "last_at": rfc3339(row.last_at),
        "like": "" if like == row.name else like,
    }
