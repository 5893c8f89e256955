import math

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.durations import DAY_S
from metrics.figures.days import HALF_LIVES_COUNTED, between, day_of, spans, usable
from metrics.registry import Horizons

HORIZONS = Horizons(short_s=7 * 86_400.0, long_s=90 * 86_400.0)
NOON = 20_000 * DAY_S + DAY_S // 2
days = st.lists(st.integers(0, 400), unique=True).map(sorted)


def test_the_day_of_the_instant_and_later_ones_are_never_usable() -> None:
    assert usable(range(19_999, 20_003), NOON, HORIZONS) == [19_999]


@settings(deadline=None)
@given(st.integers(1, 400), st.floats(0, 1, exclude_max=True), st.integers(1, 100 * 24 * 60))
def test_within_a_usable_day_all_observations_count_or_none_does(half_life_h: int, of_day: float, minutes: int) -> None:
    horizons = Horizons(short_s=half_life_h * 3600.0, long_s=minutes * 60.0)
    at_s = (20_000 + of_day) * DAY_S
    for day in usable(range(10_000, 20_001), at_s, horizons)[-4000:]:
        for half_life_s in (horizons.short_s, horizons.long_s):
            window_s = HALF_LIVES_COUNTED * half_life_s
            first, last = at_s - day * DAY_S, at_s - (day + 1) * DAY_S + 60
            assert (first < window_s) == (last < window_s)


@given(days)
def test_stretches_hold_each_day_once_and_what_is_between_them_all_the_others(result: list[int]) -> None:
    stretches = spans(result)
    assert [day for first, last in stretches for day in range(first, last + 1)] == result
    rest = {
        day
        for first, last in between(stretches)
        for day in range(-1 if first is None else first, 402 if last is None else last + 1)
    }
    assert rest == set(range(-1, 402)) - set(result)


@given(st.floats(0, 1e10))
def test_the_day_of_an_instant_holds_it(at_s: float) -> None:
    assert math.floor(at_s / DAY_S) == day_of(at_s)
