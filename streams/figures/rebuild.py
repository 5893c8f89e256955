"""Rebuilding: everything right of the facts computed again, while ingest goes on; and whether it needs to be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from streams.figures import days, snapshot
from streams.figures import minutes as cells
from streams.registry.file import CompiledRegistry
from streams.store.client import Store

_MINUTES: Final = """
SELECT DISTINCT toUnixTimestamp(minute) AS minute FROM
(
    SELECT toStartOfMinute(occurred_at) AS minute FROM events
    WHERE occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT minute FROM cells
    WHERE minute >= {first:DateTime64(3, 'UTC')} AND minute < {last:DateTime64(3, 'UTC')}
)
ORDER BY minute
"""
_SNAPSHOTS: Final = """
SELECT DISTINCT at FROM balances
WHERE at >= {first:DateTime64(3, 'UTC')} AND at < {last:DateTime64(3, 'UTC')} ORDER BY at
"""
# Cells against a recount of their facts: how many minutes disagree.
_MISMATCHED: Final = """
SELECT uniqExact(minute) AS minutes FROM
(
    SELECT minute, touchpoint, segment, region, kind, sum(sign * n_) AS n, sum(sign * score_) AS score,
        sum(sign * count_) AS counted
    FROM
    (
        SELECT toStartOfMinute(occurred_at) AS minute, touchpoint, segment, region, kind, 1 AS sign,
            toInt64(count()) AS n_, toInt64(sum(ifNull(score, 0))) AS score_, toInt64(sum(count)) AS count_
        FROM events FINAL
        WHERE occurred_at >= {first:DateTime64(3, 'UTC')} AND occurred_at < {last:DateTime64(3, 'UTC')}
        GROUP BY minute, touchpoint, segment, region, kind
        UNION ALL
        SELECT minute, touchpoint, segment, region, kind, -1 AS sign,
            toInt64(n) AS n_, toInt64(sum_score) AS score_, toInt64(sum_count) AS count_
        FROM cells FINAL
        WHERE minute >= {first:DateTime64(3, 'UTC')} AND minute < {last:DateTime64(3, 'UTC')}
    )
    GROUP BY minute, touchpoint, segment, region, kind
    HAVING n != 0 OR score != 0 OR counted != 0
)
"""
_COPIES: Final = """
SELECT (SELECT count() FROM events WHERE occurred_at >= {first:DateTime64(3, 'UTC')})
    - (SELECT count() FROM events FINAL WHERE occurred_at >= {first:DateTime64(3, 'UTC')}) AS hidden
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is.

    Attributes:
        what: "minutes" of cells, "days" folded, or "snapshots" of figures.
        done: How many are done.
        total: How many there are.
    """

    what: str
    done: int
    total: int


def rebuild(store: Store, compiled: CompiledRegistry, first: datetime, last: datetime) -> Iterator[Progress]:
    """Computes the cells and the stored figures of a time again, from facts alone.

    Args:
        store: The store.
        compiled: The registry under which figures are computed.
        first: From this instant, inclusive.
        last: To this one, exclusive.
    """
    span = {"first": _text(first), "last": _text(last)}
    minutes = [row["minute"] for row in store.query(_MINUTES, span)]
    done = 0
    while batch := minutes[done : done + cells.MINUTES_AT_ONCE]:
        cells.recompute(store, batch)
        done += len(batch)
        yield Progress("minutes", done, len(minutes))
    yield from fold(store, compiled)
    instants = [row["at"] for row in store.query(_SNAPSHOTS, span)]
    for position, at in enumerate(instants, start=1):
        snapshot.save(store, snapshot.compute(store, compiled, at))
        yield Progress("snapshots", position, len(instants))


def fold(store: Store, compiled: CompiledRegistry) -> Iterator[Progress]:
    """Folds the closed days that are due with a registry's half-lives, which need not be those of the service."""
    for folded, due in days.fold(store, compiled.registry.horizons):
        yield Progress("days", folded, due)


def mismatched_minutes(store: Store, first: datetime, last: datetime) -> int:
    """In how many minutes of a time the cells differ from a recount of the facts."""
    return int(store.query(_MISMATCHED, {"first": _text(first), "last": _text(last)})[0]["minutes"])


def hidden_copies(store: Store, first: datetime) -> int:
    """How many stored rows of facts since an instant are copies that FINAL hides."""
    return int(store.query(_COPIES, {"first": _text(first)})[0]["hidden"])


def _text(at: datetime) -> str:
    return f"{at:%F %T}"
