"""Who has been erased: looked up before each landing, so that a replay does not bring a person back.

Neither as facts nor as rejected events: what is from before the erasure (metrics.events.erasure) stays out.
"""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

from metrics.events.erasure import is_of_erased
from streams.ingest.landing import Landing
from streams.kafka.dead_letters import DeadLetter, DeadLetters
from streams.runtime import failpoints
from streams.store import erased as listed
from streams.store.client import Store

LOOK_EVERY_S: Final = 1.0
L = TypeVar("L", bound=Landing)


class ErasedFilter:
    """The erased hashes, with when they were erased; looked up again when a second has passed."""

    def __init__(self, store: Store, keys: Sequence[bytes]) -> None:
        """Knows nobody yet.

        Args:
            store: Where the list is.
            keys: All keys of customers' hashes: the one in use, and those that were.
        """
        self._store = store
        self._keys = keys
        self._looked_s = float("-inf")
        self._erased_ms: Mapping[str, int] = {}

    def land(self, landing: L) -> tuple[L, int]:
        """Lands facts less those of erased persons; returns what landed, and how many were dropped. Blocks.

        One attempt, with its own look: an erasure waits for inserts that are on their way, and not for a store that
        takes one an hour after the look.

        Raises:
            StoreUnavailable: Not landed, or not known to have.
        """
        kept, dropped = self.drop(landing)
        failpoints.reach("erased_dropped")
        self._store.insert_facts(kept.columns)
        return kept, dropped

    def drop(self, landing: L) -> tuple[L, int]:
        """Facts less those of erased persons, and how many those were. Blocks: run it in a thread.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        return landing.without(self._look())

    async def send(self, dead_letters: DeadLetters, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Sends dead letters, less those of erased persons; returns which. One attempt, with its own look.

        Raises:
            Unreachable: Some were not acknowledged, or the store does not answer.
        """
        kept = await asyncio.to_thread(self.without_erased, letters)
        if kept:
            await dead_letters.send(kept)
        return kept

    def land_rejected(
        self, letters: Sequence[DeadLetter], touchpoints: Collection[str], placeholders: Collection[str]
    ) -> list[DeadLetter]:
        """Lands rows of `rejected`, less those of erased persons; returns which. Blocks; one attempt with its own look.

        Raises:
            StoreUnavailable: Not landed, or not known to have.
        """
        kept = self.without_erased(letters)
        self._store.insert_rejected([letter.row(self._keys[0], touchpoints, placeholders) for letter in kept])
        return kept

    def without_erased(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Rejected records less those that name an erased person. Blocks.

        Raises:
            StoreUnavailable: The store does not answer.
        """
        erased_ms = self._look()
        if not erased_ms:
            return list(letters)
        return [
            letter
            for letter in letters
            if not is_of_erased(
                letter, letter.timestamp_ms, erased_ms, self._keys, is_foreign=bool(letter.rejected.source)
            )
        ]

    def _look(self) -> Mapping[str, int]:
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._erased_ms = listed.erased(self._store)
            self._looked_s = now_s
        return self._erased_ms
