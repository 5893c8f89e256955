"""A service as a process: it logs to stderr, and ends in order when a signal asks it to."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable

from streams.runtime.signals import ENDING


def log_to_stderr(level: str) -> None:
    """Has all of the process log to stderr from a level on."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )


async def until_signalled(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Does some work, which ends when its event is set: by SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in ENDING:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(stop)
