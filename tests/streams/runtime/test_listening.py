"""Servers that are started at the same time are waited for in silence."""

import asyncio
import socket

import pytest

from streams.embedded.processes import free_port
from streams.runtime.listening import until_listening


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "127.0.0.1:{port},127.0.0.1:1", "http://127.0.0.1:{port}"])
async def test_a_server_that_comes_later_is_waited_for(address: str) -> None:
    port = free_port(0)
    waiting = asyncio.create_task(until_listening(address.format(port=port), 10))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    with socket.create_server(("127.0.0.1", port)):
        assert await waiting


async def test_one_that_never_comes_is_given_up_on() -> None:
    assert not await until_listening(f"127.0.0.1:{free_port(0)}", 0.2)
