"""kill -9 at every step, and at random."""

import asyncio
import random

import pytest

from streams.runtime import failpoints
from tests.faults.conftest import Outcome, Verify, publish, scale
from tests.faults.ledger import Ledger
from tests.faults.world import World

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


async def test_worker_killed_at_every_step(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    for round_ in range(scale(1, 5)):
        for number, point in enumerate(failpoints.POINTS):
            seed = 10_000 * round_ + 1000 * number
            await publish(world, ledger, seed, count=2000)
            doomed = world.start_worker(CXB_FAILPOINTS=f"{point}=kill@{1 + round_ % 2}")
            async with asyncio.timeout(60):
                while doomed.alive:  # so that it comes to the step again and again
                    await publish(world, ledger, seed := seed + 1, count=300, rate_per_s=600)
            assert doomed.process.returncode == -9, world.tails()
            outcome.kills += 1
    outcome.notes.append(", ".join(failpoints.POINTS))
    world.start_worker()
    await verify(world, ledger)


async def test_workers_killed_at_random(world: World, outcome: Outcome, verify: Verify) -> None:
    chance = random.Random(7)
    ledger = Ledger()
    for _ in range(3):
        world.start_worker()
    load = asyncio.create_task(publish(world, ledger, seed=3, count=scale(4000, 100_000), rate_per_s=800))
    for _ in range(scale(4, 100)):
        await asyncio.sleep(chance.uniform(0.2, 2.5))
        alive = [worker for worker in world.workers if worker.alive]
        chance.choice(alive).kill()
        outcome.kills += 1
        world.start_worker()
    await load
    await verify(world, ledger)
