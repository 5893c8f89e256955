"""Leap seconds: RFC 3339 writes 23:59:60, and neither Python nor the store has such a second.

It is taken as the second before it, with its fraction: so the event stays in its minute, its day and its year.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Raw

_LEAP: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:)60((?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))", re.ASCII)
_LAST_MINUTE: Final = (23, 59)
_time: Final = msgspec.json.Decoder(datetime).decode


def without_leap_second(text: str) -> str:
    """An instant in RFC 3339 whose leap second is the second before it; any other text as it is.

    A leap second is the sixtieth of 23:59 in UTC, whatever the offset says.

    >>> without_leap_second("2016-12-31T23:59:60.5Z"), without_leap_second("2017-01-01T00:59:60+01:00")
    ('2016-12-31T23:59:59.5Z', '2017-01-01T00:59:59+01:00')
    >>> without_leap_second("2016-12-31T22:59:60Z")
    '2016-12-31T22:59:60Z'
    """
    match = _LEAP.fullmatch(text)
    if match is None:
        return text
    before = f"{match[1]}59{match[2]}"
    try:
        at = _time(f'"{before}"').astimezone(UTC)
    except (msgspec.DecodeError, OverflowError):
        return text
    return before if (at.hour, at.minute) == _LAST_MINUTE else text


def leapless(tokens: Mapping[str, Raw]) -> dict[str, Raw] | None:
    """The fields of an event that happened in a leap second, with the second before it; None for any other event.

    Args:
        tokens: The event's fields as JSON, by name.
    """
    token = bytes(tokens.get("occurred_at", b""))
    if b"60" not in token or not token.startswith(b'"'):
        return None
    text = msgspec.json.decode(token, type=str)
    before = without_leap_second(text)
    return None if before == text else {**tokens, "occurred_at": Raw(msgspec.json.encode(before))}
