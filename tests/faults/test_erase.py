"""A person is erased while events of theirs keep landing: afterwards there are none, and all others are there."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest
from pydantic import SecretStr

from metrics.events.pseudonyms import pseudonyms
from streams.operations.erase import erase_from_store, wait_in_flight
from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from tests.faults.conftest import Outcome, at_work, scale
from tests.faults.ledger import Entry, Ledger, Publisher, entries
from tests.faults.world import WorkerProcess, World, until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]
PERSON = "ann@example.com"
KEYS = (bytes.fromhex("ab" * 32),)
AGO = timedelta(minutes=2)


def of_person(seed: int, count: int, person: str = PERSON) -> Iterator[Entry]:
    """Good events before now, of which each second one is the person's."""
    now = datetime.now(UTC)
    for number, entry in enumerate(entry for entry in entries(seed, count, now - AGO) if not entry.reason):
        if entry.event is not None:
            event = {**entry.event, "event_id": f"{seed}-{number}", "customer": person if number % 2 else f"c-{number}"}
            value = json.dumps(event).encode()
            yield replace(entry, event_id=event["event_id"], event=event, value=value)


def remaining(world: World, person: str = PERSON) -> int:
    hashes = pseudonyms(person, KEYS)
    found = world.address.query(f"SELECT count() AS n FROM events FINAL WHERE customer = '{hashes[0]}'")
    return int(found[0]["n"])


def others(ledger: Ledger) -> set[str]:
    return {name for name, entry in ledger.good.items() if entry.event and "@" not in entry.event.get("customer", "")}


def landed(world: World) -> set[str]:
    return {row["event_id"] for row in world.address.query("SELECT event_id FROM events FINAL")}


async def test_a_person_is_erased_while_two_workers_land_events_of_theirs(world: World, outcome: Outcome) -> None:
    ledger = Ledger()
    for _ in range(2):
        await at_work(world, ledger)
    for seed in range(scale(1, 5)):
        # Another one each time: what a person did before being erased does not come back.
        person, erased = f"{seed}.{PERSON}", asyncio.Event()
        endless = _until(erased, of_person(10 + seed, 10_000_000, person))
        load = Publisher(world.bootstrap, world.topic, ledger).send(endless, rate_per_s=500)
        sending = asyncio.create_task(load)
        await until(lambda person=person: remaining(world, person) > 100, f"nothing of theirs landed; {world.tails()}")  # type: ignore[misc]
        receipt = await asyncio.to_thread(_erase, world, person)
        assert receipt["facts"] > 100
        assert not sending.done()
        erased.set()
        await sending
        await world.all_committed(ledger.acknowledged)
        assert remaining(world, person) == 0
        assert others(ledger) <= landed(world)
        outcome.repetitions += 1
    outcome.events = len(ledger.acknowledged)
    await world.fresh()
    counted = world.address.query("SELECT sum(n) AS n FROM cells FINAL")[0]["n"]
    assert int(counted) == int(world.address.query("SELECT count() AS n FROM events FINAL")[0]["n"])


def _until(erased: asyncio.Event, events: Iterator[Entry]) -> Iterator[Entry]:
    return takewhile(lambda _: not erased.is_set(), events)


def _erase(world: World, person: str) -> dict[str, int]:
    run = subprocess.run(
        [sys.executable, "-m", "streams.cli", "erase", "--customer", "-", "--json"],
        env=world.environment({}), cwd=world.scratch, input=f"{person}\n", capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    receipt: dict[str, int] = json.loads(run.stdout)
    return receipt


async def test_an_insert_on_its_way_when_a_person_is_erased(world: World, outcome: Outcome) -> None:
    ledger = Ledger()
    (await at_work(world, ledger)).stop()
    sent = list(of_person(6, 400))
    await Publisher(world.bootstrap, world.topic, ledger, partition=0).send(sent)
    held = world.start_worker(CXB_FAILPOINTS="erased_dropped=freeze", CXB_KAFKA_SESSION_TIMEOUT_S="60")
    await until(lambda: _state(held) == "T", f"the worker did not get to its insert; {world.tails()}")
    looks = 0

    def wait() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:  # the first look has found nothing
            held.signal(signal.SIGCONT)
            _wait_until_landed(world)
        else:
            wait_in_flight()

    with closing(Store(_settings(world))) as store:
        _, facts, _, _ = await asyncio.to_thread(erase_from_store, store, pseudonyms(PERSON, KEYS), wait)
    assert facts > 0
    await world.all_committed(ledger.acknowledged)
    assert remaining(world) == 0
    assert others(ledger) <= landed(world)
    outcome.repetitions += 1
    outcome.events += len(sent)


def _state(worker: WorkerProcess) -> str:
    return Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(") ")[2][0]


def _wait_until_landed(world: World) -> None:
    deadline = time.monotonic() + 30
    while not remaining(world):
        assert time.monotonic() < deadline, f"the worker did not land; {world.tails()}"
        time.sleep(0.02)


def _settings(world: World) -> ClickHouseSettings:
    address = world.address
    return ClickHouseSettings(
        url=f"http://127.0.0.1:{address.port}", user=address.user, password=SecretStr(address.password),
        database=address.database,
    )  # fmt: skip
