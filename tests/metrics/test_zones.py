from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.zones import UTC_ZONE, known_zones, zone_of

# With summer and winter, without, half an hour, reversed seasons, a change by half an hour, and none of whole minutes.
NAMES = (
    "Europe/Rome", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Monrovia", "Etc/GMT+12", "UTC",
)  # fmt: skip
ROME = zone_of("Europe/Rome")


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@given(st.sampled_from(NAMES), st.integers(0, 2**32 - 1))
def test_a_zones_clocks_show_what_the_database_says_at_any_second(name: str, second: int) -> None:
    zone = zone_of(name)
    wanted = datetime.fromtimestamp(second, ZoneInfo(name))
    assert timedelta(seconds=zone.offset_s(second)) == wanted.utcoffset()
    assert zone.local(second) == wanted.replace(tzinfo=None)


@pytest.mark.parametrize("name", NAMES)
def test_a_change_of_clocks_is_known_to_the_second(name: str) -> None:
    zone, known = zone_of(name), ZoneInfo(name)
    for change in zone.changes:
        for second in (change - 1, change, change + 1):
            offset = datetime.fromtimestamp(second, known).utcoffset()
            assert offset == timedelta(seconds=zone.offset_s(second))
        assert zone.offset_s(change - 1) != zone.offset_s(change)


def test_in_rome_clocks_change_at_one_o_clock_of_utc_on_the_last_sundays_of_march_and_october() -> None:
    begin, end = instant("2026-01-01T00:00Z"), instant("2027-01-01T00:00Z")
    assert [change for change in ROME.changes if begin <= change < end] == [
        instant("2026-03-29T01:00Z"), instant("2026-10-25T01:00Z"),
    ]  # fmt: skip


@given(st.sampled_from(NAMES), st.dates(date(1980, 1, 1), date(2100, 1, 1)))
def test_a_day_begins_at_the_first_instant_that_clocks_show_of_it(name: str, day: date) -> None:
    zone = zone_of(name)
    begin = int(zone.midnight(day).timestamp())
    assert zone.local(begin).date() == day
    assert zone.local(begin - 1).date() == day - timedelta(days=1)


def test_a_day_without_a_midnight_begins_later_and_one_with_two_at_the_first() -> None:
    sao_paulo, havana = zone_of("America/Sao_Paulo"), zone_of("America/Havana")
    assert sao_paulo.midnight(date(2018, 11, 4)) == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert sao_paulo.local(instant("2018-11-04T03:00Z")).hour == 1
    assert havana.midnight(date(2026, 11, 1)) == datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/", "Europe/Roma", "europe rome", "../etc/passwd", "/etc/localtime", "localtime",
             "right/Europe/Rome", "posix/Europe/Rome", "Factory", "CET\0", "é", "x" * 300],
)  # fmt: skip
def test_what_is_no_zone_of_the_database_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone of the IANA database"):
        zone_of(name)


def test_utc_never_changes_and_is_known_without_the_database() -> None:
    assert zone_of("UTC") is UTC_ZONE
    assert (UTC_ZONE.changes, UTC_ZONE.offset_s(2**31)) == ((), 0)


def test_every_zone_that_is_suggested_can_be_used() -> None:
    names = known_zones()
    assert len(names) > 400
    assert not [name for name in names if name.startswith(("right/", "posix/"))]
    assert {"Europe/Rome", "UTC"} <= set(names)
