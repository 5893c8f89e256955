"""Who uses `cxb` next to the workers: erases a customer, computes figures again, each in a process of its own."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta

from streams.errors import Unreachable
from streams.figures.rebuild import rebuild
from streams.operations.erase import erase_from_store
from streams.store.client import Store
from tests.simulation.clocks import STARTS
from tests.simulation.loop import PROCESS, Process
from tests.simulation.plan import Plan
from tests.simulation.published import PERSON
from tests.simulation.store import Engine, SimulatedStore
from tests.simulation.tracing import Trace
from tests.simulation.worker import COMPILED

AGAIN_S = 1.0


class Operators:
    """What a plan has operators do. `erased` says whether the customer has been; then the topic is replayed."""

    def __init__(self, plan: Plan, engine: Engine, trace: Trace, replay: Callable[[], None]) -> None:
        self._plan, self._engine, self._trace, self._replay = plan, engine, trace, replay
        self.processes: list[Process] = []
        self.erased = False

    def begin(self) -> "list[asyncio.Future[None]]":
        """Begins all of it."""
        work = [self._begin(when_s, self._rebuild) for when_s in self._plan.rebuilt_s]
        if self._plan.erased_s:
            work.append(self._begin(self._plan.erased_s, self._erase))
            work[-1].add_done_callback(lambda erasing: erasing.cancelled() or erasing.exception() or self._replay())
        return work

    def _begin(self, when_s: float, act: Callable[[Store], None]) -> "asyncio.Future[None]":
        process, context = Process("operator"), copy_context()
        context.run(PROCESS.set, process)
        self.processes.append(process)
        return self._engine.loop.create_task(self._until_done(when_s, act), context=context)

    async def _until_done(self, when_s: float, act: Callable[[Store], None]) -> None:
        await asyncio.sleep(when_s)
        store = SimulatedStore(self._engine)
        while True:
            try:
                return await asyncio.to_thread(act, store)
            except Unreachable:
                await asyncio.sleep(AGAIN_S)

    def _erase(self, store: Store) -> None:
        erase_from_store(store, [PERSON])
        self._trace.emit("erase_done")
        self.erased = True

    @staticmethod
    def _rebuild(store: Store) -> None:
        for _ in rebuild(store, COMPILED, STARTS - timedelta(days=3), STARTS + timedelta(days=1)):
            pass
