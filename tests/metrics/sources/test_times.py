from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.rejection import Reason
from metrics.sources.times import PER_SECOND, fault_of_format, needs_zone, time_reader
from metrics.sources.unfit import Unfit

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2105, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.sampled_from(sorted(PER_SECOND)))
def test_a_number_of_a_unit_since_1970_is_that_instant(at: datetime, form: str) -> None:
    at = at.replace(microsecond=0) if form == "epoch_s" else at
    unit = timedelta(microseconds=max(1, 1_000_000 // PER_SECOND[form]))
    number = (at - datetime(1970, 1, 1, tzinfo=UTC)) // unit * max(1, PER_SECOND[form] // 1_000_000)
    for value in (number, str(number)):
        read = datetime.fromisoformat(time_reader(form, None)(value))
        assert at - unit < read <= at


@given(INSTANTS)
def test_a_date_of_a_spreadsheet_is_that_instant_to_the_millisecond(at: datetime) -> None:
    days = (at - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)
    read = datetime.fromisoformat(time_reader("excel", "UTC")(days))
    assert abs(read - at) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("form", "zone", "value", "instant"),
    [
        ("rfc3339", None, "2026-11-22T10:59:30.250+01:00", "2026-11-22T10:59:30.250+01:00"),
        ("rfc3339", "Europe/Rome", "2026-11-22T10:59:30", "2026-11-22T09:59:30+00:00"),
        ("rfc3339", "Europe/Rome", "2026-11-22 10:59:30Z", "2026-11-22T10:59:30+00:00"),
        ("epoch_s", None, 1_795_341_570, "2026-11-22T09:59:30+00:00"),
        ("epoch_s", None, 1_795_341_570.25, "2026-11-22T09:59:30.250000+00:00"),
        ("epoch_s", None, " 1795341570 ", "2026-11-22T09:59:30+00:00"),
        ("excel", "Europe/Rome", 46348.5, "2026-11-22T11:00:00+00:00"),
        ("excel", "Europe/Rome", "46348", "2026-11-21T23:00:00+00:00"),
        ("%d/%m/%Y %H:%M", "Europe/Rome", "22/11/2026 10:59", "2026-11-22T09:59:00+00:00"),
        ("%d/%m/%Y %H:%M %z", None, "22/11/2026 10:59 +0200", "2026-11-22T08:59:00+00:00"),
        ("%d/%m/%Y %H:%M", "Europe/Rome", "25/10/2026 02:30", "2026-10-25T00:30:00+00:00"),  # shown twice: the first
    ],
)
def test_each_format_gives_its_instant(form: str, zone: str | None, value: Any, instant: str) -> None:
    assert time_reader(form, zone)(value) == instant


@pytest.mark.parametrize(
    ("form", "zone", "value", "reason"),
    [
        ("rfc3339", None, 1_795_341_570, Reason.BAD_TYPE),
        ("rfc3339", "UTC", "yesterday", Reason.BAD_VALUE),
        ("epoch_s", None, 1_795_341_570_000, Reason.BAD_VALUE),
        ("epoch_ms", None, True, Reason.BAD_TYPE),
        ("epoch_ms", None, "1e9", Reason.BAD_TYPE),
        ("epoch_ms", None, float("inf"), Reason.BAD_VALUE),
        ("epoch_s", None, -1, Reason.BAD_VALUE),
        ("excel", "UTC", 1_795_341_570, Reason.BAD_VALUE),
        ("%d/%m/%Y", "UTC", "11/22/2026", Reason.BAD_VALUE),
        ("%d/%m/%Y", "UTC", 7, Reason.BAD_TYPE),
        ("%Y %z", None, "2026", Reason.BAD_VALUE),
        ("rfc3339", "UTC", "0001-01-01T00:00:00+14:00", Reason.BAD_VALUE),
    ],
)
def test_what_is_not_of_the_format_is_refused(form: str, zone: str | None, value: Any, reason: Reason) -> None:
    with pytest.raises(Unfit) as unfit:
        time_reader(form, zone)(value)
    assert unfit.value.reason is reason


def test_a_format_without_an_offset_needs_a_zone_and_a_year() -> None:
    assert [needs_zone(form) for form in ("rfc3339", "epoch_s", "excel", "%Y-%m-%d", "%Y %z")] == [
        False, False, True, True, False,
    ]  # fmt: skip
    assert fault_of_format("epoch_days") == "is no format"
    assert fault_of_format("%d %H") == "has no year"
    assert "is no format" in fault_of_format("%Y %Q")
    assert fault_of_format("%Y-%m-%dT%H:%M:%S.%f%z") == ""
