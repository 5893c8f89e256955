"""kill -9 of the gateway at any moment, under load: what was answered with 202 lands, and counts once."""

import asyncio
import json
import random
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.faults.conftest import Outcome, Verify, scale
from tests.faults.ledger import Entry, Ledger, entries
from tests.faults.store_process import free_port
from tests.faults.world import World, until

pytestmark = [pytest.mark.faults, pytest.mark.kafka]

BATCH = 7
PUBLISHERS = 4
KILLS = scale(4, 40)


@dataclass
class GatewayProcess:
    """`cxb gateway` of a world, always on the same port."""

    world: World
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        """What all of them have said."""
        return self.world.directory / "gateway.log"

    def start(self) -> None:
        """Starts one; the one before has ended."""
        environment = self.world.environment({"CXB_GATEWAY_PORT": str(self.port), "CXB_GATEWAY_EVENTS_PER_S": "1e9"})
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "gateway"], env=environment, cwd=self.world.scratch,
                stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(30)


@dataclass
class Tally:
    """What was answered with 202, by event_id, and how often something else was the answer."""

    accepted: dict[str, Entry] = field(default_factory=dict)
    unanswered: int = 0


async def publish_until_accepted(port: int, batch: list[Entry], tally: Tally) -> None:
    """Sends a batch, again and again, as a publisher should: until the answer is 202."""
    body = b"\n".join(entry.value or b"" for entry in batch)
    headers = {"Content-Type": "application/x-ndjson"}
    timeout = aiohttp.ClientTimeout(total=20)
    while True:
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.post(f"http://127.0.0.1:{port}/v1/events", data=body, headers=headers) as response,
            ):
                answer = json.loads(await response.read())
                assert response.status in (202, 503), answer
                if response.status == 202:
                    tally.accepted.update({entry.event_id: entry for entry in batch})
                    return
        except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError):
            pass  # it was killed meanwhile: whether its events arrived is not known, so they are sent again
        tally.unanswered += 1
        await asyncio.sleep(0.05)


async def positions(world: World) -> dict[tuple[int, int], Any]:
    """Every record of the topic, by partition and offset."""
    consumer = AIOKafkaConsumer(bootstrap_servers=world.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(world.topic, number) for number in range(4)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        records: dict[tuple[int, int], Any] = {}
        while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records |= {(record.partition, record.offset): record for record in batch}
        return records
    finally:
        await consumer.stop()


async def kill_again_and_again(gateway: GatewayProcess, tally: Tally, outcome: Outcome, share: int) -> None:
    """Kills and starts a gateway under load, each time when it has accepted some of a share of the events.

    By what it has accepted, not by the clock: a fast machine accepts all of them in the time of one start.
    """
    chance = random.Random(11)
    while outcome.kills < KILLS:
        enough = len(tally.accepted) + chance.uniform(0, share * BATCH / 2)
        await until(lambda enough=enough: len(tally.accepted) > enough, "a 202")  # type: ignore[misc]
        gateway.kill()
        gateway.start()
        outcome.kills += 1


async def test_gateway_killed_at_random_under_load(world: World, outcome: Outcome, verify: Verify) -> None:
    tally, gateway = Tally(), GatewayProcess(world)
    world.start_worker()
    gateway.start()
    sound = [entry for entry in entries(11, scale(1500, 20_000), datetime.now(UTC)) if not entry.reason]
    queue = [sound[start : start + BATCH] for start in range(0, len(sound), BATCH)]
    share = len(queue) // (KILLS + 1)

    async def publisher() -> None:
        """Leaves a share of the events for after each kill that is to come."""
        while queue:
            if len(queue) > share * (KILLS - outcome.kills):
                await publish_until_accepted(gateway.port, queue.pop(), tally)
            else:
                await asyncio.sleep(0.01)

    try:
        async with asyncio.TaskGroup() as load:
            for _ in range(PUBLISHERS):
                load.create_task(publisher())
            load.create_task(kill_again_and_again(gateway, tally, outcome, share))
    finally:
        code = gateway.stop()
    assert code == 0, gateway.log.read_text()[-2000:]
    assert set(tally.accepted) == {entry.event_id for entry in sound}
    by_value = {entry.value: entry for entry in sound}
    landed = {at: by_value[record.value] for at, record in (await positions(world)).items()}
    assert {entry.event_id for entry in landed.values()} >= set(tally.accepted)  # nothing that was answered is missing
    copies = len(landed) - len(sound)
    outcome.notes.append(f"{tally.unanswered} answers lost or 503, {copies} copies in the topic")
    await verify(world, Ledger(landed))
