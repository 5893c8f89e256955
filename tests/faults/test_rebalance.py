"""Workers that come and go, and workers that were thought dead and are not."""

import asyncio
import random
import signal
from collections.abc import Sequence

import pytest

from tests.faults.conftest import WHOLE, Outcome, Verify, publish, scale, under_load
from tests.faults.ledger import Ledger
from tests.faults.watching import is_frozen, is_ready, series
from tests.faults.world import STOP_S, WorkerProcess, World, until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


async def test_rebalance_storm(world: World, outcome: Outcome, verify: Verify) -> None:
    chance = random.Random(11)
    ledger = Ledger()
    leaving: list[WorkerProcess] = []
    for _ in range(2):
        world.start_worker()
    async with under_load(world, ledger, seed=41, rate_per_s=500):
        for round_ in range(scale(5, 60)):
            await asyncio.sleep(2)  # the pace of the storm
            await until(lambda: bool(_begun(world, leaving)), "some worker has begun")
            doomed = chance.choice(_begun(world, leaving))
            world.start_worker()
            if round_ % 2:
                doomed.kill()
                outcome.kills += 1
            else:
                doomed.signal(signal.SIGTERM)
                leaving.append(doomed)
    for worker in leaving:
        await until(lambda worker=worker: not worker.alive, f"it ends at SIGTERM\n{world.tails()}", STOP_S)  # type: ignore[misc]
        assert worker.process.returncode == 0, worker.log.read_text()[-2000:]
    alive = [worker for worker in world.workers if worker.alive]
    await until(lambda: all(is_ready(worker) for worker in alive), f"those left have joined\n{world.tails()}")
    await verify(world, ledger)


def _begun(world: World, leaving: Sequence[WorkerProcess]) -> list[WorkerProcess]:
    # One that has not begun ends at SIGTERM as any process does, which says nothing.
    begun = [worker for worker in world.workers if worker.alive and worker.log.stat().st_size]
    return [worker for worker in begun if worker not in leaving]


@pytest.mark.parametrize(
    "delay_s", [pytest.param(0, marks=WHOLE, id="at once"), pytest.param(2.0, id="and the store is slow")]
)
async def test_zombies_wake(delay_s: float, world: World, verify: Verify) -> None:
    ledger = Ledger()
    points = ("insert_sent", "insert_acknowledged", "before_commit")
    zombies = [world.start_worker(CXB_FAILPOINTS=f"{point}=freeze") for point in points]
    await until(lambda: all(is_ready(zombie) for zombie in zombies), f"all have joined\n{world.tails()}")
    for seed in range(scale(1, 3)):
        await publish(world, ledger, seed=50 + seed, count=2000)
    await until(lambda: all(is_frozen(zombie) for zombie in zombies), f"all are frozen\n{world.tails()}")
    world.start_worker()
    await publish(world, ledger, seed=60, count=2000)
    await world.all_committed(ledger.acknowledged)
    taken_over = await world.committed()

    world.store_proxy.behaviour.delay_s = delay_s
    for zombie in zombies:
        zombie.signal(signal.SIGCONT)
    # What a zombie has begun it finishes: its insert lands, and its offsets are offered to the broker.
    await until(
        lambda: all(sum(series(zombie, "cx_insert_seconds_count").values()) for zombie in zombies),
        f"every zombie lands\n{world.tails()}",
    )
    await until(lambda: all(is_ready(zombie) for zombie in zombies), f"all have joined again\n{world.tails()}")
    world.store_proxy.heal()
    assert await world.committed() == taken_over
    await publish(world, ledger, seed=61, count=1000)
    await verify(world, ledger)
