"""A member of the simulated group: the service's own transport, on a consumer that the simulation rebalances.

What faust does between them is done here in the same order: fetched chunks wait in a queue, a rebalance empties it,
stops the flow, calls who listens, joins, and goes on from what is committed.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

from faust.types import TP

from streams.kafka.faust_app import CHUNKS_WAITING
from streams.kafka.transport import ChunkConsumer
from tests.simulation.broker import Broker
from tests.streams.given import Record

HEARTBEAT_S: Final = 0.8


class SimulatedApp:
    """Stands for the faust app of one worker."""

    def __init__(self, broker: Broker, member: str, rebalanced: Callable[[int, set[TP]], None]) -> None:
        self.broker, self.member = broker, member
        self.consumer_generation_id = 0
        self.rebalancing = True
        self.should_stop = False
        self.crash_reason: BaseException | None = None
        self._assignment: set[TP] | None = None
        self._rebalanced = rebalanced
        self._listeners: list[Callable[..., Awaitable[None]]] = []
        self._attend: Callable[[Any], Coroutine[Any, Any, None]]
        self.on_partitions_revoked = self
        self.queue: asyncio.Queue[Any] = asyncio.Queue(CHUNKS_WAITING)
        self.consumer = SimulatedConsumer(self)

    def connect(self, listener: Callable[..., Awaitable[None]], **_: Any) -> None:
        """As a signal's: called when partitions are revoked."""
        self._listeners.append(listener)

    def topic(self, name: str, **_: Any) -> str:
        """The channel of a topic."""
        return name

    def agent(self, channel: str, name: str) -> Callable[[Callable[[Any], Coroutine[Any, Any, None]]], None]:
        """Notes who attends to the chunks."""

        def noted(attend: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
            self._attend = attend

        return noted

    def noack(self) -> "SimulatedApp":
        """The stream itself."""
        return self

    async def events(self) -> AsyncIterator[Any]:
        """Chunks, less those of an assignment that has gone."""
        while True:
            message = await self.queue.get()
            if self.consumer.flow_active and message.generation_id == self.consumer_generation_id:
                yield SimpleNamespace(message=message)

    async def start(self) -> None:
        """Joins the group, in tasks of its own."""
        self._tasks = [asyncio.create_task(part) for part in (self._stay(), self._feed(), self._attend(self))]

    async def stop(self) -> None:
        """Leaves the group."""
        self.should_stop = True
        self.broker.leave(self.member)

    async def _stay(self) -> None:
        while not self.should_stop:
            await self._revoke()
            generation, partitions = await self.broker.join(self.member)
            await self._assign(generation, partitions)
            while self.broker.heartbeat(self.member):  # noqa: ASYNC110
                await asyncio.sleep(HEARTBEAT_S)

    async def _revoke(self) -> None:
        self.rebalancing = True
        revoked, self._assignment = self._assignment or set(), None
        self.consumer.suspend()
        while not self.queue.empty():
            self.queue.get_nowait()
        for listener in self._listeners if revoked else ():
            await listener(self, revoked)

    async def _assign(self, generation: int, partitions: set[TP]) -> None:
        # As aiokafka does: the coordinator is in the new generation before the app is notified.
        self.consumer.assign(generation, partitions)
        await asyncio.sleep(self.broker.latency())
        self.consumer_generation_id = generation
        self._assignment = partitions
        self._rebalanced(generation, partitions)
        self.rebalancing = False
        self.consumer.resume()

    async def _feed(self) -> None:
        consumer = self.consumer
        while not self.should_stop:
            async for tp, message in consumer.getmany(timeout=1.0):
                read = consumer.read_offset.get(tp)
                skipped = self.broker.loop.choices.random() < self.broker.skips
                if not skipped and (read is None or message.offset >= read):
                    put = asyncio.ensure_future(self.queue.put(message))
                    stopped = asyncio.ensure_future(consumer.suspended.wait())
                    await asyncio.wait({put, stopped}, return_when=asyncio.FIRST_COMPLETED)
                    put.cancel()
                    stopped.cancel()
                    consumer.read_offset[tp] = message.offset
            await asyncio.sleep(0)


class SimulatedConsumer(ChunkConsumer):
    """The service's own consumer; what it has of faust and aiokafka is simulated."""

    should_stop = False
    loop = None

    def __init__(self, app: SimulatedApp) -> None:
        self.app, self.broker = app, app.broker
        self._handed_out: dict[TP, int] = {}
        self._handed_out_in: int | None = None
        self.quiet_fetches = 0
        self.flow_active = False
        self.can_resume_flow, self.suspended = asyncio.Event(), asyncio.Event()
        self.read_offset: dict[TP, int] = {}
        self._committed_offset: dict[TP, int | None] = defaultdict(lambda: None)
        self._buffered_partitions: set[TP] = set()
        self._thread = self
        self._active: set[TP] = set()
        self._positions: dict[TP, int] = {}
        self._coordinator, self.generation, self.coordinator_id = self, 0, 0
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=self))

    def _ensure_consumer(self) -> "SimulatedConsumer":
        return self

    async def call_thread(self, function: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        """Calls in the consumer's thread."""
        await asyncio.sleep(0)
        return await function(*args)

    def all_consumed_offsets(self) -> Mapping[TP, Any]:
        """Where fetches have come to."""
        return {tp: SimpleNamespace(offset=offset) for tp, offset in self._positions.items()}

    def assignment(self) -> set[TP]:
        """What the coordinator has assigned."""
        return set(self._positions)

    def suspend(self) -> None:
        """Hands out nothing more."""
        self.flow_active = False
        self.can_resume_flow.clear()
        self.suspended.set()

    def resume(self) -> None:
        """Hands out again."""
        self.flow_active = True
        self.suspended.clear()
        self.can_resume_flow.set()

    def assign(self, generation: int, partitions: set[TP]) -> None:
        """Goes on from what is committed."""
        self.generation = generation
        committed = {tp: self.broker.offsets.get(tp) for tp in sorted(partitions)}
        self._positions = {tp: offset or 0 for tp, offset in committed.items()}
        self._committed_offset.clear()
        self._committed_offset.update(committed)
        self.read_offset = {tp: offset for tp, offset in committed.items() if offset is not None}
        self._active = set(partitions)

    def pause_partitions(self, partitions: set[TP]) -> None:
        """Fetches nothing more from these."""
        self._active -= set(partitions)

    async def perform_seek(self) -> None:
        """Positions follow the assignment here."""

    async def _wait_next_records(self, timeout: float) -> tuple[dict[TP, list[Record]] | None, set[TP]]:  # noqa: ASYNC109
        if not self.flow_active:
            await self.can_resume_flow.wait()
        active, positions = self._active, self._positions
        await asyncio.sleep(self.broker.latency() * 4)
        records: dict[TP, list[Record]] = {}
        for tp in sorted(active) if positions is self._positions else ():
            first, log = positions[tp], self.broker.logs[tp].records
            if first < len(log):
                taken = log[first : first + self.broker.loop.choices.randint(1, 4)]
                records[tp], positions[tp] = taken, first + len(taken)
        if not records:
            await asyncio.sleep(timeout)
        return records, active

    async def ensure_coordinator_known(self) -> None:
        """It takes a moment to find out."""
        await asyncio.sleep(self.broker.latency() / 2)

    async def _do_commit_offsets(self, _: Any, offsets: Mapping[Any, Any]) -> None:
        # In the generation that the coordinator is in by now, as aiokafka does.
        plain = {TP(tp.topic, tp.partition): int(offset.offset) for tp, offset in offsets.items()}
        if plain:
            await self.broker.requested(partial(self.broker.commit, self.app.member, self.generation, plain))

    def highwater(self, tp: Any) -> int:
        """The end of the log."""
        return len(self.broker.logs[TP(tp.topic, tp.partition)].records)

    def last_stable_offset(self, tp: Any) -> int:
        """The same: nothing is transactional."""
        return self.highwater(tp)

    def seek(self, tp: Any, offset: int) -> None:
        """Fetches again from an offset."""
        self._positions[TP(tp.topic, tp.partition)] = offset

    async def beginning_offsets(self, partitions: list[Any]) -> Mapping[Any, int]:
        """No log loses its beginning."""
        return dict.fromkeys(partitions, 0)
