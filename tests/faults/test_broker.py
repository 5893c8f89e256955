"""The broker dies, stays away, loses topics, changes leaders; and the network between it and the workers fails."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.faults.conftest import MakeWorld, Outcome, Verify, at_work, publish, scale, under_load
from tests.faults.ledger import Ledger, Publisher, entries
from tests.faults.proxy import Proxy
from tests.faults.store_process import StoreProcess
from tests.faults.world import World, until
from tests.kafka.broker import KafkaBroker
from tests.kafka.cluster import NOBODY, KafkaCluster

pytestmark = [pytest.mark.faults, pytest.mark.kafka]


@dataclass
class Frail:
    """A broker that cases may kill, and a network that they may cut."""

    broker: KafkaBroker
    network: Proxy

    def world(self, make_world: MakeWorld, store: StoreProcess) -> World:
        """A world whose workers reach the broker through the network; publisher and checker do not."""
        world = make_world(self.broker, store)
        world.settings["CXB_KAFKA_BOOTSTRAP_SERVERS"] = f"127.0.0.1:{self.network.port}"
        return world


@pytest.fixture(scope="module")
def frail(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frail]:
    network = Proxy(0)
    broker = KafkaBroker(tmp_path_factory.mktemp("frail"), proxied_as=network.port, libraries=kafka_jars)
    network.retarget(broker.proxied_port)
    broker.start()
    yield Frail(broker, network)
    broker.stop()
    network.close()


async def test_the_broker_is_killed_and_comes_back(
    frail: Frail, store_process: StoreProcess, make_world: MakeWorld, outcome: Outcome, verify: Verify
) -> None:
    world, ledger = frail.world(make_world, store_process), Ledger()
    worker = await at_work(world, ledger)
    async with under_load(world, ledger, seed=2):
        for away_s in (5, 0, 30, 3, 0, 30)[: scale(1, 6)]:
            frail.broker.kill()
            outcome.kills += 1
            await asyncio.sleep(away_s)
            frail.broker.launch()
            await asyncio.to_thread(frail.broker.wait_until_ready)
            await asyncio.sleep(2)  # some work between two kills
    assert worker.alive, world.tails()
    await verify(world, ledger)


@asynccontextmanager
async def cut_off(network: Proxy, fault: str, seconds: float) -> AsyncIterator[None]:
    if fault == "cut":
        for _ in range(int(seconds / 0.5)):
            network.cut()
            await asyncio.sleep(0.5)
    elif fault == "delay":
        network.behaviour.delay_s = 0.2
    elif fault == "silence":
        network.behaviour.black_hole = True
    else:
        network.behaviour.refuse = True
        network.cut()
    if fault != "cut":
        await asyncio.sleep(seconds)
    yield
    network.heal()


async def test_the_network_to_the_broker_fails(
    frail: Frail, store_process: StoreProcess, make_world: MakeWorld, outcome: Outcome, verify: Verify
) -> None:
    world, ledger = frail.world(make_world, store_process), Ledger()
    worker = await at_work(world, ledger)
    for round_, fault in enumerate(("cut", "delay", "refuse", "silence") * scale(1, 2)):
        async with under_load(world, ledger, seed=10 + round_), cut_off(frail.network, fault, scale(3, 15)):
            pass
        recovered_s = await world.all_committed(ledger.acknowledged, 45)
        outcome.notes.append(f"{fault}: {recovered_s:.1f} s")
    assert worker.alive, world.tails()
    await verify(world, ledger)


@asynccontextmanager
async def admin(world: World) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=world.bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def take_letters_of(world: World, size: int) -> None:
    """Has the broker refuse dead letters of more bytes."""
    resource = ConfigResource(ConfigResourceType.TOPIC, world.dlq_topic, {"max.message.bytes": str(size)})
    async with admin(world) as client:
        [response] = await client.alter_configs([resource])
    assert all(code == 0 for code, *_ in response.resources), response


@pytest.mark.parametrize("how", ["is deleted", "refuses everything"])
async def test_the_dead_letter_topic(
    how: str, world: World, kafka: KafkaBroker, outcome: Outcome, verify: Verify
) -> None:
    ledger = Ledger()
    publisher = Publisher(world.bootstrap, world.topic, ledger)
    worker = world.start_worker()
    good = [entry for entry in entries(1, 500, datetime.now(UTC)) if not entry.reason]
    await publisher.send(good)
    await world.all_committed(ledger.acknowledged)
    if how == "is deleted":
        async with admin(world) as client:
            await client.delete_topics([world.dlq_topic])
    else:
        await take_letters_of(world, 10)

    bad = [entry for entry in entries(2, 3000, datetime.now(UTC)) if entry.reason]
    await publisher.send(bad)
    first: dict[int, int] = {}
    for partition, offset in sorted(ledger.bad):
        first.setdefault(partition, offset)
    began = time.monotonic()
    while time.monotonic() - began < scale(3, 45):
        await publish(world, ledger, seed=int(time.monotonic() * 1000), count=100)
        passed = {at: done for at, done in (await world.committed()).items() if at in first and done > first[at]}
        assert not passed, f"committed past a bad record that is nowhere: {passed}, {first}"
    assert worker.alive, world.tails()
    if how == "is deleted":
        kafka.create_topic(world.dlq_topic, 1)
    else:
        await take_letters_of(world, 1_000_000)
    await verify(world, ledger)


async def test_topics_missing_at_the_start_are_created(
    kafka: KafkaBroker, store_process: StoreProcess, make_world: MakeWorld, verify: Verify
) -> None:
    world, ledger = make_world(kafka, store_process, topics=False), Ledger()
    refusing = world.start_worker(CXB_KAFKA_CREATE_TOPICS="false")
    await until(lambda: not refusing.alive, f"it ends\n{world.tails()}")
    assert refusing.process.returncode == 3
    said = refusing.log.read_text()
    assert said.splitlines()[-1] == (
        f"cxb: missing topics: {world.topic}, {world.dlq_topic}; create them, or let CXB_KAFKA_CREATE_TOPICS be true"
    )
    assert "Traceback" not in said
    await at_work(world, ledger)
    await publish(world, ledger, seed=1, count=1000)
    await verify(world, ledger)


@pytest.fixture
def cluster(kafka_jars: Path, tmp_path: Path) -> Iterator[KafkaCluster]:
    made = KafkaCluster(tmp_path / "cluster", kafka_jars)
    made.start()
    yield made
    made.stop()


async def another_leads(cluster: KafkaCluster, topic: str, than: int) -> None:
    async with asyncio.timeout(30):
        while await cluster.leader(topic, 0) in (than, NOBODY):  # noqa: ASYNC110  (it tells only when asked)
            await asyncio.sleep(0.2)


async def test_leaders_change(
    cluster: KafkaCluster, store_process: StoreProcess, make_world: MakeWorld, outcome: Outcome, verify: Verify
) -> None:
    world, ledger = make_world(cluster, store_process), Ledger()
    worker = await at_work(world, ledger)
    async with under_load(world, ledger, seed=2):
        for round_ in range(scale(1, 8)):
            topic = (world.topic, "__consumer_offsets")[round_ % 2]
            leader = await cluster.leader(topic, 0)
            cluster.brokers[leader].kill()
            outcome.kills += 1
            await another_leads(cluster, topic, leader)
            await asyncio.sleep(2)  # under the new leader
            cluster.brokers[leader].launch()
            await asyncio.to_thread(cluster.brokers[leader].wait_until_ready)
    assert worker.alive, world.tails()
    await verify(world, ledger)
