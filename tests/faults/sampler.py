"""Samples of a running world: nothing is committed before it has landed, and no worker's memory grows without bound."""

import asyncio
import http.client
import time
from contextlib import suppress

from aiokafka.errors import KafkaError

from tests.faults.ledger import Entry, Ledger
from tests.faults.world import World

EVERY_S = 0.4
SHARE = 5  # at most this part of the time goes into sampling


class Sampler:
    """Looks at a world again and again. A sample that store or broker cannot give is left out."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Begins to sample, until the loop ends."""
        self._world, self._ledger = world, ledger
        self.samples = 0
        self.early: list[str] = []
        self.peak_mb = 0.0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            began = time.monotonic()
            self.peak_mb = max([self.peak_mb, *(worker.resident_mb() for worker in self._world.workers)])
            with suppress(KafkaError, OSError, RuntimeError, http.client.HTTPException):
                await self._sample()
            await asyncio.sleep(max(EVERY_S, SHARE * (time.monotonic() - began)))

    async def _sample(self) -> None:
        published = dict(self._ledger.acknowledged)
        committed = await self._world.committed()  # before the store is asked: what is committed must be there by then
        due = {at: entry for at, entry in published.items() if at[1] < committed.get(at[0], 0)}
        if due:
            self.early += await asyncio.to_thread(self._missing, due)
            self.samples += 1

    def _missing(self, due: dict[tuple[int, int], Entry]) -> list[str]:
        address = self._world.address
        facts = {row["event_id"] for row in address.query("SELECT event_id FROM events")}
        rows = address.query(f"SELECT partition, offset FROM rejected WHERE topic = '{self._world.topic}'")
        rejected = {(row["partition"], row["offset"]) for row in rows}
        return [
            f"{at} ({entry.event_id}) is committed and has not landed"
            for at, entry in due.items()
            if (at not in rejected if entry.reason else entry.event_id not in facts)
        ]
