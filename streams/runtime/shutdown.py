"""The end of a process, at the latest: a thread that waits for a silent service cannot be told to stop."""

import logging
import os
import threading

logger = logging.getLogger(__name__)


class ShutdownDeadline:
    """Ends the process if it has not ended by itself in time."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def arm(self, seconds: float, code: int) -> None:
        """From now on it has so many seconds; then it ends with the exit code, whatever still runs."""
        if self._timer is None:
            self._timer = threading.Timer(seconds, _end, (seconds, code))
            self._timer.daemon = True
            self._timer.start()

    def disarm(self) -> None:
        """It has ended in order."""
        if self._timer is not None:
            self._timer.cancel()


def _end(seconds: float, code: int) -> None:
    logger.warning(
        "not ended after %.0f s, something does not answer: what it has not committed is read again", seconds
    )
    logging.shutdown()
    os._exit(code)
