"""Instants as people type them."""

from datetime import UTC, datetime


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
        if len(text) > len("2026-03-01"):
            raise ValueError(f"{text[:40]!r} has no offset; it {wanted}")
        at = at.replace(tzinfo=UTC)
    if not 1970 <= at.year <= 2105:
        raise ValueError(f"{text[:40]!r} lies outside of 1970 to 2105")
    return at.astimezone(UTC)
