"""Reads of the table `rejected`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from streams.store.client import RESOLVED_COLUMNS, Store
from streams.store.statements import Row, numbers, query
from streams.timestamps import EPOCH, sql_microsecond, sql_second

MOST_SUMS: Final = 500
LATEST: Final = datetime(2106, 1, 1, tzinfo=UTC)
"""Later than every instant that we take."""


class RejectedRow(Row):
    """A rejected event, as the table keeps it; `payload` is what people may see of it (metrics.events.masking)."""

    rejected_at: datetime
    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    payload: str


class RejectedSummaryRow(Row):
    """How many events of a partition were rejected for a reason."""

    reason: str
    topic: str
    partition: int
    events: int
    first_at: datetime
    last_at: datetime


class RejectedRecord(Row):
    """A record of a partition that was rejected."""

    offset: int
    reason: str


class SelectedRow(Row):
    """The key of a rejected event, and why it was rejected."""

    topic: str
    partition: int
    offset: int
    fingerprint: int
    reason: str


class UnresolvedRow(Row):
    """The key of a rejected event that has not gone through again."""

    topic: str
    partition: int
    offset: int
    fingerprint: int


class RejectedCount(Row):
    """How many events were rejected for a reason, and when the last of them."""

    reason: str
    events: int
    last_at: datetime


_COUNTS: Final = query(__package__, "rejected_counts", RejectedCount)
_LATEST: Final = query(__package__, "rejected_latest", RejectedRow)
_SUMMARY: Final = query(__package__, "rejected_summary", RejectedSummaryRow)
_RECORDS: Final = query(__package__, "rejected_records", RejectedRecord)
_SELECTED: Final = query(__package__, "rejected_selected", SelectedRow)
_UNRESOLVED: Final = query(__package__, "rejected_unresolved", UnresolvedRow)

Position = tuple[str, int, int, int]
"""Topic, partition, offset and fingerprint: the key of a row of `rejected`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the rejected events; each condition narrows.

    Attributes:
        reason: Only this reason.
        since: Rejected at this instant or later.
        until: Rejected before this instant.
        partition: Only this partition of the event topic.
        first: From this offset.
        last: To this offset, inclusive.
    """

    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    partition: int | None = None
    first: int = 0
    last: int = 2**62


def selected(store: Store, selection: Selection) -> dict[Position, str]:
    """The rejected events of a selection that have not gone through again, with their reasons."""
    parameters = {
        "reason": selection.reason or "",
        "since": sql_second(selection.since or EPOCH),
        "until": sql_second(selection.until or LATEST),
        "partition": -1 if selection.partition is None else selection.partition,
        "first": selection.first,
        "last": selection.last,
    }
    rows = store.fetch(_SELECTED, parameters)
    return {(row.topic, row.partition, row.offset, row.fingerprint): row.reason for row in rows}


def latest(store: Store, reason: str | None, limit: int, contains: str | None = None) -> list[RejectedRow]:
    """The latest rejected events, of all reasons or of one; of those, the ones with a text in detail or payload."""
    return store.fetch(_LATEST, {"reason": reason or "", "limit": limit, "contains": contains or ""})


def summary(store: Store) -> list[RejectedSummaryRow]:
    """How many events were rejected and have not gone through again, by reason and partition, the most first."""
    return store.fetch(_SUMMARY, {"limit": MOST_SUMS})


def counts(store: Store, since: datetime, until: datetime) -> list[RejectedCount]:
    """How many events of a period were rejected and have not gone through again, the most frequent reason first."""
    return store.fetch(_COUNTS, {"since": sql_microsecond(since), "until": sql_microsecond(until)})


def of_records(
    store: Store, topic: str, offsets: Mapping[int, Iterable[int]], since: datetime
) -> list[tuple[int, int, str]]:
    """Which of some records were rejected.

    Args:
        store: The store.
        topic: Their topic.
        offsets: Their offsets by partition.
        since: No earlier rejections, by the store's clock: a broker that forgets counts from 0 again.

    Returns:
        Partition, offset and reason of each.
    """
    matches = []
    for partition, chosen in offsets.items():
        wanted = set(chosen)
        if not wanted:
            continue
        bounds = {"topic": topic, "partition": partition, "first": min(wanted), "last": max(wanted)}
        rows = store.fetch(_RECORDS, bounds | {"since": sql_second(since)})
        matches += [(partition, row.offset, row.reason) for row in rows if row.offset in wanted]
    return matches


def resolve(store: Store, rows: Sequence[Mapping[str, Any]]) -> None:
    """Strikes rejected events off the list, those of them that are on it.

    Args:
        store: The store.
        rows: With RESOLVED_COLUMNS, as records say that they resolve: anybody may say so of rows that there are not.
    """
    offsets, hashes = numbers(row["offset"] for row in rows), numbers(row["fingerprint"] for row in rows)
    matches = store.fetch(_UNRESOLVED, offsets=offsets, hashes=hashes)
    listed = {(row.topic, row.partition, row.offset, row.fingerprint) for row in matches}
    genuine = [row for row in rows if (row["topic"], row["partition"], row["offset"], row["fingerprint"]) in listed]
    store.insert_rejected(genuine, RESOLVED_COLUMNS)
