"""A worker of a simulation: the service's ingest, group consumer and refresher, wired as the worker wires them."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

from faust.types import TP

from streams.errors import Unreachable
from streams.figures import minutes, refresh
from streams.ingest.batch import Batch
from streams.ingest.consumer import GroupConsumer
from streams.ingest.ingest import Ingest
from streams.ingest.telemetry import Telemetry
from streams.kafka.dead_letters import DeadLetters
from streams.kafka.transport import Chunk
from streams.settings.settings import IngestSettings, RefreshSettings
from streams.store.client import Store
from tests.simulation.broker import TOPIC, Broker, Producer
from tests.simulation.clocks import SimulatedTime
from tests.simulation.member import SimulatedApp
from tests.simulation.store import Engine, SimulatedStore
from tests.simulation.tracing import Trace
from tests.simulation.values import number
from tests.streams.given import KEY, REGISTRY, rules_of

TELEMETRY: Final = Telemetry()
COMPILED: Final = rules_of(REGISTRY)
# By columns, of which the simulation can plant breaches; a test compares native code's traces with these.
INGEST: Final = IngestSettings(batch_rows=3, linger_s=0.5, stuck_after_s=60, native=False)
REFRESH: Final = RefreshSettings(interval_s=1.5, snapshot_s=1_000_000)


def by_partition(offsets: Mapping[TP, int]) -> dict[str, int]:
    """Offsets as traces have them."""
    return {str(tp.partition): offset for tp, offset in sorted(offsets.items())}


class TracedIngest(Ingest):
    """The service's ingest; it says what it does."""

    trace: Trace

    async def take(self, chunk: Chunk) -> None:
        """The same."""
        first = chunk.records[0].offset if chunk.records else chunk.next_offset
        await super().take(chunk)
        self.trace.emit(
            "take", tp=str(chunk.tp.partition), first=first, next=chunk.next_offset, generation=chunk.generation
        )

    async def _land(self, batch: Batch) -> int:
        rows = batch.rows
        landed = await super()._land(batch)
        self.trace.emit("land", next=by_partition(batch.cursors), rows=rows)
        return landed


class TracedChanges(minutes.Changes):
    """The service's changes; they say how far they are."""

    def __init__(self, store: Store, trace: Trace) -> None:
        super().__init__(store)
        self._trace = trace

    def look(self, overlap: timedelta, sweep: timedelta = timedelta(0), now_s: float = 0.0) -> None:
        """The same."""
        super().look(overlap, sweep, now_s)
        if self._looked:
            self._trace.emit("refresh_look", upto=number(self._looked.next()))


class SimulatedWorker:
    """One life of a worker."""

    def __init__(self, name: str, broker: Broker, engine: Engine, trace: Trace, *, drain: bool) -> None:
        self._trace, self._drain = trace, drain
        watcher: Any = SimpleNamespace(current=COMPILED)
        settings: Any = SimpleNamespace(
            kafka=SimpleNamespace(topic=TOPIC), ingest=INGEST, clickhouse=SimpleNamespace(timeout_s=10.0)
        )
        self.app = SimulatedApp(broker, name, self._rebalanced)
        producer: Any = Producer(broker, self._rejected)
        letters = DeadLetters(producer, "dlq")
        store = SimulatedStore(engine)
        self.ingest = TracedIngest(store, letters, watcher, (KEY,), INGEST, TELEMETRY, self.app.consumer.commit_landed)
        self.ingest.trace = trace
        self.group = GroupConsumer(settings, self.app, self.ingest, lambda *_: None)
        self.refresher = refresh.Refresher(store, watcher, REFRESH, self.group.is_elected)

    def _rebalanced(self, generation: int, partitions: set[TP]) -> None:
        held = sorted(str(tp.partition) for tp in partitions)
        self._trace.emit("rebalance", generation=generation, partitions=held)

    def _rejected(self, partition: int, offset: int) -> None:
        self._trace.emit("reject", tp=str(partition), offset=offset)

    async def run(self, stop: asyncio.Event) -> str:
        """Works until `stop`, then ends in order.

        Returns:
            How it ended: "finished", "late" when not in time, "landed" after a drain.

        Raises:
            Exception: Whatever made going on unsafe.
        """
        await self.group.join()
        self.group.begin()
        parts = {asyncio.ensure_future(part) for part in (self.ingest.run(), self.refresher.run(), self.group.watch())}
        stopping = asyncio.ensure_future(stop.wait())
        vital: set[asyncio.Future[None]] = {*parts, self.group.failure}
        ended: set[asyncio.Future[Any]] = {stopping, *vital}
        await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
        for part in vital:
            if part.done():
                part.result()
        return await self._finish()

    async def _finish(self) -> str:
        try:
            await (self.group.drain() if self._drain else self.group.finish())
        except (TimeoutError, RuntimeError):
            return "late"
        with suppress(Unreachable, TimeoutError):
            refreshed = asyncio.to_thread(self.refresher.refresh, SimulatedTime.monotonic())
            await asyncio.wait_for(refreshed, 3.0)
        return "landed" if self._drain else "finished"
