"""Half of what this machine bears, for long, with a fault every few seconds: nothing is lost, and memory stays."""

import asyncio
import random
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from tests.faults.conftest import Outcome, Verify, publish, scale
from tests.faults.ledger import Entry, Ledger, Publisher, entries
from tests.faults.watching import is_ready
from tests.faults.world import WorkerProcess, World, until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
UNIQUE_PER_S = 500.0  # the ledger keeps each of them; the rest of the load are copies of the latest
LATEST = 5000
AWAY_S = 3.0
FROZEN_S = 8.0  # longer than the session time-out
BACKLOG_S = 300.0
WARM_SHARE = 4  # the first quarter of the time is not looked at for the slope
SLOPE_MB_PER_MINUTE = 2.0  # a quarter of an hour of it is what the allocator keeps anyway


class Forgetful(dict[tuple[int, int], Entry]):
    """The ledger's memory of records whose fate is that of their originals."""

    def __setitem__(self, position: tuple[int, int], entry: Entry) -> None:
        """Keeps nothing."""


class Load:
    """Publishes events and copies of the latest of them, until it is stopped."""

    def __init__(self, world: World, ledger: Ledger, rate_per_s: float) -> None:
        self._until = asyncio.Event()
        self._latest: deque[Entry] = deque(ledger.good.values(), maxlen=LATEST)
        self._chance = random.Random(5)
        unique_per_s = min(UNIQUE_PER_S, rate_per_s)
        sending = [Publisher(world.bootstrap, world.topic, ledger).send(self._events(), rate_per_s=unique_per_s)]
        if rate_per_s > unique_per_s:
            copies = Publisher(world.bootstrap, world.topic, Ledger(Forgetful()))
            sending.append(copies.send(self._copies(), rate_per_s=rate_per_s - unique_per_s))
        self._task = asyncio.gather(*sending)

    def _events(self) -> Iterator[Entry]:
        for seed in range(500, 1_000_000):
            for entry in entries(seed, 1000, datetime.now(UTC)):
                if self._until.is_set():
                    return
                if not entry.reason:
                    self._latest.append(entry)
                yield entry

    def _copies(self) -> Iterator[Entry]:
        while not self._until.is_set():
            yield self._chance.choice(self._latest)

    async def stop(self) -> None:
        """Returns when all is acknowledged."""
        self._until.set()
        await self._task


class Faults:
    """One of four faults at a time, in an order by chance in which each comes equally often."""

    def __init__(self, world: World, survivor: WorkerProcess, outcome: Outcome) -> None:
        self._world, self._survivor, self._outcome = world, survivor, outcome
        self._chance = random.Random(6)
        self._waiting: list[str] = []

    async def one(self) -> None:
        """Does the next one, and repairs it."""
        if not self._waiting:
            self._waiting = self._chance.sample(["kill", "cut", "refuse", "freeze"], 4)
        await getattr(self, f"_{(name := self._waiting.pop())}")()
        self._outcome.kills += name == "kill"

    async def _kill(self) -> None:
        mortal = [worker for worker in self._world.workers if worker.alive and worker is not self._survivor]
        self._chance.choice(mortal).kill()
        self._world.start_worker()

    async def _cut(self) -> None:
        self._world.store_proxy.cut()

    async def _refuse(self) -> None:
        self._world.store_proxy.behaviour.refuse = True
        self._world.store_proxy.cut()
        await asyncio.sleep(AWAY_S)
        self._world.store_proxy.heal()

    async def _freeze(self) -> None:
        frozen = self._chance.choice([worker for worker in self._world.workers if worker.alive])
        frozen.signal(signal.SIGSTOP)
        await asyncio.sleep(FROZEN_S)
        frozen.signal(signal.SIGCONT)


async def test_soak(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    survivor, _ = world.start_worker(), world.start_worker()
    await publish(world, ledger, seed=1, count=1000)
    await world.all_committed(ledger.acknowledged)
    await until(lambda: all(is_ready(worker) for worker in world.workers), f"both have joined\n{world.tails()}")
    speed = await measured(world, ledger)

    memory: list[tuple[float, float]] = []
    watching = asyncio.create_task(every_second(lambda: memory.append((time.monotonic(), survivor.resident_mb()))))
    load, faults = Load(world, ledger, speed / 2), Faults(world, survivor, outcome)
    began, lasting_s, pause_s = time.monotonic(), scale(12, 1200), scale(4, 20)
    while time.monotonic() - began < lasting_s:
        await asyncio.sleep(pause_s)
        await faults.one()
    await load.stop()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    slope = slope_per_minute(memory[len(memory) // WARM_SHARE :])
    outcome.notes.append(
        f"{lasting_s} s at {speed / 2:,.0f} records/s of {speed:,.0f}; the worker that lived through it: "
        f"{memory[-1][1]:.0f} MB, slope {slope:+.2f} MB a minute"
    )
    assert survivor.alive
    assert slope < scale(1000, 1) * SLOPE_MB_PER_MINUTE, outcome.notes
    # Late events leave the refresher thousands of minutes: how long these take depends on the machine.
    await world.all_committed(ledger.acknowledged)
    await world.fresh(BACKLOG_S)
    await verify(world, ledger)


async def measured(world: World, ledger: Ledger) -> float:
    """Records a second from publisher to commit, all on this machine."""
    began = time.monotonic()
    await publish(world, ledger, seed=2, count=scale(10_000, 50_000))
    await world.all_committed(ledger.acknowledged)
    return scale(10_000, 50_000) / (time.monotonic() - began)


async def every_second(act: Callable[[], None]) -> None:
    while True:
        act()
        await asyncio.sleep(1)


def slope_per_minute(points: Sequence[tuple[float, float]]) -> float:
    """Of the line that fits best, by seconds."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return 60 * sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
