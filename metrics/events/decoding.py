"""Decoding: a run of records becomes events and rejections, each record by itself.

The fast path lets msgspec decode and check in one pass. What it does not accept at once goes to
`metrics.events.validation`. One bad record never affects its neighbours.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from metrics.events.characters import has_control, may_have_controls
from metrics.events.event import LAST_SECOND, Event, RecordLimits, is_sound, occurred_ms
from metrics.events.nearest import MOST_COMPARED
from metrics.events.rejection import Rejected
from metrics.events.validation import diagnose, untimely


@dataclass(slots=True)
class Run:
    """The outcome of a run of records, in their order.

    Attributes:
        events: The accepted events.
        occurred_ms: Their instants, milliseconds since 1970.
        rejected: The rejected records: position in the run, from 0, and why.
        unknown_fields: How many fields were ignored.
        strangers: How many accepted events had each, by source and name as sent; of one event the first few.
    """

    events: list[Event] = field(default_factory=list)
    occurred_ms: list[int] = field(default_factory=list)
    rejected: list[tuple[int, Rejected]] = field(default_factory=list)
    unknown_fields: int = 0
    strangers: Counter[tuple[str, str]] = field(default_factory=Counter)


_BEFORE_EPOCH: Final = -1
_LAST_MS: Final = LAST_SECOND * 1000
_decode = msgspec.json.Decoder(Event).decode


def decode_run(values: Sequence[bytes | None], stamps_ms: Sequence[int], limits: RecordLimits) -> Run:
    """Decodes and validates a run of records.

    Args:
        values: The value of each.
        stamps_ms: The Kafka timestamp of each, milliseconds since 1970.
        limits: The size and age that a record may have.

    Returns:
        Each record, either among the events or among the rejected. Nothing is raised, whatever the bytes.
    """
    run = Run()
    oldest_ms, latest_ms = -limits.max_age_ms, limits.max_ahead_ms
    max_bytes = limits.max_bytes
    # Asked of all records at once: to ask each takes a quarter of the time of decoding it.
    fast = _fast_and_visible if may_have_controls(values) else _fast
    for position, (value, timestamp_ms) in enumerate(zip(values, stamps_ms, strict=True)):
        event = fast(value, max_bytes)
        instant_ms = _BEFORE_EPOCH if event is None else occurred_ms(event)
        if event is None or not 0 <= instant_ms <= _LAST_MS:
            verdict, unknown = diagnose(value, limits)
            run.unknown_fields += len(unknown)
            if isinstance(verdict, Rejected):
                run.rejected.append((position, verdict))
                continue
            run.strangers.update((verdict.source, name) for name in unknown[:MOST_COMPARED])
            event, instant_ms = verdict, occurred_ms(verdict)
        if oldest_ms <= instant_ms - timestamp_ms <= latest_ms:
            run.events.append(event)
            run.occurred_ms.append(instant_ms)
        else:
            run.rejected.append((position, untimely(event, timestamp_ms, limits)))
    return run


def _fast(value: bytes | None, max_bytes: int) -> Event | None:
    if value is None or len(value) > max_bytes:
        return None
    try:
        event = _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return event if is_sound(event, value) else None


def _fast_and_visible(value: bytes | None, max_bytes: int) -> Event | None:
    event = _fast(value, max_bytes)
    return None if event is None or (may_have_controls((value,)) and has_control(event)) else event
