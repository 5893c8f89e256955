"""The loop of the simulation: what it decides follows from its seed, and what is killed runs no further."""

import asyncio
import random
from contextvars import copy_context

import pytest

from tests.simulation.loop import PROCESS, Deadlock, Process, SimulatedLoop, wait


def order_of(seed: int) -> list[int]:
    loop, seen = SimulatedLoop(random.Random(seed)), []

    def work(number: int) -> None:
        for _ in range(3):
            wait(1.0)
            seen.append(number)

    async def both() -> None:
        await asyncio.gather(*(asyncio.to_thread(work, number) for number in range(3)))

    loop.run_until_complete(both())
    assert loop.now_s == 3.0
    return seen


def test_threads_interleave_where_they_wait_as_the_seed_says() -> None:
    assert order_of(1) == order_of(1)
    assert len({tuple(order_of(seed)) for seed in range(20)}) > 10


def test_a_killed_process_runs_nothing_more_not_even_its_finally() -> None:
    loop, seen = SimulatedLoop(random.Random(0)), []
    process = Process("killed", steps_left=2, killed=lambda: seen.append("killed"))

    async def victim() -> None:
        try:
            for step in range(10):
                seen.append(str(step))
                await asyncio.sleep(1)
        finally:
            seen.append("finally")

    async def main() -> None:
        context = copy_context()
        context.run(PROCESS.set, process)
        loop.create_task(victim(), context=context)
        await asyncio.sleep(20)

    loop.run_until_complete(main())
    assert seen == ["0", "killed"]


def test_a_frozen_process_goes_on_where_it_was() -> None:
    loop, seen = SimulatedLoop(random.Random(0)), []
    process = Process("frozen")

    async def sleeper() -> None:
        await asyncio.sleep(1)
        seen.append(loop.now_s)

    async def main() -> None:
        context = copy_context()
        context.run(PROCESS.set, process)
        task = loop.create_task(sleeper(), context=context)
        process.frozen = True
        await asyncio.sleep(9)
        loop.thaw(process)
        await task

    loop.run_until_complete(main())
    assert seen == [10.0]


def test_a_wait_that_never_ends_is_said() -> None:
    loop = SimulatedLoop(random.Random(0))
    with pytest.raises(Deadlock):
        loop.run_until_complete(asyncio.Event().wait())


def test_the_event_loop_itself_cannot_wait_like_a_thread() -> None:
    loop = SimulatedLoop(random.Random(0))

    async def main() -> None:
        with pytest.raises(RuntimeError, match="would block"):
            wait(1)

    loop.run_until_complete(main())
