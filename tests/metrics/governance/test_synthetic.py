"""Synthetic controls: planted effects are found, and neither tides nor levels that wander are taken for one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.governance.estimates import Moments
from metrics.governance.synthetic import Change, SyntheticEffect, synthetic_effects
from tests.known import known

DAYS = 119
FIRST = 63
Touchpoints = dict[str, dict[int, Moments]]


def company(
    seed: int, touchpoints: int = 14, changed: int = 3, effect: float = 0.0, wander: float = 0.01
) -> tuple[dict[str, Change], Touchpoints]:
    """Touchpoints that share a tide, each in its measure, and wander by themselves; some change owner, week by week."""
    generator = np.random.default_rng(seed)
    tide = np.cumsum(generator.normal(0, 0.015, DAYS))
    changes = {f"t{n}": Change(FIRST + 7 * n, 0, FIRST + 7 * n) for n in range(changed)}
    days: Touchpoints = {}
    for n in range(touchpoints):
        level = 0.6 + generator.normal(1, 0.5) * tide + np.cumsum(generator.normal(0, wander, DAYS))
        level[FIRST + 7 * n :] += effect if n < changed else 0.0
        answers, name = generator.poisson(generator.uniform(2, 12), DAYS), f"t{n}"
        drawn = [np.clip(level[day] + generator.normal(0, 0.25, answers[day]), 0, 1) for day in range(DAYS)]
        days[name] = {
            day: Moments(len(some), float(some.sum()), float((some**2).sum())) for day, some in enumerate(drawn)
        }
    return changes, days


def effects_of(changes: dict[str, Change], days: Touchpoints) -> dict[str, SyntheticEffect]:
    return synthetic_effects(changes, days, 0, DAYS)


def test_the_effect_of_one_change_is_found_with_its_interval() -> None:
    found = effects_of(*company(1, touchpoints=26, changed=1, effect=0.2))["t0"]
    assert (found.reason, found.placebos) == ("", 25)
    assert known(found.effect.ci)[0] <= 0.2 <= known(found.effect.ci)[1]
    assert found.p == pytest.approx(1 / 26)
    assert found.effect.differs


def test_staggered_changes_are_found_together_where_none_could_be_by_itself() -> None:
    found = effects_of(*company(0, effect=-0.15))
    assert found[""].reason == ""
    low, high = known(found[""].effect.ci)
    assert low <= -0.15 <= high < 0
    assert {found[name].reason for name in ("t0", "t1", "t2")} == {"too_few_placebos"}


def test_touchpoints_that_change_later_are_compared_with_until_they_do() -> None:
    changes, days = company(3, touchpoints=7, changed=1, effect=0.2)
    later = {f"t{n}": Change(FIRST + 57, 0, FIRST + 57) for n in range(1, 7)}
    assert effects_of(changes | later, days)["t0"].placebos == 6
    meanwhile = {name: Change(FIRST + 50, 0, FIRST + 50) for name in later}
    assert effects_of(changes | meanwhile, days)["t0"].reason == "too_few_donors"
    twice = {name: Change(FIRST + 57, FIRST + 3, FIRST + 3) for name in later}
    assert effects_of(changes | twice, days)["t0"].reason == "too_few_donors"


@pytest.mark.parametrize(
    "wander", [pytest.param(0.0, marks=pytest.mark.long), 0.01, pytest.param(0.03, marks=pytest.mark.long)]
)
def test_at_most_one_calm_company_in_twenty_gets_a_claim(wander: float) -> None:
    """Forty companies with three changes at different times; `docs/governance.md` has a longer run."""
    claims = [
        any(not item.reason for item in effects_of(*company(seed, touchpoints=11, wander=wander)).values())
        for seed in range(40)
    ]
    assert sum(claims) <= 2


def test_what_nothing_else_did_before_the_change_cannot_be_told() -> None:
    changes, days = company(4, touchpoints=26, changed=1)
    days["t0"] = {
        day: Moments(item.n, item.total + item.n * day / 100, item.squares + item.n * (day / 100) ** 2)
        for day, item in days["t0"].items()
    }
    found = effects_of(changes, days)["t0"]
    assert (found.reason, found.effect.value) == ("no_fit", None)


def moving_before(days: dict[int, Moments], first: int, slope: float) -> dict[int, Moments]:
    """Satisfaction that rises by so much a day until the change, and no longer."""
    moved = {}
    for day, item in days.items():
        more = slope * min(0, day - first)
        squares = item.squares + 2 * more * item.total + item.n * more**2
        moved[day] = Moments(item.n, item.total + item.n * more, squares)
    return moved


def test_what_moved_before_the_change_already_is_told_by_its_leads() -> None:
    reasons = []
    for seed in range(6):
        changes, days = company(seed, touchpoints=26, changed=1, effect=0.1, wander=0.0)
        days["t0"] = moving_before(days["t0"], FIRST, 0.005)
        found = effects_of(changes, days)["t0"]
        reasons.append(found.reason)
        if found.reason == "leads_differ":
            assert found.study.leads_p <= 0.05
            assert found.effect.value is None
            assert {week.week for week in found.study.weeks if week.effect.value is not None} == set(range(-9, 0))
    assert reasons.count("leads_differ") >= 3
    assert reasons.count("") <= 2


def test_weeks_after_the_change_make_its_effect_and_staggered_changes_have_common_weeks() -> None:
    found = effects_of(*company(0, effect=-0.15))
    for item in found.values():
        after = [known(week.effect.value) for week in item.study.weeks if week.week >= 0]
        assert known(item.effect.ci if item.effect.ci else (-1, 1))[0] <= sum(after) / len(after)
    [first, last] = (found[""].study.weeks[place].week for place in (0, -1))
    # Nine, ten and eleven weeks before, eight, seven and six after.
    assert (first, last) == (-9, 5)
    assert known(found[""].study.weeks[-1].effect.value) < -0.1
    assert all(known(week.effect.ci)[0] <= 0 <= known(week.effect.ci)[1] for week in found[""].study.weeks[:9])


def test_too_few_weeks_on_either_side_and_weeks_without_answers_say_nothing() -> None:
    _, days = company(5, changed=0)
    for change in (Change(41, 0, 41), Change(FIRST, FIRST - 41, 0), Change(DAYS - 20, 0, DAYS - 20)):
        assert effects_of({"t0": change}, days)["t0"].reason == "too_few_weeks"
    silent = days | {"t0": {day: item for day, item in days["t0"].items() if not 70 <= day < 77}}
    assert effects_of({"t0": Change(FIRST, 0, FIRST)}, silent)["t0"].reason == "too_few_weeks"
    assert effects_of({}, days) == {}


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 100), st.integers(0, 100))
def test_what_moves_every_touchpoint_alike_is_no_effect(seed: int, other: int) -> None:
    changes, days = company(seed, touchpoints=7, changed=2)
    tide = np.random.default_rng(other).normal(size=DAYS)

    def lifted(day: int, item: Moments) -> Moments:
        more = float(tide[day // 7 * 7])
        return Moments(item.n, item.total + item.n * more, item.squares + 2 * more * item.total + item.n * more**2)

    plain = effects_of(changes, days)
    moved = effects_of(changes, {name: {d: lifted(d, m) for d, m in kept.items()} for name, kept in days.items()})
    for name, item in plain.items():
        assert moved[name].reason == item.reason
        assert moved[name].effect.value == pytest.approx(item.effect.value, abs=1e-6)
