"""SIGTERM and SIGINT at bad moments, and a worker that is stuck: the watchdog ends it, a supervisor starts it again."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.checker import StoreAddress
from tests.faults.conftest import WHOLE, Outcome, Verify, at_work, publish, scale, under_load
from tests.faults.ledger import Ledger, Publisher, entries
from tests.faults.proxy import Behaviour, is_insert
from tests.faults.world import REGISTRY, STOP_S, WorkerProcess, World, until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


def is_recompute(request: bytes) -> bool:
    """Whether bytes of an HTTP request begin the statement that replaces cells."""
    return b"INSERT INTO cells" in request[:4096]


async def ends_in_order(world: World, worker: WorkerProcess, number: signal.Signals) -> float:
    """Tells a worker to stop and holds it to it; how long it took, seconds."""
    began = time.monotonic()
    worker.signal(number)
    with suppress(subprocess.TimeoutExpired):
        await asyncio.to_thread(worker.process.wait, STOP_S)
    assert not worker.alive, f"not ended within {STOP_S:.0f} s of {number.name}\n{world.tails()}"
    assert worker.process.returncode == 0, worker.log.read_text()[-3000:]
    assert "Traceback" not in worker.log.read_text(), worker.log.read_text()[-3000:]
    return time.monotonic() - began


async def assert_all_landed_is_committed(world: World, ledger: Ledger) -> None:
    """What a worker that ended in order has landed, nobody needs to read again."""
    landed = {row["event_id"] for row in world.address.query("SELECT event_id FROM events FINAL")}
    committed = await world.committed()
    first: dict[str, tuple[int, int]] = {}
    for position, entry in sorted(ledger.acknowledged.items()):
        if not entry.reason:
            first.setdefault(entry.event_id, position)
    behind = [at for event_id, at in first.items() if event_id in landed and at[1] >= committed.get(at[0], 0)]
    assert not behind, f"landed and not committed: {behind[:5]} of {len(behind)}, committed: {committed}"


@pytest.mark.parametrize(
    ("step", "first"),
    [(is_insert, signal.SIGTERM), (is_recompute, signal.SIGINT)],
    ids=["an insert", "a refresh"],
)
async def test_a_signal_during(
    step: Callable[[bytes], bool], first: signal.Signals, world: World, outcome: Outcome, verify: Verify
) -> None:
    ledger = Ledger()
    for round_, number in enumerate([first, *(signal.SIGTERM, signal.SIGINT) * scale(0, 4)]):
        worker = await at_work(world, ledger)
        reached = threading.Event()

        def note(data: bytes, reached: threading.Event = reached) -> bool:
            if step(data):
                reached.set()
            return False

        world.store_proxy.behaviour = Behaviour(cut_reply=note, delay_s=0.15)
        async with under_load(world, ledger, seed=10 + round_):
            await until(reached.is_set, f"the step is reached\n{world.tails()}")
            took_s = await ends_in_order(world, worker, number)
        outcome.notes.append(f"ended within {took_s:.1f} s")
        await assert_all_landed_is_committed(world, ledger)
        world.store_proxy.heal()
    world.start_worker()
    await verify(world, ledger)


@WHOLE
async def test_sigterm_while_the_store_is_away(world: World, verify: Verify) -> None:
    ledger = Ledger()
    for silent in (True, False)[: scale(1, 2)]:
        worker = await at_work(world, ledger)
        async with under_load(world, ledger, seed=2 + silent):
            world.store_proxy.behaviour.black_hole = silent
            world.store_proxy.behaviour.refuse = not silent
            if not silent:
                world.store_proxy.cut()
            await asyncio.sleep(2)
            await ends_in_order(world, worker, signal.SIGTERM)
        world.store_proxy.heal()
        await assert_all_landed_is_committed(world, ledger)
    world.start_worker()
    await verify(world, ledger)


async def test_sigterm_during_a_rebalance(world: World, outcome: Outcome, verify: Verify) -> None:
    ledger, chance = Ledger(), random.Random(9)
    staying = await at_work(world, ledger)
    async with under_load(world, ledger, seed=2):
        for _ in range(scale(3, 20)):
            other = world.start_worker()
            await until(lambda other=other: "joining" in other.log.read_text(), f"it joins\n{world.tails()}")  # type: ignore[misc]
            await asyncio.sleep(chance.uniform(0, 2.5))
            leaving, staying = chance.choice([(staying, other), (other, staying)])
            took_s = await ends_in_order(world, leaving, signal.SIGTERM)
            outcome.notes.append(f"ended within {took_s:.1f} s")
    await verify(world, ledger)


async def test_a_stuck_worker_ends_itself(world: World, verify: Verify) -> None:
    ledger = Ledger()
    await publish(world, ledger, seed=1, count=2000)
    for round_ in range(scale(1, 5)):
        stuck = world.start_worker(CXB_FAILPOINTS="before_commit=hang", CXB_INGEST_STUCK_AFTER_S="3")
        await publish(world, ledger, seed=10 + round_, count=500)
        await until(lambda stuck=stuck: not stuck.alive, f"the watchdog ends it\n{world.tails()}")  # type: ignore[misc]
        assert stuck.process.returncode > 0
        assert "stuck: no progress" in stuck.log.read_text()
    world.start_worker()
    await verify(world, ledger)


def start_instance(data: Path, said: Path, **settings: str) -> subprocess.Popen[bytes]:
    """`cxb up`."""
    registry = data.with_suffix(".toml")
    registry.write_text(REGISTRY)
    outer = {name: value for name, value in os.environ.items() if not name.startswith("CXB_")}
    command = [sys.executable, "-m", "streams.cli", "up", "--data", str(data), "--registry", str(registry)]
    with said.open("wb") as file:
        return subprocess.Popen(command, env=outer | settings, stdout=file, stderr=file)


@WHOLE
async def test_a_stuck_worker_of_an_instance_is_started_again(tmp_path: Path, outcome: Outcome) -> None:
    data, said = tmp_path / "data", tmp_path / "said"
    # Every worker commits twice and is stuck at the third time.
    up = start_instance(data, said, CXB_FAILPOINTS="before_commit=hang@3", CXB_INGEST_STUCK_AFTER_S="2")
    try:
        await until(lambda: b"ready: " in said.read_bytes(), "it is ready")
        found, ledger = json.loads((data / "instance.json").read_text()), Ledger()
        store = StoreAddress(int(found["store_url"].rpartition(":")[2]), found["user"], found["password"], "cx")
        publisher = Publisher(found["kafka"], "cx.touchpoints", ledger)
        while said.read_bytes().count(b"the worker ended unexpectedly") < scale(1, 5):
            await publisher.send(entries(len(ledger.acknowledged), 200, datetime.now(UTC)))
            await asyncio.sleep(1)
        await until(
            lambda: store.query("SELECT uniqExact(event_id) AS n FROM events")[0]["n"] == len(ledger.good),
            f"all has landed\n{said.read_text()}",
        )
    finally:
        up.send_signal(signal.SIGINT)
        code = await asyncio.to_thread(up.wait, 90)
    assert code == 0, said.read_text()
    outcome.repetitions, outcome.events = outcome.repetitions + 1, outcome.events + len(ledger.acknowledged)
