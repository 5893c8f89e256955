"""Values as paths expect them: what JSON has, with times as RFC 3339 writes them and decimals as text, exactly."""

from base64 import b64encode
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from metrics.sources.wire import Unreadable

_PLAIN: Final = frozenset((str, int, float, bool, type(None)))
_MOST_ZEROS: Final = 64


def natural(value: Any) -> Any:
    """A decoded value as JSON would have it; bytes as base64.

    Raises:
        Unreadable: It has no such value.

    >>> natural({"at": datetime(2026, 11, 22, 9, 59), "amount": Decimal("27.50"), "day": date(2026, 11, 22)})
    {'at': '2026-11-22T09:59:00', 'amount': '27.50', 'day': '2026-11-22'}
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {name: inner if type(inner) in _PLAIN else natural(inner) for name, inner in value.items()}
    if kind is list:
        return [inner if type(inner) in _PLAIN else natural(inner) for inner in value]
    return _converted(value)


def _converted(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > _MOST_ZEROS:
            raise Unreadable("has a decimal beyond any amount")
        return format(value, "f")
    if isinstance(value, UUID):
        return str(value)
    return b64encode(bytes(value)).decode()
