import random
from collections.abc import Sequence
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.change import OwnerChange, Unchanged
from metrics.governance.change import change as against
from metrics.governance.estimates import Days, Moments, moments
from tests.known import known
from tests.metrics.governance.given import law

FIRST = 30


def change(touchpoint: Days, others: Sequence[Days], first_day: int) -> OwnerChange:
    return against(touchpoint, Unchanged(others), first_day)


def days(
    generator: random.Random, effect: float = 0.0, drift: float = 0.0, tide: dict[int, float] | None = None
) -> dict[int, Moments]:
    made = {}
    for day in range(60):
        level = 5 + effect * (day >= FIRST) + drift * day + (tide or {}).get(day, 0.0)
        made[day] = moments([generator.gauss(level, 1) for _ in range(generator.randint(5, 15))])
    return made


def test_an_effect_is_found_though_everything_moves() -> None:
    generator = random.Random(1)
    tide = {day: generator.gauss(0, 1) + day / 20 for day in range(60)}
    others = [days(generator, tide=tide) for _ in range(3)]
    result = change(days(generator, 0.8, tide=tide), others, FIRST)
    assert known(result.effect.ci)[0] <= 0.8 <= known(result.effect.ci)[1]
    assert result.effect.differs
    assert result.is_parallel
    assert known(result.moved.value) > known(result.effect.value) + 0.5


def test_without_an_effect_it_is_found_as_rarely_as_the_interval_promises() -> None:
    generator = random.Random(2)
    false = doubted = 0
    for _ in range(200):
        tide = {day: generator.gauss(0, 0.5) for day in range(60)}
        result = change(days(generator, tide=tide), [days(generator, tide=tide) for _ in range(3)], FIRST)
        false += result.effect.differs
        doubted += not result.is_parallel
    assert false <= 18  # 5 % of 200 expected: 10
    assert doubted <= 18


def test_a_trend_before_the_change_is_shown_and_doubts_the_effect() -> None:
    generator = random.Random(3)
    result = change(days(generator, drift=0.05), [days(generator) for _ in range(3)], FIRST)
    assert not result.is_parallel
    assert result.trend.value == pytest.approx(0.05, abs=0.02)


def test_too_few_days_say_nothing() -> None:
    few = {day: Moments(5, 20.0, 90.0) for day in range(FIRST - 3, FIRST + 3)}
    result = change(few, [few], FIRST)
    assert result.effect.value is None
    assert result.trend.value is None
    assert not result.is_parallel


def test_without_others_to_compare_with_there_is_no_effect_but_a_figure() -> None:
    own = days(random.Random(4), 1.0)
    result = change(own, [{FIRST + 1: Moments(3, 3.0, 3.0)}], FIRST)
    assert result.effect.value is None
    assert result.moved.value == pytest.approx(1.0, abs=0.3)
    assert change({}, [], FIRST).before.value is None


@law
@given(st.integers(0, 1_000), st.floats(-3, 3))
def test_what_moves_everything_alike_is_no_effect(seed: int, level: float) -> None:
    generator = random.Random(seed)
    own, other = days(generator), days(generator)

    def lifted(some: dict[int, Moments]) -> dict[int, Moments]:
        return {
            day: Moments(one.n, one.total + one.n * level, one.squares + 2 * level * one.total + one.n * level**2)
            if day >= FIRST
            else one
            for day, one in some.items()
        }

    assert change(lifted(own), [lifted(other)], FIRST).effect.value == pytest.approx(
        change(own, [other], FIRST).effect.value, abs=1e-9
    )


@law
@given(st.integers(0, 1_000), st.integers(0, 61))
def test_what_others_did_is_what_each_of_them_did_on_average(seed: int, first_day: int) -> None:
    generator = random.Random(seed)
    others = [
        {day: one for day, one in days(generator).items() if generator.random() < 0.3}
        | {day: Moments() for day in range(50, 52)}
        for _ in range(generator.randint(0, 4))
    ]
    expected = {}
    for day in range(60):
        there = []
        for other in others:
            before = [one for of, one in other.items() if of < first_day and one.n]
            if before and other.get(day, Moments()).n:
                base = fsum(one.total for one in before) / sum(one.n for one in before)
                there.append((other[day].mean - base, 1 / other[day].n))
        if there:
            value, variance = (fsum(each[part] for each in there) for part in (0, 1))
            expected[day] = (value / len(there), variance / len(there) ** 2)
    found = Unchanged(others).levels(first_day)
    assert found.keys() == expected.keys()
    for day, level in expected.items():
        assert found[day] == pytest.approx(level, abs=1e-12)


def test_changes_of_one_day_have_the_others_looked_at_once() -> None:
    others = Unchanged([days(random.Random(5))])
    assert others.levels(FIRST) is others.levels(FIRST) is not others.levels(FIRST + 1)
