"""A deadline for the end of a process: a thread that waits for a silent service cannot be stopped."""

import logging
import os
import threading

logger = logging.getLogger(__name__)


class ShutdownDeadline:
    """Ends the process if it has not ended by itself in time."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def arm(self, seconds: float, code: int) -> None:
        """Gives the process so many seconds from now; then it ends with the exit code, whatever still runs."""
        if self._timer is None:
            self._timer = threading.Timer(seconds, _end, (seconds, code))
            self._timer.daemon = True
            self._timer.start()

    def disarm(self) -> None:
        """Takes the deadline back: the process ends in order."""
        if self._timer is not None:
            self._timer.cancel()


def _end(seconds: float, code: int) -> None:
    logger.warning(
        "not ended after %.0f s, something does not answer: what it has not committed is read again", seconds
    )
    logging.shutdown()
    os._exit(code)
