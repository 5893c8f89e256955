"""Whether what comes again is from before a person was erased, and so stays out.

It is if the event says so, or its record: an event cannot have occurred after it was published, and the clock of either
may be ahead. Where neither has a time that can be read, it counts as from before.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from metrics.events.event import Instant
from metrics.events.naming import customers_named
from metrics.events.pseudonyms import pseudonym

BEFORE_ALL: Final = -1


class _When(msgspec.Struct):
    occurred_at: Instant


_when: Final = msgspec.json.Decoder(_When).decode


def happened_ms(value: bytes | None, stamp_ms: int | None) -> int:
    """When a record's event happened at the latest, milliseconds since 1970; -1 where nothing says it.

    Args:
        value: The record's value; its `occurred_at` counts if it can be read.
        stamp_ms: The record's own timestamp; None or below 0 where it has none.

    >>> happened_ms(b'{"occurred_at": "1970-01-01T00:00:02Z"}', 1000), happened_ms(b"broken", 1000)
    (1000, 1000)
    """
    known = [] if stamp_ms is None or stamp_ms < 0 else [stamp_ms]
    try:
        occurred_at = _when(value or b"").occurred_at
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return min(known, default=BEFORE_ALL)  # the record's own must do
    return min([*known, int(occurred_at.timestamp() * 1000)])


def is_of_erased(
    record: Any, stamp_ms: int | None, erased_ms: Mapping[str, int], keys: Sequence[bytes], *, is_foreign: bool = False
) -> bool:
    """Whether a record names somebody who was erased after it happened.

    Args:
        record: With `key` and `value`.
        stamp_ms: Its timestamp, milliseconds since 1970; None or below 0 where it has none.
        erased_ms: When hashes were erased, milliseconds since 1970.
        keys: All keys under which a customer may have been hashed.
        is_foreign: Whether it is a record of a source, any field of which may name a customer.
    """
    happened = happened_ms(record.value, stamp_ms)
    if happened > max(erased_ms.values(), default=BEFORE_ALL - 1):
        return False
    return any(
        happened <= erased_ms.get(pseudonym(customer, key), BEFORE_ALL - 1)
        for customer in customers_named(record.key, record.value, is_foreign=is_foreign)
        for key in keys
    )
