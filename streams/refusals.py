"""Reads of the table `rejected`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from streams.store import Store

_LATEST: Final = """
SELECT rejected_at, reason, detail, topic, partition, offset, payload
FROM rejected FINAL
WHERE {reason:String} IN ('', reason)
ORDER BY rejected_at DESC, partition DESC, offset DESC
LIMIT {limit:UInt32}
"""
_WITHIN: Final = """
SELECT partition, offset, reason FROM rejected FINAL
WHERE topic = {topic:String} AND partition = {partition:Int32} AND offset BETWEEN {first:Int64} AND {last:Int64}
    AND rejected_at >= {since:DateTime64(3, 'UTC')}
"""


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
