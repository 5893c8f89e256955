"""An instance of cxb up is killed while it is published to: all of it as by a power cut, or one of its processes."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.e2e.running import usual_ports_taken
from tests.faults import checker
from tests.faults.checker import Verdict
from tests.faults.conftest import Outcome, scale
from tests.faults.ledger import Ledger, entries
from tests.faults.test_embedded_broker import TOPIC, Up, ids, interrupted, rejected
from tests.faults.world import until
from tests.streams.embedded.processes_of import children, runs

pytestmark = [pytest.mark.faults, pytest.mark.embedded]


@pytest.fixture(autouse=True)
def _ports_of_our_own() -> Iterator[None]:
    with usual_ports_taken():
        yield


def processes(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for child in children(pid):
        yield from processes(child)


def victims(up: Up, who: str) -> list[int]:
    """Their process ids, those of parents first."""
    [front] = children(up.process.pid, "front_server")
    return {
        "everything": list(processes(up.process.pid)),
        "the front": list(processes(front)),
        "the broker": children(front, "tansu"),
    }[who]


def refuse_inserts(up: Up, *, refused: bool) -> None:
    """Has the engine refuse every insert of the worker, or no longer."""
    for table in ("events", "rejected"):
        change = "ADD CONSTRAINT IF NOT EXISTS full CHECK 0" if refused else "DROP CONSTRAINT IF EXISTS full"
        up.store.query(f"ALTER TABLE {table} {change}")


async def publish(up: Up, life: int, ledger: Ledger, killed: asyncio.Event) -> None:
    """Publishes a hundred after the other, and books what was acknowledged, until the kill."""
    producer = AIOKafkaProducer(bootstrap_servers=up.instance.kafka, acks="all", request_timeout_ms=2000)
    await producer.start()
    made = entries(7000 + life, 10_000_000, datetime.now(UTC))
    try:
        while not killed.is_set():
            group = list(islice(made, 100))
            sent = [await producer.send(TOPIC, e.value, e.event_id.encode(), None, e.timestamp_ms) for e in group]
            for entry, answer in zip(group, await asyncio.gather(*sent, return_exceptions=True), strict=True):
                if not isinstance(answer, BaseException):
                    ledger.acknowledged[answer.partition, answer.offset] = entry
    finally:
        await producer.stop()


async def one_life(up: Up, who: str, life: int, ledger: Ledger) -> None:
    """Publishes until the kill, in every second life into a store that refuses; ends when all is back."""
    refuse_inserts(up, refused=life % 2 == 0)
    killing = asyncio.Event()
    load = asyncio.create_task(publish(up, life, ledger, killing))
    await until(lambda: len(ledger.acknowledged) > 1500, "it is published to")
    back = up.said.read_text().count("the broker is back")
    killed = victims(up, who)
    for pid in killed:
        with suppress(ProcessLookupError):  # it has ended with its parent
            os.kill(pid, signal.SIGKILL)
    killing.set()
    await until(lambda: not any(runs(pid) for pid in killed), "they have ended")
    with suppress(KafkaError):
        await load
    if who == "everything":
        await up.process.wait()
        await up.start()
    else:
        await until(lambda: up.said.read_text().count("the broker is back") > back, "the broker is back")
    refuse_inserts(up, refused=False)


@pytest.mark.parametrize("who", ["everything", "the front", "the broker"])
async def test_kill_9_while_publishing_of(who: str, tmp_path: Path, outcome: Outcome) -> None:
    up = Up(tmp_path)
    await up.start()
    logs: list[Ledger] = []
    try:
        for life in range(scale(2, 6)):
            logs.append(Ledger())
            await one_life(up, who, life, logs[-1])
            outcome.kills += 1
            landed_s = await until(lambda: logs[-1].good.keys() <= ids(up.store), f"all of life {life} has landed")
            outcome.recovered_s = max(outcome.recovered_s, landed_s)
        hold(up, logs, outcome)
    finally:
        code, left = await interrupted(up)
    assert code == 0, up.said.read_text()
    assert not left


def hold(up: Up, logs: list[Ledger], outcome: Outcome) -> None:
    """Every acknowledged event is a fact once, or on the list of the rejected."""
    entries_ = [entry for log in logs for entry in log.acknowledged.values()]
    everything = Ledger({(0, number): entry for number, entry in enumerate(entries_)})
    verdict = Verdict(events=len(everything.acknowledged))
    checker._check_facts(everything, up.store, verdict)
    outcome.repetitions, outcome.events = len(logs), verdict.events
    outcome.lost, outcome.doubled = len(verdict.lost), len(verdict.doubled)
    assert not verdict.lost + verdict.doubled + verdict.altered
    assert sum(rejected(up.store).values()) >= len(everything.bad)
