"""Time zones: how far a company's clocks are from UTC, and from when.

The zones are those of the IANA database, as the package tzdata or the system has them: a table, like that of the
characters. What a zone's clocks do is read once; then only numbers are compared.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from metrics.durations import DAY_S

UTC_NAME: Final = "UTC"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_NO_ZONES: Final = ("posix/", "right/", "localtime", "posixrules", "Factory")
"""What a system keeps next to the zones: the same once more, some with leap seconds, or whatever this machine has."""
_LAST_DAY: Final = 2**32 // DAY_S


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone.

    Attributes:
        name: As the IANA database has it: "Europe/Rome".
        changes: When its clocks change, epoch seconds, ascending, from 1970 on until 2106.
        offsets: How far they are ahead of UTC, seconds: before the first change, then from each on.
    """

    name: str
    changes: tuple[int, ...]
    offsets: tuple[int, ...]

    def offset_s(self, second: int) -> int:
        """How far its clocks are ahead of UTC at an epoch second, seconds."""
        return self.offsets[bisect_right(self.changes, second)]

    def local(self, second: int) -> datetime:
        """What its clocks show at an epoch second, without a zone.

        >>> zone_of("Europe/Rome").local(0).isoformat()
        '1970-01-01T01:00:00'
        """
        return datetime.fromtimestamp(second + self.offset_s(second), UTC).replace(tzinfo=None)

    def midnight(self, day: date) -> datetime:
        """When a day begins there, in UTC: where clocks skip midnight, at the first instant of the day.

        >>> zone_of("Europe/Rome").midnight(date(2026, 3, 30)).isoformat()
        '2026-03-29T22:00:00+00:00'
        """
        wanted = datetime(day.year, day.month, day.day, tzinfo=UTC)
        shown = int(wanted.timestamp())
        instants = {shown - self.offset_s(shown + shift) for shift in (-DAY_S, DAY_S)}
        exact = [at for at in instants if at + self.offset_s(at) == shown]
        return datetime.fromtimestamp(min(exact) if exact else max(instants), UTC)


UTC_ZONE: Final = Zone(UTC_NAME, (), (0,))


@lru_cache(maxsize=64)
def zone_of(name: str) -> Zone:
    """The zone of a name.

    Raises:
        ValueError: There is none; the message is about the name.

    >>> rome = zone_of("Europe/Rome")
    >>> rome.offset_s(1_767_225_600), rome.offset_s(1_782_864_000)
    (3600, 7200)
    """
    if name == UTC_NAME:
        return UTC_ZONE
    if not _NAME.fullmatch(name) or name.startswith(_NO_ZONES):
        raise ValueError(f"{name!r} is no time zone of the IANA database")
    try:
        known = ZoneInfo(name)
    # A directory of zones, such as "Europe", is no file.
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone of the IANA database") from error
    changes, offsets = [], [_offset_s(known, 0)]
    for day in range(_LAST_DAY):
        at = (day + 1) * DAY_S
        if _offset_s(known, at) != offsets[-1]:
            changes.append(_change(known, at - DAY_S, at))
            offsets.append(_offset_s(known, at))
    return Zone(name, tuple(changes), tuple(offsets))


def known_zones() -> list[str]:
    """The names of all zones, sorted: to find the one that somebody meant."""
    return sorted(name for name in available_timezones() if not name.startswith(_NO_ZONES))


def _offset_s(known: ZoneInfo, second: int) -> int:
    offset: timedelta | None = datetime.fromtimestamp(second, known).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _change(known: ZoneInfo, before: int, after: int) -> int:
    """The second from which the offset is that of `after`: no zone changes its clocks twice a day."""
    offset = _offset_s(known, after)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if _offset_s(known, middle) == offset else (middle, after)
    return after
