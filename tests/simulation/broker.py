"""The broker of a simulation: logs with their ends, a consumer group with generations and commits, dead letters."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka.errors import CommitFailedError, KafkaConnectionError
from faust.types import TP

from tests.simulation.loop import SimulatedLoop
from tests.simulation.store import Weather
from tests.streams.given import Record

TOPIC: Final = "cx.touchpoints"
SESSION_S: Final = 4.0
REBALANCE_S: Final = 6.0
TICK_S: Final = 0.5

Committed = Callable[[Mapping[TP, int], int, bool], None]
Assignment = tuple[int, set[TP]]


@dataclass
class Log:
    """One partition's log."""

    records: list[Record] = field(default_factory=list)
    appended: asyncio.Event = field(default_factory=asyncio.Event)

    def append(self, value: bytes, timestamp_ms: int) -> int:
        """Appends a record; returns its offset."""
        offset = len(self.records)
        self.records.append(Record(offset, value, timestamp_ms))
        self.appended.set()
        self.appended = asyncio.Event()
        return offset


class Broker:
    """One topic, one group, and the dead letters it has acknowledged, as (partition, offset) of their records."""

    def __init__(self, loop: SimulatedLoop, partitions: int, committed: Committed) -> None:
        """Empty logs.

        Args:
            loop: For delays.
            partitions: Of the topic.
            committed: Called with each commit, its generation, and whether it is about to be accepted.
        """
        self.loop = loop
        self.logs = {TP(TOPIC, number): Log() for number in range(partitions)}
        self.weather = Weather()
        self.letters: set[tuple[int, int]] = set()
        self.offsets: dict[TP, int] = {}
        self.skips = 0.0  # the share of chunks that are fetched and never handed on: a fault of the library between
        self.generation = 0
        self.rebalancing = False
        self._committed = committed
        self._began_s = 0.0
        self._joined = asyncio.Event()
        self._beats: dict[str, float] = {}
        self._joining: dict[str, asyncio.Future[Assignment]] = {}

    def latency(self) -> float:
        """How long one way takes, seconds."""
        return self.loop.choices.random() * self.weather.slowest_s

    async def requested(self, effect: Callable[[], Any]) -> Any:
        """A request: delayed, and by seed lost before or after its effect.

        Raises:
            KafkaConnectionError: No answer.
        """
        fault = self.weather.fault(self.loop.choices)
        await asyncio.sleep(self.latency())
        if fault in ("refused", "cut", "stranger", "in part"):
            raise KafkaConnectionError("the connection was cut")
        result = effect()
        await asyncio.sleep(self.latency() * (10 if fault == "slow" else 1))
        if fault in ("reply lost", "late", "twice"):
            raise KafkaConnectionError("the reply was lost")
        return result

    def missing(self) -> dict[int, int]:
        """By partition, how many records are not committed; without partitions where none is missing."""
        left = {tp.partition: len(log.records) - self.offsets.get(tp, 0) for tp, log in self.logs.items()}
        return {partition: count for partition, count in left.items() if count}

    def commit(self, member: str, generation: int, offsets: Mapping[TP, int]) -> None:
        """Commits offsets of a member.

        Raises:
            CommitFailedError: The group has gone on without it.
        """
        accepted = member in self._beats and generation == self.generation
        self._committed(offsets, generation, accepted)
        if not accepted:
            raise CommitFailedError(f"{member} of generation {generation}; now is {self.generation}")
        self.offsets.update(offsets)

    def heartbeat(self, member: str) -> bool:
        """Keeps a member in the group; False when it is to join again."""
        if member not in self._beats:
            return False
        self._beats[member] = self.loop.now_s
        return not self.rebalancing

    def rebalance(self) -> None:
        """Has all members join again."""
        if not self.rebalancing:
            self.rebalancing, self._began_s = True, self.loop.now_s

    def join(self, member: str) -> "asyncio.Future[Assignment]":
        """A member joins: done when all have, with the new generation and what the member got."""
        self._beats[member] = self.loop.now_s
        self.rebalance()
        self._joined.set()
        joined: asyncio.Future[Assignment] = self.loop.create_future()
        self._joining[member] = joined
        return joined

    def leave(self, member: str) -> None:
        """A member leaves at once, without waiting for its session to end."""
        self._joining.pop(member, None)
        if self._beats.pop(member, None) is not None:
            self.rebalance()

    async def coordinate(self) -> None:
        """Drops members that are silent, and ends a rebalance when all others have joined; never returns."""
        while True:
            await self._joined.wait()
            await asyncio.sleep(TICK_S)
            for member, beat_s in list(self._beats.items()):
                if self.loop.now_s - beat_s > SESSION_S and member not in self._joining:
                    self.leave(member)
            missing = self._beats.keys() - self._joining.keys()
            if self.rebalancing and (not missing or self.loop.now_s - self._began_s > REBALANCE_S):
                self._complete()

    def _complete(self) -> None:
        members = sorted(self._joining)
        self.loop.choices.shuffle(members)
        self._beats = dict.fromkeys(members, self.loop.now_s)
        if not members:
            self._joined.clear()
            return
        self.rebalancing = False
        self.generation += 1
        for number, member in enumerate(members):
            got = {tp for tp in self.logs if tp.partition % len(members) == number}
            if not self._joining[member].done():
                self._joining[member].set_result((self.generation, got))
        self._joining.clear()


class Producer:
    """Stands for aiokafka's producer, under the service's own dead letters."""

    def __init__(self, broker: Broker, sent: Callable[[int, int], object]) -> None:
        self._broker = broker
        self._sent = sent
        self.client = self

    async def force_metadata_update(self) -> bool:
        """Asks who has the topic."""
        await asyncio.sleep(self._broker.latency())
        return not self._broker.weather.away

    async def send(self, topic: str, value: bytes | None, key: bytes | None, **options: Any) -> Awaitable[None]:
        """Sends a dead letter; what it returns is done when the broker has acknowledged it."""
        headers = dict(options["headers"])
        place = int(headers["cx-partition"]), int(headers["cx-offset"])

        async def acknowledged() -> None:
            def effect() -> None:
                self._broker.letters.add(place)
                self._sent(*place)

            await self._broker.requested(effect)

        return asyncio.ensure_future(acknowledged())
