"""Durations: how many seconds a minute, an hour, a day have; and how far back figures look unless asked otherwise."""

from datetime import timedelta
from typing import Final

MINUTE_S: Final = 60
HOUR_S: Final = 60 * MINUTE_S
DAY_S: Final = 24 * HOUR_S
"""Days are those of UTC, so none is longer or shorter."""
WEEK_S: Final = 7 * DAY_S
YEAR_S: Final = 365.25 * DAY_S
"""The mean year of the Julian calendar."""
MONTH_S: Final = YEAR_S / 12
"""A mean month. Budgets and volumes "a month" are counted in it, whatever the calendar says."""

DEFAULT_PERIOD: Final = timedelta(days=90)
"""What reports, KPIs and the API look back on where no beginning of a period is given."""
