from datetime import timedelta

import pytest

from metrics import durations


@pytest.mark.parametrize(
    ("seconds", "same"),
    [
        (durations.MINUTE_S, timedelta(minutes=1)),
        (durations.HOUR_S, timedelta(hours=1)),
        (durations.DAY_S, timedelta(days=1)),
        (durations.WEEK_S, timedelta(weeks=1)),
        (durations.YEAR_S, timedelta(days=365, hours=6)),
        (12 * durations.MONTH_S, timedelta(days=365, hours=6)),
    ],
)
def test_durations_are_those_of_the_calendar(seconds: float, same: timedelta) -> None:
    assert seconds == same.total_seconds()


def test_durations_that_divide_instants_are_whole_numbers() -> None:
    whole = (durations.MINUTE_S, durations.HOUR_S, durations.DAY_S, durations.WEEK_S)
    assert all(isinstance(seconds, int) for seconds in whole)
