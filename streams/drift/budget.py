"""What the alert budget means to a reader: false alarms to expect, and the alarms that there were."""

from bisect import bisect_right
from datetime import datetime, timedelta
from typing import Final

import msgspec

from metrics.drift.detection import shares_of
from streams.drift import repository
from streams.drift.repository import Baselines
from streams.store.client import Store

PERIOD: Final = timedelta(days=30)


class AlarmBudget(msgspec.Struct):
    """The alert budget beside the alarms of 30 days.

    Attributes:
        at: The end of these 30 days.
        detectors: Metrics of departments that are watched then.
        expected_a_month: False alarms a month to expect of all of them together: the budget, or 0 without a detector.
        alarms: Alarms that began in the 30 days, true and false ones, without explained ones.
        explained: Alarms of the same time that a change of ownership explains: they count apart.
        text: The same in words.
    """

    at: datetime
    detectors: int
    expected_a_month: float
    alarms: int
    explained: int
    text: str


def alarm_budget(store: Store, baselines: Baselines, budget: float, at: datetime) -> AlarmBudget:
    """The alert budget as of an instant; `budget` is the number of false alarms a month that are allowed."""
    until_s = int(at.timestamp())
    detectors = bisect_right(shares_of(baselines).begun, until_s)
    counted = repository.count_alarms(store, until_s - int(PERIOD.total_seconds()), until_s)
    expected = budget if detectors else 0.0
    text = (
        f"detectors: {detectors}; false alarms to expect a month, all departments together: about {expected:,.10g}; "
        f"alarms in the last 30 days, true and false: {counted.alarms}"
    )
    if counted.explained:
        text += f"; explained by a change of ownership: {counted.explained}"
    return AlarmBudget(at, detectors, expected, counted.alarms, counted.explained, text)
