"""A mapping tried on one record: what each field is read from, the events, and what the decoder says of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.rejection import Rejected
from metrics.sources.decoding import encoded, rejected_event
from metrics.sources.mapping import FieldReading, SourceMapping, TextHeaders
from metrics.sources.paths import nearest
from metrics.sources.unfit import ABSENT, Refusal

AGELESS: Final = RecordLimits(max_age_ms=10**15, max_ahead_ms=10**15)


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a record.

    Attributes:
        readings: For each event, what its fields are read from, and what is there.
        values: The events, as JSON; none if the record is dropped or rejected by the mapping.
        rejected: Why it is rejected; None if it is not.
        field: The field that is at fault, where one is.
        path: Where that is read from.
        value: What is there; None where there is nothing.
        hint: The name in the record that the path may have meant; "" without any.
    """

    readings: Sequence[Sequence[FieldReading]]
    values: Sequence[bytes]
    rejected: Rejected | None = None
    field: str = ""
    path: str = ""
    value: Any = None
    hint: str = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events."""
        return [msgspec.json.decode(value) for value in self.values]


def tried(mapping: SourceMapping, record: Any, headers: TextHeaders) -> Trial:
    """What a mapping and the decoder of events make of a record, and what each field is read from.

    Args:
        mapping: The source's mapping.
        record: As a JSON decoder gives it, or a row of a CSV by column.
        headers: Its headers, names in lower case.
    """
    return replace(judged(mapping, record, headers), readings=mapping.readings(record, headers))


def judged(
    mapping: SourceMapping, record: Any, headers: TextHeaders, stamp_ms: int = 0, limits: RecordLimits = AGELESS
) -> Trial:
    """The same without what fields are read from.

    Args:
        mapping: As above.
        record: As above.
        headers: As above.
        stamp_ms: The timestamp that its record will have, milliseconds since 1970.
        limits: The size and age that an event may have; any age unless told.
    """
    values = encoded(mapping, record, headers)
    if isinstance(values, Refusal):
        value = None if values.value is ABSENT else values.value
        hint = nearest(values.path, record) if values.path and value is None and ", " not in values.path else ""
        return Trial((), (), values.rejected(), values.field, values.path, value, hint)
    run = decode_run(values, [stamp_ms] * len(values), limits)
    return Trial((), values, rejected_event(mapping, run.rejected[0][1]) if run.rejected else None)
