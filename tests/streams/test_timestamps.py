import doctest
from datetime import UTC, datetime, timedelta, timezone

import pytest

from streams import timestamps
from streams.timestamps import from_epoch, parse_instant, rfc3339, sql_microsecond, sql_second


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00+01:00", datetime(2026, 3, 1, 11, tzinfo=UTC)),
        ("2026-03-01T23:30:00.250-02:00", datetime(2026, 3, 2, 1, 30, 0, 250_000, tzinfo=UTC)),
        ("1970-01-01", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2105-12-31", datetime(2105, 12, 31, tzinfo=UTC)),
    ],
)
def test_a_date_or_an_instant_with_its_offset_is_understood(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).utcoffset() == instant.utcoffset()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must be a date"),
        ("yesterday", "must be a date"),
        ("2026-02-30", "must be a date"),
        ("2026-03-01T12:00:00", "has no offset"),
        ("1969-12-31", "outside of 1970 to 2105"),
        ("2106-01-01", "outside of 1970 to 2105"),
        ("1970-01-01T00:00:00+00:01", "outside of 1970 to 2105"),
        ("2105-12-31T23:59:59-00:01", "outside of 1970 to 2105"),
        ("9999-12-31T23:59:59-12:00", "outside of 1970 to 2105"),
        ("0001-01-01T00:00:00+12:00", "outside of 1970 to 2105"),
        ("'; DROP TABLE events", "must be a date"),
        ("x" * 10_000, "must be a date"),
    ],
)
def test_anything_else_is_refused_in_one_short_sentence(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as raised:
        parse_instant(text)
    assert len(str(raised.value)) < 200


def test_instants_are_written_in_utc_and_as_short_as_they_are() -> None:
    rome = timezone(timedelta(hours=2))
    assert rfc3339(datetime(2026, 4, 1, 14, tzinfo=rome)) == "2026-04-01T12:00:00Z"
    assert rfc3339(datetime(2026, 4, 1, 14, 0, 0, 250_000, tzinfo=rome)) == "2026-04-01T12:00:00.250Z"


def test_epoch_seconds_become_instants_in_utc() -> None:
    assert from_epoch(1_775_044_800) == datetime(2026, 4, 1, 12, tzinfo=UTC)
    assert from_epoch(0).utcoffset() == timedelta(0)


def test_parameters_are_instants_in_utc_whatever_the_offset() -> None:
    rome = timezone(timedelta(hours=2))
    at = datetime(2026, 4, 1, 14, 0, 0, 999_999, tzinfo=rome)
    assert sql_second(at) == "2026-04-01 12:00:00"
    assert sql_microsecond(at) == "2026-04-01 12:00:00.999999"


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(timestamps) == (0, 10)
