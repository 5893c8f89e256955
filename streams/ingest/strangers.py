"""Writes down which unknown fields each source sends: `cxb sources seen` and the page list them.

Apart from what lands: counts of the last half minute are lost with a killed worker, and records that are read again
count again. Nothing waits for it, and an error of it keeps nothing from landing.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn

from metrics.events.strangers import Stranger, Strangers
from streams.store.client import Store

logger = logging.getLogger(__name__)

WRITE_EVERY_S: Final = 30.0
UNKNOWN_FIELDS_COLUMNS: Final = ("day", "source", "field", "events", "first_at", "last_at")


class StrangersRecorder:
    """Writes the unknown fields that an ingest has counted to the table `unknown_fields`."""

    def __init__(self, store: Store, strangers: Strangers) -> None:
        self._store, self._strangers = store, strangers

    async def run(self) -> NoReturn:
        """Writes every half minute until cancelled."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self.write()

    async def write(self) -> None:
        """Writes what has been counted; what could not be written is tried again the next time."""
        taken = self._strangers.take()
        if not taken:
            return
        try:
            await asyncio.to_thread(insert_strangers, self._store, taken)
        except Exception:
            logger.exception("unknown fields: could not be written; the next turn tries again")
            self._strangers.put_back(taken)


def insert_strangers(store: Store, taken: Mapping[tuple[str, str], Stranger]) -> None:
    """Adds counts of unknown fields to the table, under the day of the last of each. Blocks.

    Raises:
        StoreUnavailable: Not written, or not known to be.
    """
    rows = [
        (last.date(), source, name, stranger.events, _instant(stranger.first_ms), last)
        for (source, name), stranger in taken.items()
        for last in (_instant(stranger.last_ms),)
    ]
    store.insert("unknown_fields", UNKNOWN_FIELDS_COLUMNS, [list(column) for column in zip(*rows, strict=True)] or [[]])


def _instant(stamp_ms: int) -> datetime:
    return datetime.fromtimestamp(stamp_ms / 1000, UTC)
