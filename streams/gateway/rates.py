"""How fast each publisher may send: a generic cell rate (ATM Forum, TM 4.0, 4.4.3), one instant for each publisher."""

from typing import Final

BURST_S: Final = 10.0
"""So many seconds' worth of events may come at once."""


class Rates:
    """Counts events by publisher. Their names are those of a file, so that its memory is bounded."""

    def __init__(self) -> None:
        self._until_s: dict[str, float] = {}

    def wait_s(self, publisher: str, now_s: float) -> float:
        """How long a publisher has to wait before it may send, seconds; 0 where it may.

        Args:
            publisher: Its name.
            now_s: By a clock that is never set back.
        """
        return max(0.0, self._until_s.get(publisher, 0.0) - now_s - BURST_S)

    def take(self, publisher: str, events: int, per_s: float, now_s: float) -> None:
        """Counts events that a publisher sends; it has waited.

        More than a burst at once are taken as well: the next ones wait for so much longer.

        Args:
            publisher: Its name.
            events: How many.
            per_s: How many it may send in a second, in the long run.
            now_s: As above.
        """
        self._until_s[publisher] = max(self._until_s.get(publisher, 0.0), now_s) + events / per_s
