"""Waiting for a server that is being started, without the words that a driver has for one that is gone."""

import asyncio
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

POLL_S: Final = 0.05
STARTED_WITH_US_S: Final = 60.0
"""How long a broker and a store that are started at the same time are waited for before their absence is a warning."""


def in_use(port: int, host: str = "127.0.0.1", setting: str = "CXB_HTTP_PORT") -> str:
    """That a port is in use, in a sentence that ends with what to do."""
    return f"port {port} of {host} is in use: set {setting} to a free one, or to 0 for any"


async def until_listening(address: str, within_s: float) -> bool:
    """Waits until somebody listens at an address.

    Args:
        address: `http://host:port`, or `host:port`, of several separated by commas the first.
        within_s: How long to wait at most, seconds.

    Returns:
        Whether somebody does.
    """
    parts = urlsplit(address if "//" in address else f"//{address.partition(',')[0]}")
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not await _listens(parts.hostname or "", parts.port or 80):  # noqa: ASYNC110  # in another process
                await asyncio.sleep(POLL_S)
            return True
    return False


async def _listens(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
