import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest

from metrics.drift.subjects import SUBJECTS
from metrics.drift.volumes import DaySum, DaySums
from metrics.drift.wander import renewals, with_noise_of_weeks
from metrics.durations import DAY_S
from tests.metrics.drift.streams_of import HALF_HOUR_S, answers, baseline_of, visits

CSAT = baseline_of("csat", answers(5, 1000, 0.75), 0, 1000 * HALF_HOUR_S)
TRAFFIC = baseline_of("traffic", visits(5, 28, 10), 0, 28 * DAY_S)
YEAR = 364
K = 0.05


def days_of_noise(
    seed: int, sd: float = CSAT.sd, block: int = 7, wander: float = 0.0, of: int = YEAR
) -> dict[int, DaySum]:
    """48 answers a day about the usual level, which wanders by a normal amount every `block` days."""
    rng = random.Random(seed)
    days, level = {}, 0.0
    for day in range(of):
        level = rng.gauss(0, wander) if day % block == 0 else level
        days[day * DAY_S] = DaySum(48, 48 * (CSAT.mean + level) + rng.gauss(0, sd * 48**0.5))
    return days


def ratio(days: Mapping[int, DaySum], upto: int = YEAR) -> float:
    return (with_noise_of_weeks(CSAT, days, upto * DAY_S, K).sd / CSAT.sd) ** 2


def mean_ratio(block: int = 7, wander: float = 0.0) -> float:
    return sum(ratio(days_of_noise(seed, block=block, wander=wander)) for seed in range(30)) / 30


def test_noise_is_estimated_again_each_time_that_the_days_have_grown_by_a_quarter() -> None:
    instants = renewals(CSAT, YEAR * DAY_S)
    lengths = [(instant - CSAT.start_s) / DAY_S for instant in instants]
    assert instants[0] == CSAT.valid_from_s
    assert all(instant % DAY_S == 0 for instant in instants[1:])
    assert all(1.2 < after / before < 1.3 for before, after in pairwise(lengths))
    assert renewals(CSAT, CSAT.valid_from_s) == [CSAT.valid_from_s]


def test_weeks_that_do_not_differ_beyond_hours_leave_noise_what_it_is() -> None:
    assert mean_ratio() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("block", [2, 7])
def test_weeks_that_resemble_themselves_count_in_full(block: int) -> None:
    # So much variance comes of a level that holds for a block of days.
    wander = 0.05
    whole = 1 + wander**2 * 48 * block / CSAT.sd**2
    assert mean_ratio(block=block, wander=wander) == pytest.approx(whole, rel=0.2)


def test_months_that_resemble_themselves_count_for_their_greater_part() -> None:
    whole = 1 + 0.05**2 * 48 * 28 / CSAT.sd**2
    assert 0.4 * whole < mean_ratio(block=28, wander=0.05) < whole


def test_what_few_days_say_is_held_back_and_taken_for_uncertain() -> None:
    days = days_of_noise(3, wander=0.05)
    young, old = (with_noise_of_weeks(CSAT, days, day * DAY_S, K) for day in (30, YEAR))
    assert young.freedom < old.freedom < CSAT.freedom * (old.sd / CSAT.sd) ** 4
    calm = days_of_noise(4)
    swift, slow = (with_noise_of_weeks(CSAT, calm, 60 * DAY_S, k).freedom for k in (1.0, K))
    assert swift > slow


def test_one_great_day_a_year_makes_rises_of_a_volume_rarer_and_not_falls() -> None:
    usual: DaySums = {day * DAY_S: DaySum(0, 240.0 + random.Random(day).gauss(0, 15)) for day in range(YEAR)}
    sale = {**usual, 300 * DAY_S: DaySum(0, 2400.0)}
    calm, crowded = (with_noise_of_weeks(TRAFFIC, days, YEAR * DAY_S, K) for days in (usual, sale))
    assert calm.skew == pytest.approx(TRAFFIC.skew * calm.sd / TRAFFIC.sd, abs=5)
    assert crowded.skew > calm.skew + 10


def test_a_lasting_shift_is_not_learned_from() -> None:
    days = days_of_noise(7)
    shifted = {at: DaySum(e, total - (0.1 * e if at >= 200 * DAY_S else 0)) for at, (e, total) in days.items()}
    # Of what may be a shift nothing is learned: it is as if its days had not come.
    assert ratio(shifted) == pytest.approx(ratio(days, 200), rel=0.1)
    # A shift that came and went is part of how the level wanders.
    back = {at: DaySum(e, 0 if 100 * DAY_S <= at < 110 * DAY_S else total) for at, (e, total) in days.items()}
    assert 10 * ratio(days) < ratio(back) <= 32 * (1 + 1e-9)


def test_weeks_count_as_noise_as_far_as_they_exceed_the_tolerance() -> None:
    def noise(tolerance: float) -> float:
        years = [days_of_noise(seed, wander=0.05) for seed in range(9)]
        return sum(with_noise_of_weeks(CSAT, days, YEAR * DAY_S, K, tolerance).sd / CSAT.sd for days in years) / 9

    assert noise(0.0) > noise(0.03) > noise(0.5)
    assert noise(0.5) == pytest.approx(1)


def test_where_days_resemble_each_other_what_weeks_do_is_taken_for_uncertain() -> None:
    # A week below and one above the usual: windows of two weeks are the same, those of four days are not.
    levels = [4.0 if day // 7 % 2 else -4.0 for day in range(42)]
    mixed = [4.0 if day % 2 else -4.0 for day in range(42)]
    sure, unsure = (
        with_noise_of_weeks(
            CSAT, {day * DAY_S: DaySum(48, 48 * CSAT.mean + level) for day, level in enumerate(part)}, 42 * DAY_S, K
        )
        for part in (mixed, levels)
    )
    assert unsure.freedom < sure.freedom / 2


def test_of_days_that_are_not_there_nothing_is_known() -> None:
    assert with_noise_of_weeks(CSAT, {}, YEAR * DAY_S, K) == CSAT
    assert with_noise_of_weeks(CSAT, days_of_noise(1), 6 * DAY_S, K) == CSAT


def test_the_reference_value_grows_with_noise_where_the_level_is_not_known_better() -> None:
    known = with_noise_of_weeks(CSAT, days_of_noise(3, wander=0.2), YEAR * DAY_S, K)
    ours, theirs = (base.detector(SUBJECTS["csat"], 10).k * base.sd for base in (known, CSAT))
    assert ours > theirs
    assert replace(known, sd=CSAT.sd, step_sd=CSAT.step_sd, skew=CSAT.skew, freedom=CSAT.freedom) == CSAT
