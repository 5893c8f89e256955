"""Retries: an attempt is made again, with growing pauses, while what it needs is unreachable."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from streams.errors import Unreachable

logger = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0

T = TypeVar("T")


async def retry_while_unreachable(
    what: str,
    attempt: Callable[[], Awaitable[T]],
    stalled: Callable[[float | None], None] = lambda _: None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Awaits an attempt until it succeeds.

    Args:
        what: What is being done, for the log.
        attempt: Called for each attempt.
        stalled: Called with when (seconds of the clock) attempts began to fail, and with None when one succeeds.
        clock: Counts seconds.
        sleep: Waits so many of them.

    Raises:
        Exception: Whatever the attempt raises but Unreachable: a bug or a wrong setting, which time does not fix.
    """
    pause_s, since = FIRST_PAUSE_S, None
    while True:
        try:
            result = await attempt()
        except Unreachable as error:
            since = clock() if since is None else since
            stalled(since)
            logger.warning("%s: trying again in %.1f s: %s", what, pause_s, error)
            # Spread, so that workers that lost the same store do not all come back at once.
            await sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        else:
            if since is not None:
                stalled(None)
                logger.warning("%s: done after %.1f s of trying", what, clock() - since)
            return result
