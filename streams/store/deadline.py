"""A deadline for one question, which may take several statements: the engine learns how much of it is left."""

import time


class Deadline:
    """Until when a question may run. Safe to share between threads."""

    def __init__(self, limit_s: float) -> None:
        """Begins to count; `limit_s` from now it is over."""
        self.limit_s = limit_s
        self._ends_s = time.monotonic() + limit_s

    def left_s(self) -> float:
        """How many seconds are left, more than 0.

        Raises:
            TimeoutError: None; the text says how many there were.
        """
        if self.is_over():
            raise self.over()
        # Never 0, which the engine takes for no limit.
        return max(self._ends_s - time.monotonic(), 0.01)

    def is_over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._ends_s

    def over(self) -> TimeoutError:
        """The error that says so."""
        return TimeoutError(f"the store did not answer within {self.limit_s:g} s")

    def expire(self) -> None:
        """Ends it now: nobody waits for the answer any more."""
        self._ends_s = float("-inf")
