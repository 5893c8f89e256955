"""The store loses a reply, is away, slow, refuses, fails, dies in the middle of an insert, and has no room left."""

import asyncio
import itertools
import os
import random
import shutil
import threading

import pytest

from tests.faults.conftest import WHOLE, MakeWorld, Outcome, Verify, at_work, publish, scale, under_load
from tests.faults.ledger import Ledger
from tests.faults.proxy import Behaviour, http_error, is_insert
from tests.faults.store_process import StoreProcess
from tests.faults.world import World, until
from tests.kafka.broker import KafkaBroker

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
GIB = 1 << 30
ANSWERS = {
    "none, the connection is closed": b"",
    "503": http_error(503, None, "Service Unavailable"),
    "241": http_error(500, 241, "(total) memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)"),
    "252": http_error(500, 252, "Too many parts (3000). Merges are processing slower than inserts. (TOO_MANY_PARTS)"),
    "159": http_error(500, 159, "Timeout exceeded: elapsed 30 seconds. (TIMEOUT_EXCEEDED)"),
    "210": http_error(500, 210, "Connection reset by peer. (NETWORK_ERROR)"),
    "202": http_error(500, 202, "Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)"),
    "200 with a page of somebody else": http_error(200, None, "<html>Log in</html>"),
    "200 with an exception": http_error(200, None, "Code: 252. DB::Exception: Too many parts. (TOO_MANY_PARTS)"),
}


async def test_an_insert_lands_and_its_reply_is_lost(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger, behaviour = Ledger(), Behaviour()
    await at_work(world, ledger)
    in_a_row, later = 3, scale(3, 60)
    inserts = itertools.count()
    behaviour.cut_reply = lambda data: is_insert(data) and ((n := next(inserts)) < in_a_row or n % 2 == 0)
    world.store_proxy.behaviour = behaviour
    async with under_load(world, ledger, seed=2):
        await until(lambda: behaviour.cuts >= in_a_row + later, f"replies are cut\n{world.tails()}", 180)
    world.store_proxy.heal()
    outcome.notes.append(f"{behaviour.cuts} replies cut")
    await verify(world, ledger)


async def test_the_store_is_away(world: World, verify: Verify) -> None:
    ledger = Ledger()
    await at_work(world, ledger)
    async with under_load(world, ledger, seed=2, rate_per_s=scale(300, 1000)):
        world.store_proxy.behaviour.refuse = True
        world.store_proxy.cut()
        await asyncio.sleep(scale(5, 60))
        world.store_proxy.heal()
    await verify(world, ledger)


@pytest.mark.parametrize("delay_s", [pytest.param(0.3, marks=WHOLE), 2.5])
async def test_the_store_is_slow_with_a_timeout_of_two_seconds(delay_s: float, world: World, verify: Verify) -> None:
    ledger = Ledger()
    await at_work(world, ledger, CXB_CLICKHOUSE_TIMEOUT_S="2")
    async with under_load(world, ledger, seed=2):
        world.store_proxy.behaviour.delay_s = delay_s
        await asyncio.sleep(scale(4, 20))
        world.store_proxy.heal()
    await verify(world, ledger)


async def test_the_store_answers_with_an_error(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger = Ledger()
    worker = await at_work(world, ledger)
    for round_, (name, answer) in enumerate(list(ANSWERS.items()) * scale(1, 4)):
        refusals = itertools.count(1)
        refused = threading.Event()

        def refuse(data: bytes, answer: bytes = answer, refusals=refusals, refused=refused) -> bytes | None:  # type: ignore[no-untyped-def]
            if not is_insert(data):
                return None
            if next(refusals) >= 2:
                refused.set()
            return answer

        world.store_proxy.behaviour = Behaviour(answer=refuse)
        await publish(world, ledger, seed=10 + round_, count=300)
        await until(refused.is_set, f"an insert is answered with {name}\n{world.tails()}")
        world.store_proxy.heal()
        await world.all_committed(ledger.acknowledged, 30)
        said = worker.log.read_text()
        assert not name.isdigit() or name in said, world.tails()
    outcome.notes.append(", ".join(ANSWERS))
    await verify(world, ledger)


async def test_the_store_is_killed_in_mid_insert(
    frail_store: StoreProcess, kafka: KafkaBroker, make_world: MakeWorld, outcome: Outcome, verify: Verify
) -> None:
    world, ledger, chance = make_world(kafka, frail_store), Ledger(), random.Random(5)
    worker = await at_work(world, ledger)
    for round_ in range(scale(2, 25)):
        arrived = threading.Event()

        def note(data: bytes, arrived: threading.Event = arrived) -> bool:
            if is_insert(data):
                arrived.set()
            return False

        world.store_proxy.behaviour = Behaviour(cut_reply=note)
        async with under_load(world, ledger, seed=10 + round_, rate_per_s=0):
            await until(arrived.is_set, f"an insert arrives\n{world.tails()}")
            await asyncio.sleep(chance.uniform(0, 0.1))
            frail_store.kill()
        outcome.kills += 1
        frail_store.start()
    assert worker.alive, world.tails()
    await verify(world, ledger)


async def test_the_disk_of_the_store_is_full(
    frail_store: StoreProcess, kafka: KafkaBroker, make_world: MakeWorld, outcome: Outcome, verify: Verify
) -> None:
    # Nearly full in the store's eyes: a file takes, and gives back, what the disk has beyond the store's reserve; much
    # of it, for others write to the same disk, and delete.
    free = shutil.disk_usage(frail_store.directory).free
    room = min(8 * GIB, free // 4)
    frail_store.stop()
    frail_store.start(CXB_STORE_RESERVE_BYTES=str(free - room // 2))
    world, ledger = make_world(kafka, frail_store), Ledger()
    worker = await at_work(world, ledger)
    for round_ in range(scale(1, 10)):
        filler, refused = frail_store.directory / "filler", frail_store.log().count("NOT_ENOUGH_SPACE")
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, room)
        async with under_load(world, ledger, seed=10 + round_, rate_per_s=2000):
            await until(
                lambda refused=refused: frail_store.log().count("NOT_ENOUGH_SPACE") > refused + 3,  # type: ignore[misc]
                f"there is no room\n{world.tails()}",
            )
            filler.unlink()
    assert "make room" in worker.log.read_text()
    await verify(world, ledger)
