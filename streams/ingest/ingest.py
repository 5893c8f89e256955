"""Ingest: chunks of records become facts, and offsets are committed when their records have landed.

The steps, in this order and no other:
  1. take a chunk            every record of it, in order, or the process ends
  2. decode and validate     each record by itself; a bad one is rejected, its neighbours are not touched
  3. gather                  across chunks and partitions, until there is enough for a large insert
  4. reject                  dead letters acknowledged by the broker, rows in `rejected`
  5. attribute               the department that owned the touchpoint when it happened
  6. land                    facts in `events`
  7. commit                  offsets of what has landed

The invariant is committed <= landed. A crash after any step repeats that step and those before it on the
same records, and landing a fact twice adds nothing.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from faust.types import TP

from metrics.events import facts
from metrics.events.strangers import Strangers
from metrics.sources.routing import REDRIVEN
from streams.ingest.batch import Batch, Decoded
from streams.ingest.erased import ErasedFilter
from streams.ingest.foreign import ForeignRecords
from streams.ingest.landing import ColumnLanding, Landing
from streams.ingest.native import NativeRows, Others
from streams.ingest.records import header_names, published_ms, size_of
from streams.ingest.telemetry import Telemetry
from streams.kafka.dead_letters import DeadLetter, DeadLetters
from streams.kafka.redriven import redriven_row
from streams.kafka.transport import Chunk
from streams.registry.file import RegistryWatcher
from streams.runtime import failpoints, trace
from streams.runtime.retry import retry_while_unreachable
from streams.settings.settings import IngestSettings as Limits
from streams.store.client import Store
from streams.store.rejected import resolve

logger = logging.getLogger(__name__)

MAX_BATCH_BYTES: Final = 18 * 1024 * 1024
"""Bytes of records that land, however few they are: long events take as much memory as many short ones."""

T = TypeVar("T")
Commit = Callable[[Mapping[TP, int], int | None], Awaitable[bool]]


class ChunkSkipped(RuntimeError):
    """A chunk arrived without the one before it: going on would commit past records that never landed."""


@dataclass(frozen=True, slots=True)
class IngestStatus:
    """Where an ingest stands at one moment; instants are monotonic seconds.

    Attributes:
        cursors: The next offset to be taken from each partition of this generation.
        idle: Whether everything taken has landed.
        landing: Whether a batch is landing.
        landed_at: When the last batch landed, or the start.
        asking: Whether store or broker have been asked for something and have not answered.
        stalled_since: Since when one of them has been away; None while both answer.
    """

    cursors: Mapping[TP, int]
    idle: bool
    landing: bool
    landed_at: float
    asking: bool
    stalled_since: float | None


class Ingest:
    """Gathers chunks and lands them. One instance a worker; its coroutines run in one event loop."""

    def __init__(
        self,
        store: Store,
        dead_letters: DeadLetters,
        registry_watcher: RegistryWatcher,
        customer_keys: Sequence[bytes],
        limits: Limits,
        telemetry: Telemetry,
        commit: Commit,
        mapping: ForeignRecords | None = None,
    ) -> None:
        """Wires it; takes nothing by itself.

        Args:
            store: Where facts land.
            dead_letters: Where rejected records go.
            registry_watcher: Who owns what.
            customer_keys: For customers' pseudonyms: the one in use, then those that were.
            limits: Of records and batches.
            telemetry: Counts what happens.
            commit: Commits the offsets of what has landed, in their generation; returns whether the broker took them.
            mapping: What maps records of sources to events; None where there are none.
        """
        self._store = store
        self._erased = ErasedFilter(store, customer_keys)
        self._dead_letters = dead_letters
        self._registry_watcher = registry_watcher
        self._keys, self._placeholders = customer_keys, limits.nobodies()
        self._limits = limits
        self._record_limits = limits.limits()
        self._telemetry = telemetry
        self._commit_landed, self._mapping = commit, mapping
        self._batch, self.strangers = self._begun(None), Strangers()
        self._landing = asyncio.Lock()
        self._generation: int | None = None
        self._taken: dict[TP, int] = {}
        self._cut_off = self._stopping = False
        self._stalled_since: float | None = None
        self._landed_at = time.monotonic()
        self._asking = False

    @property
    def status(self) -> IngestStatus:
        """Where it stands now."""
        landing = self._landing.locked()
        return IngestStatus(
            cursors=dict(self._taken),
            idle=self._batch.rows == 0 and not landing,
            landing=landing,
            landed_at=self._landed_at,
            asking=self._asking,
            stalled_since=self._stalled_since,
        )

    async def take(self, chunk: Chunk) -> None:
        """Steps 1 to 3. Waits while a full batch is landing: this is what holds back the fetcher.

        Raises:
            ChunkSkipped: The chunk before this one has not been taken.
        """
        await failpoints.reach_async("fetched")
        if self._stopping:
            return  # to land it now would take time that we no longer have; the next worker reads it again
        self._follow(chunk)
        if self._batch.compiled is not self._registry_watcher.current:
            await self.land()  # under the rules that were in force when it was taken
        names = header_names(chunk.records)
        decoded = await self._decoded(chunk, names)
        if self._stopping:
            return  # it waited for schemas, and what has been gathered has landed in the meantime
        self._batch.size += size_of(chunk.records)
        self._gather(chunk, decoded)
        if REDRIVEN in names:
            self._batch.resolved += filter(None, map(redriven_row, chunk.records))
        self._batch.chunks += 1
        failpoints.reach("decoded")
        self._taken[chunk.tp] = self._batch.cursors[chunk.tp] = chunk.next_offset
        if self._batch.weight >= self._limits.batch_rows or self._batch.size >= MAX_BATCH_BYTES:
            await self.land()

    async def _decoded(self, chunk: Chunk, header_names: Collection[str]) -> Decoded:
        """Step 2: the events of a chunk, and what of it was rejected."""
        routes = self._mapping.routes(chunk.tp.topic) if self._mapping is not None else None
        if self._mapping is None or routes is None or routes.are_native(header_names):
            return self._batch.decoded(chunk.records, self._record_limits)
        records = list(chunk.records)
        values, headers = [record.value for record in records], [record.headers for record in records]
        stamps_ms = published_ms(records)
        mapped = await self._mapping.decode(values, headers, stamps_ms, self._record_limits, routes, self._retry)
        self._telemetry.count_source_records(mapped.outcomes)
        return self._batch.mapped(mapped.run, mapped.stamps_ms)

    def _begun(self, generation: int | None) -> Batch:
        native = NativeRows.where_installed(self._record_limits, self._placeholders, is_wanted=self._limits.native)
        return Batch(self._registry_watcher.current, native, generation=generation)

    def _follow(self, chunk: Chunk) -> None:
        if chunk.generation != self._generation:
            # What was taken in an older generation still lands, but its offsets may now be another worker's.
            self._generation = chunk.generation
            self._taken.clear()
            self._batch.cursors.clear()
            self._batch.generation = chunk.generation
        taken = self._taken.get(chunk.tp, 0)
        if chunk.previous >= taken:
            raise ChunkSkipped(
                f"{chunk.tp.topic} partition {chunk.tp.partition}: a chunk up to offset {chunk.previous} was fetched "
                f"but never taken (taken so far: {taken}); the process ends so that it is read again"
            )

    def _gather(self, chunk: Chunk, decoded: Decoded) -> None:
        batch, records, run = self._batch, chunk.records, decoded.run
        batch.events += run.events
        batch.ordinals += decoded.ordinals
        batch.occurred_ms += run.occurred_ms
        letters = [DeadLetter.of(chunk.tp, records[position], why) for position, why in run.rejected]
        batch.rejected += letters
        batch.size += sum(letter.size for letter in letters)
        batch.stamps_ms += decoded.stamps_ms
        if run.unknown_fields:
            self._telemetry.unknown_fields.inc(run.unknown_fields)
            self.strangers.count(run.strangers, int(time.time() * 1000))

    async def land(self) -> None:
        """Steps 4 to 7, for what has been gathered until now; one landing at a time, in order.

        Raises:
            RuntimeError: An earlier landing was cut off. Landing what came after it would let its
                offsets be committed without its facts.
        """
        async with self._landing:
            if self._cut_off:
                raise RuntimeError("an earlier batch did not land; the process must end so that it is read again")
            batch, self._batch = self._batch, self._begun(self._generation)
            if batch.rows or batch.cursors:
                self._cut_off = True
                rows = await self._land_rows(batch) if batch.rows else 0
                if trace.to:
                    trace.to.write("land", rows=rows, chunks=batch.chunks)
                await self._commit(batch)
                self._cut_off = False
                self._landed_at = time.monotonic()

    async def _land_rows(self, batch: Batch) -> int:
        await self._send_rejected(batch)
        return await self._land(batch)

    async def _send_rejected(self, batch: Batch) -> None:
        letters = batch.rejected
        if letters:
            sent = await self._ask("dead letters", lambda: self._erased.send(self._dead_letters, letters))
            if trace.to:
                for letter in letters:
                    trace.to.write("reject", tp=letter.tp.partition, offset=letter.offset)
            failpoints.reach("dead_letters_sent")
            touchpoints = {touchpoint.id for touchpoint in batch.compiled.registry.touchpoints}
            known = touchpoints, self._placeholders
            kept = await self._retry("rejected events", lambda: self._erased.land_rejected(sent, *known))
            self._telemetry.erased_rejected.inc(len(letters) - len(kept))
            self._telemetry.count_rejected(letter.rejected.reason for letter in kept)

    async def _land(self, batch: Batch) -> int:
        attributed = await asyncio.to_thread(self._facts, batch)
        began = time.perf_counter()
        failpoints.reach("insert_sent")
        landed, dropped = await self._retry("facts", lambda: self._erased.land(attributed))
        failpoints.reach("insert_acknowledged")
        self._telemetry.erased.inc(dropped)
        self._telemetry.landed(landed.tally(), landed.stamps_ms, time.perf_counter() - began, time.time())
        if batch.resolved:
            await self._retry("resolved", lambda: resolve(self._store, batch.resolved))
        return len(landed.stamps_ms)

    def _facts(self, batch: Batch) -> Landing:
        compiled, (key, *earlier) = batch.compiled, self._keys
        columns = facts.columns(
            batch.events, batch.occurred_ms, compiled.attribution, compiled.version, key, self._placeholders
        )
        hashes = facts.earlier_hashes(batch.events, key, earlier)
        self._telemetry.count_nobodies(facts.sources_of_nobody(batch.events, columns))
        batch.events.clear()  # with them go the customers' ids, and twice the memory of what lands
        if batch.native is None:
            return ColumnLanding(columns, batch.stamps_ms, hashes)
        self._telemetry.count_nobodies(batch.native.nobodies())
        return batch.native.landing(compiled, self._keys, Others(columns, batch.ordinals, batch.stamps_ms, hashes))

    async def _commit(self, batch: Batch) -> None:
        await failpoints.reach_async("before_commit")
        # What was taken in an older generation has landed, but its offsets may be another worker's by now.
        if batch.cursors and batch.generation == self._generation:
            await self._commit_landed(batch.cursors, batch.generation)
        failpoints.reach("after_commit")

    async def _retry(self, what: str, statement: Callable[[], T]) -> T:
        return await self._ask(what, lambda: asyncio.to_thread(statement))

    async def _ask(self, what: str, attempt: Callable[[], Awaitable[T]]) -> T:
        self._asking = True
        try:
            return await retry_while_unreachable(what, attempt, self._stall)
        finally:
            self._asking = False

    def _stall(self, since: float | None) -> None:
        self._stalled_since = since
        self._telemetry.stalled.set(0 if since is None else 1)

    async def run(self) -> None:
        """Lands what has been gathered at least every `linger_s`, until `finish` is called."""
        while not self._stopping:
            await asyncio.sleep(self._limits.linger_s)
            await self.land()

    async def finish(self) -> None:
        """Lands what is left and ends `run`."""
        self._stopping = True
        await self.land()
