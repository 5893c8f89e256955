"""Reads of the table `rejected`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from streams.store.client import Store

_LATEST: Final = """
SELECT rejected_at, reason, detail, topic, partition, offset, payload
FROM rejected_latest
WHERE {reason:String} IN ('', reason)
ORDER BY rejected_at DESC, partition DESC, offset DESC
LIMIT {limit:UInt32}
"""
_WITHIN: Final = """
SELECT partition, offset, reason FROM rejected FINAL
WHERE topic = {topic:String} AND partition = {partition:Int32} AND offset BETWEEN {first:Int64} AND {last:Int64}
    AND resolved_at IS NULL AND rejected_at >= {since:DateTime64(3, 'UTC')}
"""


_SELECTED: Final = """
SELECT topic, partition, offset, fingerprint, reason FROM rejected_latest
WHERE {reason:String} IN ('', reason) AND rejected_at >= {since:DateTime64(3, 'UTC')}
    AND rejected_at < {until:DateTime64(3, 'UTC')}
    AND {partition:Int32} IN (-1, partition) AND offset BETWEEN {first:Int64} AND {last:Int64}
"""

Position = tuple[str, int, int, int]
"""Topic, partition, offset and fingerprint: the key of a row of `rejected`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the refused events; each condition narrows.

    Attributes:
        reason: Only this reason.
        since: Refused at this instant or later.
        until: Refused before this instant.
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
    """The refused events of a selection that have not gone through again, with their reasons."""
    found = store.query(
        _SELECTED,
        {
            "reason": selection.reason or "",
            "since": f"{selection.since or datetime.fromtimestamp(0, UTC):%F %T}",
            "until": f"{selection.until or datetime(2106, 1, 1, tzinfo=UTC):%F %T}",
            "partition": -1 if selection.partition is None else selection.partition,
            "first": selection.first,
            "last": selection.last,
        },
    )
    return {(row["topic"], row["partition"], row["offset"], row["fingerprint"]): row["reason"] for row in found}


def latest(store: Store, reason: str | None, limit: int) -> list[dict[str, Any]]:
    """The latest refused events, one dict of the table's columns each."""
    return store.query(_LATEST, {"reason": reason or "", "limit": limit})


def of_records(
    store: Store, topic: str, offsets: Mapping[int, Iterable[int]], since: datetime
) -> list[tuple[int, int, str]]:
    """Which of some records were refused.

    Args:
        store: The store.
        topic: Their topic.
        offsets: Their offsets by partition.
        since: No earlier refusals, by the store's clock: a broker that forgets counts from 0 again.

    Returns:
        Partition, offset and reason of each.
    """
    refused = []
    for partition, found in offsets.items():
        wanted = set(found)
        if not wanted:
            continue
        bounds = {"topic": topic, "partition": partition, "first": min(wanted), "last": max(wanted)}
        rows = store.query(_WITHIN, {**bounds, "since": f"{since:%F %T}"})
        refused += [(partition, row["offset"], row["reason"]) for row in rows if row["offset"] in wanted]
    return refused
