"""The embedded broker dies: its log begins again at offset 0, with what had not landed and with the dead letters."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from streams.embedded.instance import Instance, read
from tests.e2e.running import usual_ports_taken
from tests.faults import checker
from tests.faults.checker import StoreAddress, Verdict
from tests.faults.conftest import Outcome, scale
from tests.faults.figures import last_closed_minute
from tests.faults.ledger import BAD, Ledger, Publisher, entries
from tests.faults.store_process import PROJECT
from tests.faults.world import OWNERS, REGISTRY, until
from tests.known import known
from tests.streams.embedded import processes_of

pytestmark = [pytest.mark.faults, pytest.mark.embedded]
TOPIC = "cx.touchpoints"


@pytest.fixture(autouse=True)
def _ports_of_our_own() -> Iterator[None]:
    with usual_ports_taken():
        yield


class Up:
    """A running `cxb up`, and what it says."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.said = directory / "said.log"
        (directory / "registry.toml").write_text(REGISTRY)

    async def start(self, *options: str, **variables: str) -> None:
        """Starts it, and waits until it is ready."""
        outer = {name: value for name, value in os.environ.items() if not name.startswith("CXB_")}
        data, registry = str(self.directory / "data"), str(self.directory / "registry.toml")
        with self.said.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "streams.cli", "up", "--data", data, "--registry", registry, *options,
                env={**outer, "CXB_REFRESH_SNAPSHOT_S": "1", **variables}, cwd=PROJECT, stdout=log, stderr=log,
            )  # fmt: skip
        await until(lambda: self.says("ready: "), "it is ready")

    def says(self, text: str) -> bool:
        """Whether it has said something."""
        return text in self.said.read_text()

    @property
    def instance(self) -> Instance:
        """Where its parts are."""
        return read(self.directory / "data")

    @property
    def store(self) -> StoreAddress:
        """Its store."""
        found = self.instance
        return StoreAddress(int(found.store_url.rpartition(":")[2]), found.user, found.password, "cx")

    def children(self) -> Iterator[tuple[int, str]]:
        """Its child processes: id and command."""
        for number in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            yield int(number), Path(f"/proc/{number}/cmdline").read_text()

    def kill_broker(self) -> None:
        """kill -9 of the broker, behind its front."""
        [broker] = processes_of.children(processes_of.children(self.process.pid, "front_server")[0], "tansu")
        os.kill(broker, signal.SIGKILL)


async def test_embedded_broker_starts_again(tmp_path: Path, outcome: Outcome) -> None:
    up = Up(tmp_path)
    await up.start()
    try:
        logs: list[Ledger] = []
        for life in range(scale(2, 5)):
            if life:
                up.kill_broker()
                outcome.kills += 1
                back_s = await until(lambda life=life: up.said.read_text().count("the broker is back") == life, "back")  # type: ignore[misc]
                outcome.recovered_s = max(outcome.recovered_s, back_s)
            logs.append(Ledger())
            async with asyncio.timeout(60):
                await publish(up, life, logs[-1])
            await until(
                lambda: not (wanted(logs) - rejected(up.store)) and logs[-1].good.keys() <= ids(up.store),
                f"all of life {life} has landed",
            )
        for text in (
            "the broker ended unexpectedly",
            "nothing that it acknowledged is",
            "starting the worker again",
        ):
            assert up.says(text), up.said.read_text()
        await hold(up, logs, outcome)
    finally:
        code, left = await interrupted(up)
    assert code == 0, up.said.read_text()
    assert not left


async def interrupted(up: Up) -> tuple[int, list[str]]:
    """Ends it by Ctrl-C, if it runs: its exit code, and the commands of its parts that still run."""
    children = dict(up.children()) if up.process.returncode is None else {}
    if up.process.returncode is None:
        up.process.send_signal(signal.SIGINT)
    return await asyncio.wait_for(up.process.wait(), 90), living(children)


def living(processes: Mapping[int, str]) -> list[str]:
    """The commands of those that still run."""
    return [command for number, command in processes.items() if Path(f"/proc/{number}").exists()]


