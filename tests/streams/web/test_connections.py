"""What strange, slow and many clients of the worker's port get, and what they cannot keep from others."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from streams.settings.settings import HttpSettings
from streams.web.answers import Site
from tests.streams.web.served import TOKEN, served_by

MOST = 16
SLOW_HEADS = (b"", b"GET", b"GET /health HTTP/1.1\r\n", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def sent(port: int, head: bytes) -> bytes:
    """The first line of the answer to these bytes; empty where there is none."""
    async with connection(port) as (reader, writer):
        writer.write(head)
        return await asyncio.wait_for(reader.readline(), 20)


@pytest.mark.parametrize("value", [b"Bearer \xff\xfe", b"\xe9", b"Bearer \xf0\x9f", b"", b"Bearer", b"\xc3\x28" * 2000])
async def test_a_credential_of_any_bytes_is_refused_before_anything_else(
    site: Site, caplog: pytest.LogCaptureFixture, value: bytes
) -> None:
    async with served_by(site, HttpSettings(port=0, token=TOKEN)) as served:
        head = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: " + value + b"\r\n\r\n"
        assert (await sent(served.port, head)).split()[1] == b"401"
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "head",
    [
        b"GET /metrics HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: [::1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: a:b:c\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:99999999\r\n\r\n",
        b"GET http://[/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /api/v1/balances?%ff=%fe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /api/v1/balances?" + b"at=1&" * 1500 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /api/v1/balances?" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\n" + b"X-Y: z\r\n" * 5000 + b"\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: \xff=\xfe; a=\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
async def test_no_head_of_a_request_is_an_error_of_ours(
    site: Site, caplog: pytest.LogCaptureFixture, head: bytes
) -> None:
    async with served_by(site) as served:
        line = await sent(served.port, head)
        assert line.split()[1:2] != [b"500"], line
        assert (await served.get("/health")).status == 200
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_client_that_never_ends_its_head_is_cut_off_though_it_keeps_sending(site: Site) -> None:
    async with served_by(site, HttpSettings(port=0, idle_s=1)) as served, connection(served.port) as (reader, writer):

        async def trickle() -> None:
            writer.write(SLOW_HEADS[-1])
            while not writer.is_closing():
                writer.write(b"x")
                await asyncio.sleep(0.1)

        slow = asyncio.create_task(trickle())
        try:
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await asyncio.wait_for(reader.readexactly(1), 20)
        finally:
            slow.cancel()


async def test_however_many_connections_are_held_open_a_scrape_gets_through(site: Site) -> None:
    async with served_by(site, HttpSettings(port=0, connections=MOST)) as served:
        opened = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(3 * MOST)]
        for (_, writer), head in zip(opened, SLOW_HEADS * MOST, strict=False):
            writer.write(head)
        for path in ("/metrics", "/ready"):
            assert (await served.get(path)).status == 200
        # The oldest gave way.
        gone = await asyncio.gather(*(_is_cut(reader) for reader, _ in opened[: 2 * MOST]))
        assert all(gone)
        for _, writer in opened:
            writer.close()


async def _is_cut(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(1), 20) == b""
    except ConnectionError:
        return True
