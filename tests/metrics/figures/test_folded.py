"""Folded days as sums: the same figures as from days one by one, whatever is folded and what comes after."""

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from metrics.catalogue import METRICS
from metrics.durations import DAY_S
from metrics.figures.daily import (
    DAYS_OF_AN_INTERVAL,
    ByDay,
    exposure,
    rate_by_day,
    ratio_by_day,
    ratio_sums,
    variance,
    whole_days,
)
from metrics.figures.folded import Daily, FoldedDays, folded_by_department, folded_days
from metrics.figures.formulas import Figure, Ingredients, figure
from metrics.figures.intervals import Z, wider, wilson
from metrics.figures.student import quantile
from metrics.figures.sums import Sums

HALF_LIVES = st.sampled_from([DAY_S, 7 * DAY_S, 90 * DAY_S])
FOLDED_UPTO = 40
COUNTS = st.one_of(st.integers(0, 3), st.integers(0, 10**9))
Counts = dict[tuple[int, float], int]
"""How many at a day and a part of it."""
SEEN = st.dictionaries(st.tuples(st.integers(20, 44), st.sampled_from([0.0, 0.25, 0.75])), COUNTS, max_size=30)


def weighted(counts: Counts, at_s: float, half_life_s: float) -> tuple[Sums, dict[int, float]]:
    """The sums of observations, and those by day."""
    daily: dict[int, float] = {}
    w = w2 = trials = sizes = 0.0
    seen = {(day + part) * DAY_S: count for (day, part), count in counts.items() if count}
    for minute_s, count in seen.items():
        age_s = at_s - minute_s
        weight = 2.0 ** (-age_s / half_life_s) if age_s < 10 * half_life_s else 0.0
        w, w2 = w + weight * count, w2 + (weight * count) ** 2
        trials, sizes = trials + weight * weight * count, sizes + weight * count * count
        day = int(minute_s // DAY_S)
        daily[day] = daily.get(day, 0.0) + weight * count
    if not seen:
        return Sums(), {}
    first, last = int(min(seen)), int(max(seen))
    return Sums(1, w, w2, trials, sizes, first=first, last=last), {day: total for day, total in daily.items() if total}


def split(daily: Daily, open_days: set[int]) -> tuple[dict[int, float], dict[int, float]]:
    """What is read by minute, and what is folded."""
    is_open = {day for day in daily if day >= FOLDED_UPTO or day in open_days}
    return (
        {day: total for day, total in daily.items() if day in is_open},
        {day: total for day, total in daily.items() if day not in is_open},
    )


def usual(of: ByDay, floor: float = 0.0) -> tuple[float, tuple[float, float] | None]:
    """A figure from the errors of its days, one by one."""
    if of.days < DAYS_OF_AN_INTERVAL:
        return of.value, None
    half = max(quantile(of.days - 1) * sqrt(variance(of.errors.values(), of.days)), floor)
    x = half / of.value if of.value else 0.0
    return of.value, (max(0.0, of.value - half), of.value * (1 + x * x / 2 + x * sqrt(1 + x * x / 4)))


def carried(sums: FoldedDays, half_life_s: float, back_s: float) -> FoldedDays:
    return sums.decayed(2.0 ** -(back_s / half_life_s))


def assert_near(found: Figure | None, value: float, ci: tuple[float, float] | None) -> None:
    assert found is not None
    assert found.value == pytest.approx(value, rel=1e-9)
    assert (found.ci is None) == (ci is None)
    if found.ci is not None and ci is not None:
        assert found.ci == pytest.approx(ci, rel=1e-9, abs=1e-9 * value)


@settings(deadline=None, max_examples=300)
@given(SEEN, st.sets(st.integers(20, 40)), HALF_LIVES, st.floats(0, DAY_S), st.floats(0, DAY_S))
def test_a_volume_of_folded_days_is_that_of_days_one_by_one(
    counts: Counts, open_days: set[int], half_life_s: float, part_s: float, then_s: float
) -> None:
    at_s, folded_s = 45 * DAY_S + part_s, 45 * DAY_S + then_s
    begin_s = at_s - 10 * half_life_s
    open_days |= {int(begin_s // DAY_S), int((folded_s - 10 * half_life_s) // DAY_S)}
    base, daily = weighted(counts, at_s, half_life_s)
    assume(base.w > 0 and at_s - base.first >= DAY_S)
    by_minute, of_folds = split(daily, open_days)
    # Folded at another instant of the day, and carried to this one.
    back = {day: total * 2.0 ** ((at_s - folded_s) / half_life_s) for day, total in of_folds.items()}
    sums = folded_days(METRICS["traffic"], {"visit": back}, whole_days(range(45), folded_s, half_life_s))
    observed = Ingredients({"visit": base}, {"visit": by_minute}, folded=carried(sums, half_life_s, at_s - folded_s))
    begin_s = max(begin_s, base.first)
    of = rate_by_day(daily, begin_s, at_s, half_life_s)
    whole = exposure(begin_s, at_s, at_s, half_life_s)
    poisson = of.value * base.sizes / base.w * exposure(begin_s, at_s, at_s, half_life_s / 2) / whole**2
    assert_near(figure(METRICS["traffic"], observed, at_s, half_life_s), *usual(of, Z * sqrt(poisson)))


@settings(deadline=None, max_examples=300)
@given(SEEN, SEEN, st.sets(st.integers(20, 40)), HALF_LIVES, st.floats(0, DAY_S), st.sampled_from([0, 2, 7, 11]))
def test_a_conversion_rate_of_folded_days_is_that_of_days_one_by_one(
    visits: Counts, conversions: Counts, open_days: set[int], half_life_s: float, part_s: float, alike: int
) -> None:
    if alike:  # each day the same ratio: nothing is left of large numbers
        conversions = {at: alike * count for at, count in visits.items()}
        visits = {at: 3 * count for at, count in visits.items()}
    at_s = 45 * DAY_S + part_s
    base, of_visits = weighted(visits, at_s, half_life_s)
    base = replace(base, w2=base.w**2 / 100)  # so that there are enough of them
    converted, of_conversions = weighted(conversions, at_s, half_life_s)
    assume(base.w > 0 and at_s - base.last < 3 * half_life_s)
    parts = [split(daily, open_days) for daily in (of_conversions, of_visits)]
    rate = METRICS["conversion_rate"]
    kinds = dict(zip(rate.kinds, (part[1] for part in parts), strict=True))
    sums = folded_days(rate, kinds, {})
    by_minute = dict(zip(rate.kinds, (part[0] for part in parts), strict=True))
    observed = Ingredients({"conversion": converted, "visit": base}, by_minute, folded=sums)
    counted = range(base.first // DAY_S, base.last // DAY_S + 1)
    of = ratio_by_day({day: total for day, total in of_conversions.items() if day in counted}, of_visits)
    value, ci = usual(of)
    if ci is not None and value <= 1:
        ci = wider(ci, wilson(value, base.w**2 / base.trials))
    wanted = None if ci is None else (100 * ci[0], 100 * ci[1])
    assert_near(figure(rate, observed, at_s, half_life_s), 100 * value, wanted)


def test_errors_that_are_tiny_against_their_days_are_not_lost() -> None:
    # A billion a day, and one more on one of them: squares of a billion have no digit left for it.
    days = dict.fromkeys(range(100), 1e9) | {50: 1e9 + 1}
    sums = ratio_sums(list(days.values()), [1.0] * 100)
    of = ratio_by_day(days, dict.fromkeys(days, 1.0))
    assert sums.errors_squared(of.value) == pytest.approx(sum(e * e for e in of.errors.values()) * 1e4, rel=1e-6)
    assert sums.errors_squared(of.value) == pytest.approx(0.99, rel=1e-6)


def test_conversions_outside_of_the_days_of_visits_count_once_visits_come() -> None:
    rate, at_s = METRICS["conversion_rate"], 10.0 * DAY_S
    closed: Mapping[str, Daily] = {"visit": {2: 10.0, 3: 20.0}, "conversion": {1: 1.0, 2: 2.0, 4: 4.0}}
    sums = folded_days(rate, closed, {})
    assert sums.apart == {1: 1.0, 4: 4.0}
    before = Sums(30, 30, 30, 30, 30, first=2 * DAY_S, last=3 * DAY_S)
    after = Sums(40, 40, 40, 40, 40, first=2 * DAY_S, last=9 * DAY_S)
    conversions = Sums(7, 7, 7, 7, 7, first=DAY_S, last=4 * DAY_S)
    for visits, by_minute, value in ((before, {}, 2 / 30), (after, {9: 10.0}, 6 / 40)):
        observed = Ingredients({"visit": visits, "conversion": conversions}, {"visit": by_minute}, folded=sums)
        found = figure(rate, observed, at_s, 30 * DAY_S)
        assert found is not None
        assert found.value == pytest.approx(100 * value)


def test_what_is_kept_of_folded_days_is_as_much_however_many_there_are() -> None:
    def kept(days: int) -> int:
        parts = [
            (f"d{owner}", kind, "long", dict.fromkeys(range(days), 1.0 + owner))
            for owner in range(3)
            for kind in ("visit", "conversion")
        ]
        found = folded_by_department(parts, {"short": {}, "long": dict.fromkeys(range(days), 1.0)})  # type: ignore[arg-type]
        assert {department for department, _, _ in found} == {"d0", "d1", "d2"}
        return sum(6 + len(each.apart) for each in found.values())

    assert kept(400) == kept(10) == 3 * (7 + 7 + 6)
