"""`cxb up` is stopped while something fails: all that its broker has accepted lands first, or it says what has not."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.conftest import Outcome
from tests.faults.ledger import Entry, Ledger, Publisher, entries
from tests.faults.store_process import StoreProcess
from tests.faults.test_embedded_broker import TOPIC, Up, ids, living
from tests.faults.world import until

pytestmark = [pytest.mark.faults, pytest.mark.embedded]
COUNT = 3000
ALL_LANDED = "stopped: all that was accepted has landed"
FULL = "ALTER TABLE events ADD CONSTRAINT full CHECK 0"
ROOM = "ALTER TABLE events DROP CONSTRAINT full"


@asynccontextmanager
async def running(directory: Path, *options: str, **variables: str) -> AsyncIterator[Up]:
    """A running instance that is not yet stopped; afterwards nothing of it is left."""
    up, children = Up(directory), {}
    try:
        await up.start(*options, **variables)
        children = dict(up.children())
        yield up
    finally:
        if up.process.returncode is None:
            children |= dict(up.children())
            up.process.kill()
            await up.process.wait()
        await until(lambda: not living(children), f"nothing is left: {living(children)}")


def good(count: int) -> list[Entry]:
    """So many different events that are all right."""
    made = (entry for entry in entries(77, 2 * count, datetime.now(UTC)) if not entry.reason)
    return list({entry.event_id: entry for entry in made}.values())[:count]


async def publish(up: Up, outcome: Outcome) -> None:
    """COUNT events that are all right, and all acknowledged."""
    ledger = Ledger()
    await Publisher(up.instance.kafka, TOPIC, ledger).send(good(COUNT))
    assert len(ledger.good) == COUNT
    outcome.repetitions, outcome.events = 1, COUNT


def child(up: Up, part: str) -> int:
    """The process of one part."""
    [number] = [number for number, command in up.children() if part in command]
    return number


def kill(up: Up, part: str, outcome: Outcome) -> None:
    os.kill(child(up, part), signal.SIGKILL)
    outcome.kills += 1


async def ended(up: Up, deadline_s: float = 90.0) -> int:
    """Its exit code, once it has ended."""
    return await asyncio.wait_for(up.process.wait(), deadline_s)


def ctrl_c(up: Up) -> None:
    up.process.send_signal(signal.SIGINT)


def missing(up: Up) -> list[int]:
    """How many events have not landed, by what it said, each time."""
    return [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) events accepted but", up.said.read_text())]


def landed(up: Up) -> set[str]:
    """The events that are in the store that the instance has left."""
    directory = up.directory / "counted"
    directory.mkdir()
    (directory / "data").symlink_to(up.directory / "data" / "store")
    store = StoreProcess(directory)
    store.start()
    try:
        return ids(store.address("cx"))
    finally:
        store.stop()


def all_landed(up: Up, code: int) -> None:
    """It ended well, and says so with right."""
    assert (code, up.says(ALL_LANDED), len(landed(up))) == (0, True, COUNT), up.said.read_text()


async def test_ctrl_c_while_the_worker_waits_to_be_started_again(tmp_path: Path, outcome: Outcome) -> None:
    async with running(tmp_path) as up:
        for pause_s in ("0.5", "1", "2", "4", "8"):
            kill(up, "streams.cli\0worker", outcome)
            await until(lambda pause_s=pause_s: up.says(f"Starting it again in {pause_s} s"), "it is in its pause")  # type: ignore[misc]
            if pause_s != "8":
                await until(lambda: any("streams.cli\0worker" in command for _, command in up.children()), "it runs")
        await publish(up, outcome)
        ctrl_c(up)
        all_landed(up, await ended(up))


async def test_ctrl_c_while_the_store_refuses_inserts_until_it_takes_them(tmp_path: Path, outcome: Outcome) -> None:
    async with running(tmp_path) as up:
        up.store.query(FULL)
        await publish(up, outcome)
        ctrl_c(up)
        await until(lambda: bool(missing(up)), "it says what is left")
        assert (missing(up)[-1], up.says("Constraint `full`")) == (COUNT, True), up.said.read_text()
        up.store.query(ROOM)
        all_landed(up, await ended(up))


async def test_ctrl_c_while_the_store_refuses_inserts_and_goes_on_to(tmp_path: Path, outcome: Outcome) -> None:
    async with running(tmp_path, "--drain-s", "2") as up:
        up.store.query(FULL)
        await publish(up, outcome)
        ctrl_c(up)
        await until(lambda: up.says("or you press Ctrl-C again"), "it says that it cannot land them")
        assert missing(up)[-1] == COUNT
        assert ids(up.store) == set()  # the parts still run
        ctrl_c(up)
        code = await ended(up, 5)
        assert (code, up.says(ALL_LANDED), missing(up)[-1]) == (1, False, COUNT), up.said.read_text()


async def test_what_lands_after_it_was_said_that_it_cannot_ends_the_stop(tmp_path: Path, outcome: Outcome) -> None:
    async with running(tmp_path, "--drain-s", "1") as up:
        up.store.query(FULL)
        await publish(up, outcome)
        ctrl_c(up)
        await until(lambda: up.says("or you press Ctrl-C again"), "it says that it cannot land them")
        up.store.query(ROOM)
        all_landed(up, await ended(up))


async def test_ctrl_c_while_the_worker_dies_in_a_loop(tmp_path: Path, outcome: Outcome) -> None:
    async with running(tmp_path, "--drain-s", "4", CXB_FAILPOINTS="decoded=kill") as up:
        await publish(up, outcome)
        await until(lambda: up.says("Starting it again in 1 s"), "it has died twice")
        ctrl_c(up)
        await until(lambda: up.says("or you press Ctrl-C again"), "it says that it cannot land them")
        assert up.says("the worker ended with exit code -9"), up.said.read_text()
        ctrl_c(up)
        code = await ended(up, 5)
        assert (code, up.says(ALL_LANDED), missing(up)[-1], landed(up)) == (1, False, COUNT, set()), up.said.read_text()


async def test_ctrl_c_while_somebody_goes_on_publishing(tmp_path: Path, outcome: Outcome) -> None:
    async with running(tmp_path) as up:
        ledger = Ledger()
        publisher = Publisher(up.instance.kafka, TOPIC, ledger)
        publishing = asyncio.create_task(publisher.send(good(50_000), rate_per_s=300))
        await until(lambda: len(ledger.acknowledged) > COUNT, "much is published")
        ctrl_c(up)
        await until(lambda: not any("front_server" in command for _, command in up.children()), "the broker has ended")
        publishing.cancel()  # before another instance on this machine may take the port, and what is sent to it
        code = await ended(up)
        assert (code, up.says(ALL_LANDED)) == (0, True), up.said.read_text()
        assert ledger.good.keys() <= landed(up)
        outcome.repetitions, outcome.events = 1, len(ledger.acknowledged)


async def test_the_store_is_killed_while_the_stop_lands_what_is_left(tmp_path: Path, outcome: Outcome) -> None:
    async with running(tmp_path) as up:
        up.store.query(FULL)
        await publish(up, outcome)
        ctrl_c(up)
        await until(lambda: "trying again" in worker_log(up), "the insert is refused")
        up.store.query(ROOM)
        kill(up, "store_server", outcome)
        all_landed(up, await ended(up))


def worker_log(up: Up) -> str:
    return (up.directory / "data" / "logs" / "worker.log").read_text()
