"""The environment of contestants: a broker and the store, each a process of its own, and their cost."""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.events import events
from streams.embedded import services, tansu
from streams.embedded.processes import Command, Lifeline, free_port, start
from streams.kafka.client import committed
from streams.settings.settings import ClickHouseSettings, KafkaSettings
from tests.kafka.broker import KafkaBroker

PARTITIONS = 4
# The events' timestamps span months: by default a broker would soon delete them, and begin a segment of its log for
# each week. It answers a fetch with one segment of a partition: records of many partitions would come in tiny runs.
FOREVER = {"retention.ms": "-1", "segment.ms": str(2**50)}


@dataclass(frozen=True)
class Address:
    """Where a process listens, and its id."""

    address: str
    pid: int


@asynccontextmanager
async def broker(kind: str, directory: Path) -> AsyncIterator[Address]:
    """Apache Kafka or Tansu."""
    if kind == "kafka":
        kafka = KafkaBroker(directory / "kafka")
        # In this thread, because the broker lives as long as the thread that started it.
        kafka.start()
        try:
            yield Address(kafka.bootstrap, kafka.pid)
        finally:
            kafka.stop()
        return
    port, lifeline = free_port(0), Lifeline()
    argv = tansu.arguments(tansu.verified_program(), port, port)
    child = await start(Command("broker", argv, tansu.ENVIRONMENT, directory / "broker.log"), lifeline)
    while not await services.kafka_answers(f"127.0.0.1:{port}"):  # noqa: ASYNC110  (another process answers)
        await asyncio.sleep(0.05)
    try:
        yield Address(f"127.0.0.1:{port}", child.pid)
    finally:
        await child.stop(5)
        lifeline.close()


@contextmanager
def store(directory: Path) -> Iterator[tuple[ClickHouseSettings, int]]:
    """The ClickHouse engine over HTTP: how to reach it, and the id of its process."""
    password = secrets.token_hex(16)
    variables = {
        "CXB_STORE_DIRECTORY": str(directory / "store"),
        "CXB_STORE_USER": "cx",
        "CXB_STORE_PASSWORD": password,
    }
    argv = [sys.executable, "-m", "streams.embedded.store_server"]
    with (
        (directory / "store.log").open("wb") as log,
        subprocess.Popen(
            argv, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        line = process.stdout.readline() if process.stdout else ""
        url = f"http://{line.rpartition(' ')[2].strip()}"
        try:
            yield ClickHouseSettings(url=url, user="cx", password=password, database="bench"), process.pid
        finally:
            process.terminate()


def cpu_s(pid: int) -> float:
    """CPU seconds of a running process, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Resident memory of a running process, MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def create_topic(address: str, topic: str, partitions: int = PARTITIONS) -> None:
    """Creates a topic that keeps its records forever."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=FOREVER)])
    finally:
        await admin.close()


async def publish(
    address: str, topic: str, count: int, written: Callable[[bytes], bytes] = bytes, partitions: int = PARTITIONS
) -> None:
    """Publishes the events of the job, each value as `written` makes it, evenly over the topic's partitions."""
    producer = AIOKafkaProducer(bootstrap_servers=address, linger_ms=20, max_batch_size=256 * 1024)
    await producer.start()
    sent = []
    for number, (value, stamp_ms) in enumerate(events(count)):
        # A copy follows its original in the same partition, as a publisher's retry would.
        partition = (number - (number % 100 == 99)) % partitions
        sent.append(
            await producer.send(topic, written(value), b"%d" % number, partition=partition, timestamp_ms=stamp_ms)
        )
        if len(sent) == 10_000:
            await asyncio.gather(*sent)
            sent = []
    await asyncio.gather(*sent)
    await producer.stop()


class Commits:
    """Watches what a group has committed on a topic."""

    def __init__(self, address: str, topic: str, partitions: int = PARTITIONS) -> None:
        self._settings = KafkaSettings(bootstrap_servers=address, topic=topic)
        self._partitions = [TopicPartition(topic, number) for number in range(partitions)]
        self._admin = AIOKafkaAdminClient(bootstrap_servers=address)

    async def __aenter__(self) -> "Commits":
        """Connects."""
        await self._admin.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnects."""
        await self._admin.close()

    async def of(self, group: str) -> int:
        """The number of records that the group has committed."""
        settings = self._settings.model_copy(update={"group": group})
        return sum((await committed(self._admin, settings, self._partitions)).values())


async def reasons(address: str, dlq: str, count: int) -> list[str]:
    """The reasons of `count` rejected events, and of any after them; a dead letter sent twice counts once."""
    consumer = AIOKafkaConsumer(dlq, bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    letters: set[tuple[bytes, str]] = set()
    deadline = time.monotonic() + 20
    try:
        while time.monotonic() < deadline:
            fetched = await consumer.getmany(timeout_ms=500)
            letters |= {(record.value, _reason(record.headers)) for run in fetched.values() for record in run}
            if len(letters) >= count and not fetched:
                break
    finally:
        await consumer.stop()
    return [reason for _, reason in letters]


def _reason(headers: Any) -> str:
    named: Mapping[str, bytes] = dict(headers)
    return named.get("cx-reason", b"").decode()
