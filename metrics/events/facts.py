"""Facts: accepted events as columns of the table `events`, with the department that owned each touchpoint."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import compress
from typing import Any, Final

from msgspec import UNSET, UnsetType

from metrics.events.event import Event, amount_of
from metrics.events.governance_fields import GovernanceEvent, details
from metrics.events.placeholders import PLACEHOLDERS
from metrics.events.pseudonyms import Pseudonyms, pseudonym, pseudonyms
from metrics.registry.attribution import Attribution

COLUMNS: Final = (
    "event_id", "source", "kind", "touchpoint", "occurred_at", "customer", "journey", "score", "amount",
    "currency", "count", "segment", "region", "department", "registry_version",
)  # fmt: skip
"""The columns a worker writes, but for the version, `ingested_at`, that each landing gives."""

_CUSTOMER: Final = COLUMNS.index("customer")
_DEPARTMENT, _KIND = COLUMNS.index("department"), COLUMNS.index("kind")

DETAILS: Final = "details"
"""One more column if any of the facts is about governance: the fields of that kind, as a JSON object."""

Columns = list[list[Any]]


def columns(
    events: Sequence[Event], occurred_ms: Sequence[int], attribution: Attribution, version: str, key: bytes,
    placeholders: Collection[str] = PLACEHOLDERS,
) -> Columns:  # fmt: skip
    """Turns accepted events into facts.

    Args:
        events: Accepted events.
        occurred_ms: Their instants, milliseconds since 1970.
        attribution: Who owned what, and when.
        version: The registry's version, stored with each fact.
        key: The secret key of the customers' hashes.
        placeholders: What stands for no customer, as `metrics.events.placeholders` has them.

    Returns:
        One list for each of COLUMNS, each as long as `events`; one more, for DETAILS, if any event has details.
    """
    kinds = [event.kind for event in events]
    touchpoints = [event.touchpoint for event in events]
    segments = _texts([event.segment for event in events])
    regions = _texts([event.region for event in events])
    customers = Pseudonyms(key, placeholders)
    result: Columns = [
        [event.event_id for event in events],
        [event.source for event in events],
        kinds,
        touchpoints,
        list(occurred_ms),
        [customers[event.customer] for event in events],
        _texts([event.journey for event in events]),
        *_measures(events),
        segments,
        regions,
        attribution.owners(touchpoints, segments, regions, kinds, occurred_ms),
        [version] * len(events),
    ]
    written = _details(events)
    return [*result, written] if any(written) else result


def earlier_hashes(events: Sequence[Event], key: bytes, earlier: Sequence[bytes]) -> Mapping[str, Sequence[str]]:
    """The hashes that customers had under keys that were in use before, by the one that they have now.

    Empty without such keys: who has been erased under one of them is to be recognised, and nothing else needs it.
    """
    customers = {event.customer for event in events if event.customer is not UNSET} if earlier else set()
    return {pseudonym(customer, key): pseudonyms(customer, earlier) for customer in customers}


def _details(events: Sequence[Event]) -> list[str]:
    # Rare: nearly every batch has no such facts, and does not pay for a column of them.
    return [details(event) for event in events] if GovernanceEvent in set(map(type, events)) else []


def column_names(columns: Columns) -> tuple[str, ...]:
    """The names of the columns: COLUMNS, and DETAILS if it is present."""
    return (*COLUMNS, DETAILS)[: len(columns)]


def tally(columns: Columns) -> Counter[tuple[str, str]]:
    """How many facts there are of each department and kind.

    >>> tally([[] for _ in COLUMNS])
    Counter()
    """
    return Counter(zip(columns[_DEPARTMENT], columns[_KIND], strict=True))


def sources_of_nobody(events: Sequence[Event], columns: Columns) -> Counter[str]:
    """How many events of each source named a customer that stands for nobody.

    Args:
        events: Accepted events.
        columns: Their facts, in the same order.
    """
    named = zip(events, columns[_CUSTOMER], strict=True)
    return Counter(event.source for event, customer in named if not customer and event.customer is not UNSET)


def keep(columns: Columns, chosen: Sequence[bool]) -> Columns:
    """The chosen rows of all columns, in their order.

    >>> keep([["a", "b"], [1, 2]], [False, True])
    [['b'], [2]]
    """
    return [list(compress(column, chosen)) for column in columns]


def _measures(events: Sequence[Event]) -> Columns:
    return [
        [None if event.score is UNSET else event.score for event in events],
        [None if event.amount is UNSET else amount_of(event) for event in events],
        _texts([event.currency for event in events]),
        [1 if event.count is UNSET else event.count for event in events],
    ]


def _texts(values: Sequence[str | UnsetType]) -> list[str]:
    return ["" if value is UNSET else value for value in values]
