"""Connections that speak in frames of Kafka's protocol, and single questions to the broker behind the front."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from streams.embedded import wire
from streams.embedded.wire import Unsupported

THIS_MACHINE = "127.0.0.1"
LARGEST_FRAME = 100 << 20  # as Kafka's socket.request.max.bytes
BUFFER_BYTES = 1 << 20


class Refused(Exception):
    """The broker does not take it."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Both directions of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def frame(self) -> bytes:
        """The next message, without its length.

        Raises:
            IncompleteReadError: there is none, or it is not whole.
            Unsupported: it is not Kafka's protocol.
        """
        size = await self.size()
        return await self.reader.readexactly(size)

    async def size(self) -> int:
        """The length that a message begins with."""
        (size,) = wire.SIZE.unpack(await self.reader.readexactly(wire.SIZE.size))
        if not 0 < size <= LARGEST_FRAME:
            raise Unsupported(f"a message of {size} bytes")
        return int(size)

    async def send(self, *pieces: bytes) -> None:
        """Sends bytes, at the pace of whoever receives them."""
        self.writer.writelines(pieces)
        await self.writer.drain()


async def ask(port: int, request: bytes) -> bytes:
    """The broker's answer to one request of ours.

    Raises:
        Refused: the broker is there, and ends the connection instead of an answer.
        OSError: it cannot be reached.
    """
    broker = Ends(*await asyncio.open_connection(THIS_MACHINE, port, limit=BUFFER_BYTES))
    try:
        await broker.send(request)
        return await broker.frame()
    except (EOFError, ConnectionError) as error:
        raise Refused("the broker ends the connection") from error
    finally:
        broker.writer.close()
        with suppress(ConnectionError):
            await broker.writer.wait_closed()


class Partitions:
    """How many partitions each topic of the broker has; it is asked where a partition is not known yet."""

    def __init__(self, broker_port: int) -> None:
        self._broker_port = broker_port
        self._counts: dict[str, int] = {}

    async def has(self, topic: str, partition: int) -> bool:
        """Whether the topic is there, and has the partition.

        Raises:
            Refused: the broker does not say.
            OSError: it cannot be reached.
        """
        if partition not in range(self._counts.get(topic, 0)):
            answer = await ask(self._broker_port, wire.partitions_request(topic, correlation=1))
            self._counts[topic] = wire.partitions(answer)
        return partition in range(self._counts[topic])
