"""A company in Rome over two years in short: the long run is `make clock-changes`."""

import pytest

from bench.calibrate.clocks import AFTER_S, BEGIN_S, WEEKS, Outcome, outcome, visits
from metrics.drift.subjects import Observation
from metrics.durations import HOUR_S, WEEK_S
from metrics.zones import UTC_ZONE, Zone, zone_of

ROME = zone_of("Europe/Rome")
COMPANIES = 8
FEW = 0.02
"""False alarms a month: by chance, one such run in seven has an alarm within a week after a change."""


def found(lives_by: Zone, declared: Zone, an_hour: float) -> Outcome:
    """The alarms of several companies together, in each of which nothing drifts."""
    companies = [visits(seed, an_hour, lives_by, unrest=0) for seed in range(COMPANIES)]
    outcomes = [outcome(steps, lives_by, declared, FEW) for steps in companies]
    return Outcome(*(sum(getattr(one, name) for one in outcomes) for name in Outcome.__slots__))


@pytest.mark.parametrize("an_hour", [pytest.param(an_hour, marks=pytest.mark.long) for an_hour in (20.0, 200.0)])
def test_neither_change_of_clocks_raises_an_alarm_in_two_years_of_a_company_in_rome(an_hour: float) -> None:
    """By the hours of UTC, as before, the whole summer was an alarm every day."""
    rome, utc = found(ROME, ROME, an_hour), found(ROME, UTC_ZONE, an_hour)
    assert (rome.after, rome.weeks) == (0, 4 * COMPANIES)
    # 8 companies, 23 months, 0.02 a month: 4 are within the budget.
    assert rome.others <= 4
    assert utc.after > COMPANIES
    assert utc.others > 50 * max(1, rome.others)


def test_where_clocks_never_change_a_zone_changes_nothing() -> None:
    steps = visits(1, 50.0, UTC_ZONE)
    assert outcome(steps, UTC_ZONE, zone_of("Etc/GMT-5")).weeks == 0


def test_a_fall_after_a_change_of_clocks_is_still_found() -> None:
    [change, *_] = [at for at in ROME.changes if at > BEGIN_S]
    steps = [
        Observation(step.end_s, 0, step.total * (0.5 if step.end_s > change else 1))
        for step in visits(3, 200.0, ROME, unrest=0)
    ]
    assert outcome(steps, ROME, ROME).after == 1
    assert AFTER_S == WEEK_S


def test_the_company_lives_by_its_clocks() -> None:
    winter, summer = ((hour.end_s - HOUR_S) for hour in (visits(1, 200.0, ROME)[0], visits(1, 200.0, ROME)[3000]))
    shown = [ROME.local(step.end_s - HOUR_S).hour for step in visits(1, 200.0, ROME) if step.total > 150]
    assert (min(shown), max(shown)) == (8, 19)
    assert ROME.offset_s(winter) != ROME.offset_s(summer)
    assert visits(1, 5.0, ROME)[-1].end_s <= BEGIN_S + WEEKS * WEEK_S
