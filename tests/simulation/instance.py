"""The end of an embedded instance: the service's own drain, over a worker of the simulation that may die as well."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiokafka.errors import KafkaError

from streams.embedded.drain import Around, NotLanded, WorkerState, drain
from streams.errors import Unreachable
from tests.simulation.broker import Broker
from tests.simulation.loop import Process

DRAIN_S: Final = 20.0
"""After so long the drain says what is missing; it goes on."""


@dataclass
class Life:
    """One life of a worker.

    Attributes:
        process: Its process.
        stop: Asks it to end in order.
        ended: Set when it has ended, in whatever way.
    """

    process: Process
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class SimulatedInstance:
    """What the drain has of an instance: its worker, and a way to start another."""

    def __init__(self, broker: Broker, life: Life | None, begin: Callable[[], Life]) -> None:
        self._broker, self._life, self._begin = broker, life, begin

    @property
    def state(self) -> WorkerState:
        """Whether the worker runs."""
        if self._life is None or not self._life.process.alive:
            return WorkerState.ENDED
        return WorkerState.STOPPING if self._life.stop.is_set() else WorkerState.RUNNING

    async def start(self) -> None:
        """Starts another."""
        self._life = self._begin()

    def ask_to_stop(self) -> None:
        """Makes it land what it has read, and end."""
        if self._life is not None:
            self._life.stop.set()

    async def changed(self) -> None:
        """Returns once it has ended; never, if it has."""
        if self.state is WorkerState.ENDED:
            await asyncio.Event().wait()
        elif self._life is not None:
            await self._life.ended.wait()

    def why(self) -> str:
        """Nothing is known."""
        return ""

    async def _missing(self) -> Mapping[int, int]:
        try:
            missing: Mapping[int, int] = await self._broker.requested(self._broker.missing)
        except KafkaError as error:
            raise Unreachable("the broker does not answer") from error
        return missing

    async def end(self, forced_s: float) -> str:
        """Drains, until everything has landed or an operator ends it; returns what the operator is to believe."""
        forced = asyncio.Event()
        asyncio.get_running_loop().call_later(forced_s, forced.set)
        try:
            await drain(self, Around(self._missing, lambda _: None, forced), DRAIN_S)
        except NotLanded:
            return "not landed"
        return "landed"
