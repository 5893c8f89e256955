"""Ports that are held until their server listens."""

import os
import socket
import sys
from pathlib import Path

import pytest

from streams.embedded.held_ports import hold
from streams.embedded.processes import Command, Lifeline, start
from streams.runtime.listening import until_listening

SERVER = """
import asyncio
from streams.embedded.held_ports import listener
async def serve():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), sock=listener({port}))
    await server.serve_forever()
asyncio.run(serve())
"""


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def test_at_a_port_that_is_held_nobody_listens_and_nobody_else_can() -> None:
    with hold(0) as held:
        port = held.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", port))
        assert not listens(port)
    socket.create_server(("127.0.0.1", port)).close()


def test_instead_of_a_port_that_is_taken_or_held_another_one_is_held() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, hold(0) as held:
        for taken in (other.getsockname()[1], held.getsockname()[1]):
            with hold(taken) as instead:
                assert instead.getsockname()[1] != taken


@pytest.mark.slow
async def test_a_child_listens_at_the_port_held_for_it_and_the_next_one_at_the_same_by_itself(tmp_path: Path) -> None:
    lifeline, held = Lifeline(), hold(0)
    port = held.getsockname()[1]
    command = Command("child", (sys.executable, "-c", SERVER.format(port=port)), os.environ, tmp_path / "log", held)
    for _ in range(2):
        child = await start(command, lifeline)
        command.let_go()
        assert await until_listening(f"127.0.0.1:{port}", 30), command.log.read_text()
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert client.recv(1) == b""  # the server ends it first: it lingers there, and is not in the next one's way
        await child.stop(10)
        assert not listens(port)
    lifeline.close()
