"""The one loop of work that a single worker of the group does: computed again and again while it is elected."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import NoReturn

from streams.runtime.retry import retry_while_unreachable

logger = logging.getLogger(__name__)


async def run_while_elected(
    name: str,
    compute: Callable[[], object],
    *,
    elected: Callable[[], bool],
    withdraw: Callable[[], None],
    pause_s: Callable[[float], float],
    survives_errors: bool,
) -> NoReturn:
    """Computes at every interval while this worker is elected, until cancelled.

    Args:
        name: What is computed, for the log.
        compute: Blocks: it runs in a thread. Tried again, with growing pauses, while what it needs is unreachable.
        elected: Whether this worker is the one to do it; asked before each turn.
        withdraw: Takes back what is shown, for it may be out of date: called at each turn in which this worker is
            not elected, and after an error that is survived.
        pause_s: Seconds until the next turn, by how many seconds this one took; called after it.
        survives_errors: Whether an error is logged and the next turn tries again. Otherwise it comes out: for work
            that nothing may go on without.

    Raises:
        Exception: Whatever `compute` raises but Unreachable, if errors are not survived.
    """
    while True:
        began_s = time.monotonic()
        if elected():
            try:
                await retry_while_unreachable(name, lambda: asyncio.to_thread(compute))
            except Exception:
                if not survives_errors:
                    raise
                logger.exception("%s: could not be computed; the next turn tries again", name)
                withdraw()
        else:
            withdraw()
        await asyncio.sleep(pause_s(time.monotonic() - began_s))
