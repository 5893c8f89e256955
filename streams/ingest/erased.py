"""Who has been erased: looked up before each landing, so that a replay does not bring a person back."""

import time
from collections.abc import Mapping
from typing import Final

from metrics.events import facts
from streams.runtime import failpoints
from streams.store.client import Store
from streams.store.statements import Row, query

LOOK_EVERY_S: Final = 1.0
_CUSTOMER, _OCCURRED = facts.COLUMNS.index("customer"), facts.COLUMNS.index("occurred_at")


class ErasedCustomer(Row):
    """A person's hash, and when it was erased, epoch milliseconds."""

    customer: str
    erased_ms: int


_ERASED: Final = query(__package__, "erased", ErasedCustomer)


class ErasedFilter:
    """The erased hashes, with when they were erased; looked up again when a second has passed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked_s = float("-inf")
        self._erased_ms: Mapping[str, int] = {}

    def land(self, columns: facts.Columns) -> tuple[facts.Columns, int]:
        """Lands facts less those of erased persons; returns what landed, and how many were dropped. Blocks.

        One attempt, with its own look: an erasure waits for inserts that are on their way, and not for a store that
        takes one an hour after the look.

        Raises:
            StoreUnavailable: Not landed, or not known to have.
        """
        kept, dropped = self.drop(columns)
        failpoints.reach("erased_dropped")
        self._store.insert_facts(kept)
        return kept, dropped

    def drop(self, columns: facts.Columns) -> tuple[facts.Columns, int]:
        """Facts less those of erased persons, and how many those were. Blocks: run it in a thread.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._erased_ms = {row.customer: row.erased_ms for row in self._store.fetch(_ERASED)}
            self._looked_s = now_s
        if not self._erased_ms:
            return columns, 0
        kept = [
            occurred_ms > self._erased_ms.get(customer, -1)
            for customer, occurred_ms in zip(columns[_CUSTOMER], columns[_OCCURRED], strict=True)
        ]
        dropped = kept.count(False)
        return (facts.keep(columns, kept) if dropped else columns), dropped
