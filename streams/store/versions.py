"""Versions that never go back: a store's time where its clock is right, and what was there before plus one where not.

A row replaces another by its version, and a refresh finds facts by theirs. Both are taken from a clock, and a clock
steps back: by hand, by NTP, by a server that takes over. So no version is the clock's alone. It is the greater of the
clock's time and the first after every version seen (a hybrid logical clock): what lands later has a later version.
Everything here is pure; who asks the store is streams.store.client.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from streams.timestamps import EPOCH

MICROSECOND: Final = timedelta(microseconds=1)
MILLISECOND: Final = timedelta(milliseconds=1)


def next_version(now: datetime, seen: datetime, unit: timedelta = MICROSECOND) -> datetime:
    """The version of what comes after all that was seen.

    Args:
        now: What the store's clock shows.
        seen: The greatest version that is there.
        unit: How finely the column keeps versions.

    Returns:
        A whole number of units, later than `seen`, and the clock's time where that is later.

    >>> noon = datetime(2026, 4, 1, 12)
    >>> next_version(noon, noon - timedelta(minutes=1)) == noon
    True
    >>> next_version(noon - timedelta(days=365), noon, MILLISECOND) - noon == MILLISECOND
    True
    """
    epoch = EPOCH.replace(tzinfo=now.tzinfo)
    return epoch + max((now - epoch) // unit, (seen - epoch) // unit + 1) * unit


@dataclass(frozen=True, slots=True)
class Reading:
    """The store's clock, and the greatest version that was there, at one moment.

    Attributes:
        now: What the clock shows.
        seen: The greatest version of a fact, or the time of the last refresh where that is greater.
    """

    now: datetime
    seen: datetime

    def next(self, unit: timedelta = MICROSECOND) -> datetime:
        """The version of what comes after this moment."""
        return next_version(self.now, self.seen, unit)

    @property
    def behind_s(self) -> float:
        """How far the clock is behind the greatest version, seconds; 0 where it is right."""
        return max(0.0, (self.seen - self.now).total_seconds())


class Watermarks:
    """What had been seen when, by a clock that only counts on: how far to look back does not depend on the store's.

    Whatever began to land after a moment has a version greater than what was seen at that moment, whatever the
    store's clock did in between.
    """

    def __init__(self, start: datetime, keep_s: float) -> None:
        """Keeps what was seen in the last `keep_s` seconds; `start` stands for all before the first note."""
        self._notes: deque[tuple[float, datetime]] = deque([(float("-inf"), start)])
        self._keep_s = keep_s

    def note(self, now_s: float, seen: datetime) -> None:
        """Notes what is seen now, seconds of that clock."""
        self._notes.append((now_s, seen))
        while len(self._notes) > 1 and self._notes[1][0] <= now_s - self._keep_s:
            self._notes.popleft()

    def at(self, then_s: float) -> datetime:
        """What had been seen at a second of that clock; before what is kept, the earliest of it."""
        return next((seen for noted_s, seen in reversed(self._notes) if noted_s <= then_s), self._notes[0][1])
