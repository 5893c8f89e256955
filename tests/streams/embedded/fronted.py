"""The broker's process behind its front, without store and worker, and clients of it."""

import asyncio
import os
import signal
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.embedded import brought_back, services
from streams.embedded.processes import Child, Command, Lifeline, free_port, start
from tests.streams.embedded.processes_of import children, runs, until

TOPIC = "cx.touchpoints"
GROUP = "cx-balance"


class Fronted:
    """A broker on one directory, started as often as one likes."""

    def __init__(self, directory: Path) -> None:
        self.spool = directory / "spool"
        self.port = free_port(0)
        self.child: Child | None = None
        self._log = directory / "broker.log"
        self._lifeline = Lifeline()

    @property
    def address(self) -> str:
        """For clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def broker(self) -> int:
        """The process behind the front."""
        assert self.child is not None
        [broker] = children(self.child.pid, "tansu")
        return broker

    @property
    def log(self) -> str:
        """What both have said."""
        return self._log.read_text()

    async def start(self, *options: str) -> brought_back.BroughtBack:
        """Starts it, and waits until it answers; what it has brought back."""
        service = services.broker(self.port, self.spool, self._log)
        command = service.command
        environment = {name: value for name, value in command.environment.items() if not name.startswith("CXB_")}
        self.child = await start(Command("broker", (*command.argv, *options), environment, self._log), self._lifeline)
        while not await service.answers():
            assert self.child.exit_code is None, self.log
        return brought_back.read(self.spool)

    async def stop(self) -> None:
        """SIGTERM."""
        assert self.child is not None
        assert await self.child.stop(15), self.log
        assert self.child.exit_code == 0, self.log

    async def kill(self, pid: Callable[["Fronted"], int]) -> None:
        """kill -9 of one of its processes; waits until all have ended."""
        assert self.child is not None
        broker = self.broker
        os.kill(pid(self), signal.SIGKILL)
        await self.child.wait()
        await until(lambda: not runs(broker))

    def segments(self, topic: str = TOPIC) -> list[Path]:
        """The files with what is kept of a topic."""
        return sorted((self.spool / topic).glob("*.log"))

    async def end(self) -> None:
        """Ends whatever runs."""
        if self.child is not None:
            await self.child.stop(15)
        self._lifeline.close()


@asynccontextmanager
async def producer(address: str, **how: Any) -> AsyncIterator[AIOKafkaProducer]:
    client = AIOKafkaProducer(bootstrap_servers=address, **how)
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def publish(address: str, values: list[bytes], topic: str = TOPIC, **how: Any) -> None:
    """Publishes and waits for every acknowledgement."""
    async with producer(address, **how) as client:
        for future in [await client.send(topic, value, partition=0) for value in values]:
            await future


async def read(address: str, count: int, topic: str = TOPIC, partition: int = 0) -> list[bytes]:
    """The first records of a partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(topic, partition)])
    try:
        async with asyncio.timeout(15):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def commit(address: str, count: int, group: str = GROUP) -> None:
    """Reads as a group does, and commits once so many records were there."""
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=address, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        async with asyncio.timeout(30):
            for _ in range(count):
                await consumer.getone()
            await consumer.commit()
    finally:
        await consumer.stop()


async def ask(address: str, api: int, version: int, body: bytes) -> bytes:
    """The answer to one raw request, without length and correlation id."""
    reader, writer = await asyncio.open_connection(*address.split(":"))
    request = struct.pack(">hhih", api, version, 7, -1) + body
    writer.write(struct.pack(">i", len(request)) + request)
    try:
        (size,) = struct.unpack(">i", await asyncio.wait_for(reader.readexactly(4), 10))
        answer = await reader.readexactly(size)
    finally:
        writer.close()
    assert answer[:4] == struct.pack(">i", 7)
    return answer[4:]