async def publish(up: Up, life: int, ledger: Ledger) -> None:
    """Publishes in one life of the broker."""
    made = list(entries(900 + life, 1000, datetime.now(UTC)))
    # In every life the records at the beginning of each partition are rejected: at the same offsets, with other bytes.
    reason, spoil = BAD[2]
    first = [entry for entry in made if entry.event is not None][:40]
    spoilt = [
        replace(entry, value=json.dumps(spoil(known(entry.event))).encode(), reason=reason, event=None)
        for entry in first
    ]
    publisher = Publisher(up.instance.kafka, TOPIC, ledger)
    await publisher.send(spoilt)
    await publisher.send([entry for entry in made if entry not in first])


def ids(store: StoreAddress) -> set[str]:
    """Of the facts."""
    return {row["event_id"] for row in store.query("SELECT event_id FROM events")}


def rejected(store: StoreAddress) -> Counter[tuple[int, int, str]]:
    """Partition, offset and reason of the rejected events."""
    rows = store.query("SELECT partition, offset, reason FROM rejected FINAL")
    return Counter((row["partition"], row["offset"], row["reason"]) for row in rows)


def wanted(logs: Sequence[Ledger]) -> Counter[tuple[int, int, str]]:
    """The same, as published in all lives."""
    return Counter((*position, entry.reason) for log in logs for position, entry in log.bad.items())


async def hold(up: Up, logs: list[Ledger], outcome: Outcome) -> None:
    """Facts, rejected events, cells and figures of all lives of the broker."""
    entries_ = [entry for log in logs for entry in log.acknowledged.values()]
    everything = Ledger({(0, number): entry for number, entry in enumerate(entries_)})
    store, verdict = up.store, Verdict(events=len(everything.acknowledged))
    checker._check_facts(everything, store, verdict)
    found, due = rejected(store), wanted(logs)
    assert max(due.values()) == len(logs)  # at some position a record was rejected in every life
    verdict.rejections += [f"rejected: {position}" for position in (found - due) + (due - found)]
    dead = letters_of(await letters(up.instance.kafka, sum(len(log.bad) for log in logs)))
    verdict.rejections += [
        f"dead letter: {letter} {count} times" for letter, count in (dead - dead_letters_due(logs)).items()
    ]
    verdict.rejections += [f"dead letter: {letter} is missing" for letter in dead_letters_due(logs) - dead]
    await until(lambda: not cells_wrong(everything, store), f"cells: {cells_wrong(everything, store)[:3]}")
    ports = [int(up.instance.web_url.rstrip("/").rpartition(":")[2])]
    await until(lambda: checker.check_balances(everything, ports, OWNERS, last_closed_minute(), verdict), "figures")
    outcome.repetitions, outcome.events = 1, verdict.events
    outcome.lost, outcome.doubled = len(verdict.lost), len(verdict.doubled)
    assert not verdict.faults, "\n".join(verdict.faults)


Letter = tuple[int, int, str, bytes | None]


def letters_of(records: Sequence[Any]) -> Counter[Letter]:
    """Partition, offset and reason of dead letters, and their bytes."""
    heads = [({name: value.decode() for name, value in record.headers}, record.value) for record in records]
    return Counter(
        (int(head["cx-partition"]), int(head["cx-offset"]), head["cx-reason"], value) for head, value in heads
    )


def dead_letters_due(logs: Sequence[Ledger]) -> Counter[Letter]:
    """The same, as published in all lives of the broker."""
    return Counter((*position, str(entry.reason), entry.value) for log in logs for position, entry in log.bad.items())


async def letters(bootstrap: str, count: int) -> list[Any]:
    """So many dead letters: this broker does not say where a log ends."""
    consumer = AIOKafkaConsumer(
        f"{TOPIC}.dlq", bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        found: list[Any] = []
        async with asyncio.timeout(30):
            while len(found) < count:
                found += [record for batch in (await consumer.getmany(timeout_ms=500)).values() for record in batch]
        return found
    finally:
        await consumer.stop()


def cells_wrong(ledger: Ledger, store: StoreAddress) -> list[str]:
    verdict = Verdict()
    checker._check_cells(ledger, store, verdict)
    return verdict.cells
