"""A TCP fault proxy on loopback: what stands between a worker and a service, and can fail like a network does."""

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

CHUNK = 64 * 1024
# A driver's lz4 frame begins with the statement as it is.
_FACTS = re.compile(rb"INSERT INTO\W+events\W")


@dataclass
class Behaviour:
    """How the proxy treats what passes. Change it at any time, from any thread.

    Attributes:
        refuse: New connections are closed at once.
        black_hole: Bytes are swallowed, in both directions.
        delay_s: Pause before each chunk, either direction.
        answer: For HTTP: given a request's first bytes, what to answer in the service's place; None to pass it on.
        cut_reply: For HTTP: given a request's first bytes, whether to pass it on and cut before the reply.
    """

    refuse: bool = False
    black_hole: bool = False
    delay_s: float = 0.0
    answer: Callable[[bytes], bytes | None] = lambda _: None
    cut_reply: Callable[[bytes], bool] = lambda _: False
    cuts: int = field(default=0)


class Proxy:
    """Forwards one port to another, in a thread of its own."""

    def __init__(self, target_port: int) -> None:
        self.behaviour = Behaviour()
        self._target = target_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def retarget(self, port: int) -> None:
        """Forwards new connections elsewhere."""
        self._target = port

    def cut(self) -> None:
        """Resets every connection that passes now."""

        async def reset() -> None:
            for writer in list(self._writers):
                writer.transport.abort()

        self._run(reset())

    def heal(self) -> None:
        """Behaves again; connections that are stuck are reset."""
        self.behaviour = Behaviour()
        self.cut()

    def close(self) -> None:
        """Ends the proxy and all that passes through it."""

        async def end() -> None:
            # The server is closed at last: a connection that it has accepted and finds it closed is left open for good
            # (CPython 3.11), and its client waits for an answer as long as it can.
            while others := asyncio.all_tasks() - {asyncio.current_task()}:
                for writer in list(self._writers):
                    writer.transport.abort()
                await asyncio.wait(others, timeout=0.1)
            self._server.close()

        self.behaviour = Behaviour(refuse=True)  # nothing waits out a delay
        self._run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self.behaviour.refuse:
                return
            with suppress(OSError):
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
                self._writers.add(far_writer)
                try:
                    await self._forward(reader, writer, far_reader, far_writer)
                finally:
                    self._writers.discard(far_writer)
                    far_writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        cutting = asyncio.Event()
        tasks = {
            asyncio.create_task(self._requests(reader, writer, far_writer, cutting)),
            asyncio.create_task(self._replies(far_reader, writer, cutting)),
        }
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_writer: asyncio.StreamWriter,
        cutting: asyncio.Event,
    ) -> None:
        while data := await reader.read(CHUNK):
            behaviour = self.behaviour
            if behaviour.delay_s:
                await asyncio.sleep(behaviour.delay_s)
            if behaviour.black_hole:
                continue
            answer = behaviour.answer(data)
            if answer is not None:
                writer.write(answer)
                writer.write_eof()
                while await asyncio.wait_for(reader.read(CHUNK), 2):
                    pass  # a reset, while the request still comes, would hide the answer
                return
            if behaviour.cut_reply(data):
                cutting.set()
                behaviour.cuts += 1
            far_writer.write(self._readdressed(data))
            await far_writer.drain()

    def _readdressed(self, data: bytes) -> bytes:
        # The store refuses a Host that is not its own, as it should.
        if data.startswith((b"POST /", b"GET /")):
            return data.replace(b"127.0.0.1:%d" % self.port, b"127.0.0.1:%d" % self._target, 1)
        return data

    async def _replies(
        self, far_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cutting: asyncio.Event
    ) -> None:
        while data := await far_reader.read(CHUNK):
            if cutting.is_set():
                return  # the service has done it, and nobody will hear of it
            if self.behaviour.black_hole:
                continue
            if self.behaviour.delay_s:
                await asyncio.sleep(self.behaviour.delay_s)
            writer.write(data)
            await writer.drain()


def is_insert(request: bytes) -> bool:
    """Whether bytes of an HTTP request begin an insert of facts."""
    return _FACTS.search(request[:4096]) is not None


def http_error(status: int, code: int | None, text: str) -> bytes:
    """An HTTP answer as ClickHouse, or a load balancer before it (no code), would give it."""
    body = (f"Code: {code}. DB::Exception: {text}" if code else text).encode()
    header = f"X-ClickHouse-Exception-Code: {code}\r\n" if code else ""
    return (
        f"HTTP/1.1 {status} Error\r\nContent-Length: {len(body)}\r\n{header}Connection: close\r\n\r\n".encode() + body
    )
