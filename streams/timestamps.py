"""Instants as text, as epoch seconds and as datetimes: from one to the other and back."""

from datetime import UTC, date, datetime
from typing import Final

from metrics.durations import DAY_S
from metrics.zones import Zone

EPOCH: Final = datetime.fromtimestamp(0, UTC)


def by_clocks(at: date, zone: Zone) -> datetime:
    """An instant as it stands; of a date, when that day begins by the clocks of a zone.

    >>> from metrics.zones import zone_of
    >>> by_clocks(parse_date_or_instant("2026-03-01"), zone_of("Europe/Rome")).isoformat()
    '2026-02-28T23:00:00+00:00'
    >>> by_clocks(parse_date_or_instant("2026-03-01T00:00:00Z"), zone_of("Europe/Rome")).isoformat()
    '2026-03-01T00:00:00+00:00'
    """
    return at if isinstance(at, datetime) else zone.midnight(at)


def parse_date_or_instant(text: str) -> date:
    """A date, which begins when clocks of a zone not yet known say so (`by_clocks`); or an instant: `parse_instant`.

    Raises:
        ValueError: As `parse_instant` does.
    """
    at = parse_instant(text)
    return at.date() if _is_date(text) else at


def parse_instant(text: str) -> datetime:
    """An instant from a date (midnight UTC) or an RFC 3339 date and time with its offset.

    Raises:
        ValueError: It is neither, or has no offset, or lies outside of 1970 to 2105.

    >>> parse_instant("2026-03-01").isoformat()
    '2026-03-01T00:00:00+00:00'
    >>> parse_instant("2026-03-01T12:00:00+01:00").isoformat()
    '2026-03-01T11:00:00+00:00'
    """
    wanted = "must be a date such as 2026-03-01 (midnight UTC), or a date and time with an offset: 2026-03-01T12:00:00Z"
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} {wanted}") from error
    if at.tzinfo is None:
        if not _is_date(text):
            raise ValueError(f"{text[:40]!r} has no offset; it {wanted}")
        at = at.replace(tzinfo=UTC)
    # First as it stands: the first and the last instant of all cannot be moved to UTC.
    if not (1970 <= at.year <= 2105 and 1970 <= at.astimezone(UTC).year <= 2105):
        raise ValueError(f"{text[:40]!r} lies outside of 1970 to 2105")
    return at.astimezone(UTC)


def _is_date(text: str) -> bool:
    return len(text) <= len("2026-03-01")


def rfc3339(at: datetime) -> str:
    """An instant as RFC 3339 in UTC, with milliseconds where there are any.

    >>> rfc3339(parse_instant("2026-03-01T12:00:00.250+01:00"))
    '2026-03-01T11:00:00.250Z'
    """
    text = at.astimezone(UTC).isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def from_epoch(second: int) -> datetime:
    """An epoch second as an instant in UTC.

    >>> from_epoch(86_400).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return datetime.fromtimestamp(second, UTC)


def date_of_day(day: int) -> date:
    """The date of a day, counted from 1970-01-01.

    >>> date_of_day(1).isoformat()
    '1970-01-02'
    """
    return from_epoch(day * DAY_S).date()


def sql_second(at: datetime) -> str:
    """An instant as a parameter of a statement, cut off at the second.

    >>> sql_second(parse_instant("2026-03-01T12:00:00.750+01:00"))
    '2026-03-01 11:00:00'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def sql_microsecond(at: datetime) -> str:
    """An instant as a parameter of a statement, to the microsecond.

    >>> sql_microsecond(parse_instant("2026-03-01T12:00:00.750+01:00"))
    '2026-03-01 11:00:00.750000'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
