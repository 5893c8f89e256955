"""When something happened, as foreign systems write it, as an instant of ours: RFC 3339 in UTC."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from metrics.events.event import LAST_SECOND
from metrics.events.leap_seconds import without_leap_second
from metrics.events.rejection import Reason
from metrics.sources.unfit import Unfit

Reader = Callable[[Any], str]

RFC3339: Final = "rfc3339"
EXCEL: Final = "excel"
PER_SECOND: Final = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000, "epoch_ns": 1_000_000_000}
NAMED_FORMATS: Final = (RFC3339, *PER_SECOND, EXCEL)
"""The formats with a name; any other is a pattern of strptime."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,12})?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_DAY_0: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet has no zone: the source declares one
_LAST_EXCEL_DAY: Final = 100_000


def needs_zone(form: str) -> bool:
    """Whether a format gives an instant only together with a zone.

    >>> needs_zone("%d/%m/%Y"), needs_zone("%d/%m/%Y %z"), needs_zone("epoch_ms"), needs_zone("excel")
    (True, False, False, True)
    """
    return form == EXCEL or (form not in NAMED_FORMATS and "%z" not in form)


def fault_of_format(form: str) -> str:
    """What is wrong with a format; "" if nothing is.

    >>> fault_of_format("%d/%m/%Y %H:%M"), fault_of_format("%m %H")
    ('', 'has no year')
    """
    if form in NAMED_FORMATS:
        return ""
    if "%" not in form:
        return "is no format"
    try:
        datetime.strptime(datetime(2026, 11, 22, 9, 59, 30, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007
    except ValueError as error:
        return f"is no format: {error}"
    return "" if any(code in form for code in ("%Y", "%y", "%G", "%c", "%x")) else "has no year"


def time_reader(form: str, zone: str | None) -> Reader:
    """A function from what a source writes to RFC 3339.

    Args:
        form: One of NAMED_FORMATS, or a pattern of strptime.
        zone: The IANA zone of times that have none of their own; compulsory where `needs_zone`.

    Returns:
        It raises Unfit for what is not of that format.

    >>> time_reader("%d/%m/%Y %H:%M", "Europe/Rome")("22/11/2026 10:59")
    '2026-11-22T09:59:00+00:00'
    """
    if form in PER_SECOND:
        return _epoch(form)
    within = ZoneInfo(zone) if zone else None
    if form == EXCEL:
        return _excel(within or ZoneInfo("UTC"))
    if form == RFC3339:
        return _as_it_is if within is None else _iso(within)
    return _pattern(form, within)


def _as_it_is(value: Any) -> str:
    if isinstance(value, datetime):
        raise Unfit(Reason.BAD_TYPE, 'is a date of a spreadsheet, which has no zone: give one, with time = "excel"')
    if type(value) is not str:
        raise Unfit(Reason.BAD_TYPE, "must be a time as RFC 3339 writes it; for numbers say which, like epoch_ms")
    return value  # the decoder of events reads it, and is no less strict


def _iso(zone: ZoneInfo) -> Reader:
    def read(value: Any) -> str:
        if isinstance(value, datetime):
            return _written(value, zone)
        text = _as_it_is(value)
        try:
            return _written(datetime.fromisoformat(without_leap_second(text)), zone)
        except ValueError:
            raise Unfit(Reason.BAD_VALUE, "must be a time like 2026-11-22T09:59:30") from None

    return read


def _pattern(form: str, zone: ZoneInfo | None) -> Reader:
    def read(value: Any) -> str:
        if isinstance(value, datetime) and zone is not None:
            return _written(value, zone)  # what a spreadsheet has made of such a text
        if type(value) is not str:
            raise Unfit(Reason.BAD_TYPE, f"must be a text like {form}")
        try:
            return _written(datetime.strptime(value.strip(), form), zone)  # noqa: DTZ007  # the zone follows
        except ValueError:
            raise Unfit(Reason.BAD_VALUE, f"must be a time like {form}") from None

    return read


def _epoch(form: str) -> Reader:
    per_second = PER_SECOND[form]

    def read(value: Any) -> str:
        number = _number(value, form)
        if not 0 <= number <= LAST_SECOND * per_second:
            raise Unfit(Reason.BAD_VALUE, f"must be {form} between 1970 and 2106: is the unit right?")
        whole, rest = divmod(number, per_second)
        at = _EPOCH + timedelta(seconds=whole, microseconds=round(rest * 1_000_000 / per_second))
        return at.isoformat()

    return read


def _excel(zone: ZoneInfo) -> Reader:
    def read(value: Any) -> str:
        if isinstance(value, datetime):
            return _written(value, zone)
        days = _number(value, EXCEL)
        if not 0 < days < _LAST_EXCEL_DAY:
            raise Unfit(Reason.BAD_VALUE, "must be a spreadsheet's date, a number of days since 1899-12-30")
        # A day has a fraction for its time, of which no spreadsheet keeps more than milliseconds.
        return _written(_EXCEL_DAY_0 + timedelta(milliseconds=round(days * 86_400_000)), zone)

    return read


def _number(value: Any, form: str) -> float:
    if type(value) is str and _NUMBER.fullmatch(value.strip()):
        return float(value) if "." in value else int(value)
    if type(value) not in (int, float):
        raise Unfit(Reason.BAD_TYPE, f"must be a number ({form})")
    return float(value) if type(value) is float else int(value)


def _written(at: datetime, zone: ZoneInfo | None) -> str:
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)  # needs_zone says when there is one; of an hour that clocks show twice, the first
    try:
        return at.astimezone(UTC).isoformat()
    except OverflowError:
        raise Unfit(Reason.BAD_VALUE, "is outside the calendar in UTC") from None
