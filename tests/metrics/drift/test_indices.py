"""Indices, their noise, and how they change between two instants; calm companies are simulated."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from math import sqrt

import numpy as np
import pytest

from bench.simulated import AT_S, Stream, Streams, days_of, ingredients, moments, plain
from metrics.catalogue import METRICS, Horizon
from metrics.drift.indices import IndexChange, index, index_change
from metrics.durations import DAY_S
from metrics.figures.balances import Balance, Moment
from metrics.figures.folded import Daily
from metrics.figures.formulas import figure
from metrics.figures.intervals import Z
from metrics.figures.scorecards import TargetsByDepartment
from metrics.registry import Horizons, Target

AT = datetime(2026, 3, 1, tzinfo=UTC)
APART = 56
TARGETS = [Target("nps", None, 0.0, 40.0, None, 3.0), Target("csat", None, 40.0, 80.0, None, 1.0)]
OWN = TargetsByDepartment(TARGETS).of("sales")
TRAFFIC = [Target("traffic", None, 0.0, 100.0, None, 1.0)]
VOLUMES = [
    *TRAFFIC, Target("conversions", None, 0.0, 40.0, None, 2.0), Target("conversion_rate", None, 0.0, 90.0, None, 1.0)
]  # fmt: skip
HALF_LIVES = Horizons()
CALM = 150


def row(metric: str, term: str, value: float | None, half: float = 1.96, **more: object) -> Balance:
    low, high = (None, None) if value is None else (value - half, value + half)
    made = Balance(AT, "as_was", "sales", metric, term, term, value, low, high, 99, 90.0, "")  # type: ignore[arg-type]
    return replace(made, **more)  # type: ignore[arg-type]


def at(days: float, *rows: Balance) -> Moment:
    return Moment(days * DAY_S, rows, {})


def test_an_index_has_the_error_that_its_figures_leave() -> None:
    result = index([row("nps", "long", 20.0), row("csat", "long", 60.0)], OWN, "long")
    assert result is not None
    assert result.value == pytest.approx(50)
    assert result.error == pytest.approx(2.5 * sqrt(9 + 1) / 4, rel=1e-3)


def test_beyond_the_cap_of_an_attainment_nothing_is_noise() -> None:
    above = index([row("nps", "long", 70.0, 5.0)], OWN, "long")
    across = index([row("nps", "long", 62.0, 10.0)], OWN, "long")
    assert above is not None
    assert across is not None
    assert (above.value, above.error) == (150, 0)
    assert across.error == pytest.approx((150 - 130) / (2 * Z))


def test_what_has_no_figure_target_or_other_horizon_does_not_count() -> None:
    rows = [
        row("nps", "long", None),
        row("ces", "long", 5.0),
        row("nps", "long", 20.0, horizon="short"),
        row("nps", "long", 20.0, department="it"),
    ]
    assert index(rows[:3], OWN, "long") is None
    assert index_change(at(0, *rows), at(APART, *rows), "sales", OWN, HALF_LIVES, "long") is None


def test_only_metrics_that_are_certain_at_both_instants_are_compared() -> None:
    before = at(0, row("nps", "long", 20.0), row("csat", "long", 40.0, n_eff=29.0))
    now = at(APART, row("nps", "long", 10.0), row("csat", "long", 80.0))
    found = index_change(before, now, "sales", OWN, HALF_LIVES, "long")
    assert found is not None
    assert (found.before, found.now, found.n_eff) == (50, 25, 90)
    assert found.error == pytest.approx(2.5 * sqrt(2), rel=1e-3)
    assert found.ci == (pytest.approx(-25 - Z * found.error), pytest.approx(-25 + Z * found.error))


def test_chance_makes_a_rise_or_a_fall_as_often_as_its_error_says() -> None:
    of = IndexChange(50, 50 + 2 * Z, 2.0, 90, 90.0)
    assert (of.p(1), of.p(-1)) == (pytest.approx(0.025), pytest.approx(0.975))
    assert IndexChange(150, 150, 0.0, 90, 90.0).p(1) == 1


def moment(streams: Streams, ago: int, names: list[str], horizon: Horizon) -> Moment:
    """The figures that streams had so many days before AT_S; days are as they were."""
    past: dict[str, Stream] = {}
    for kind, stream in streams.items():
        kept = stream.minutes + 60 <= AT_S - ago * DAY_S
        past[kind] = Stream(stream.minutes[kept] + ago * DAY_S, *(
            part[kept] for part in (stream.sizes, stream.scores, stream.customers)
        ))  # fmt: skip
    half_life_s = HALF_LIVES.short_s if horizon == "short" else HALF_LIVES.long_s
    rows, daily = [], dict[tuple[str, str, Horizon], Daily]()
    for name in names:
        found = ingredients(past, METRICS[name].kinds, half_life_s, by_customer=False)
        shown = figure(METRICS[name], found, AT_S, half_life_s)
        assert shown is not None
        first, last = (datetime.fromtimestamp(end - ago * DAY_S, UTC) for end in (shown.first or 0, shown.last))
        low, high = shown.ci or (None, None)
        rows.append(row(name, horizon, shown.value, ci_low=low, ci_high=high, n=shown.n, n_eff=shown.n_eff,
                        first_at=first, last_at=last))  # fmt: skip
        for kind, sums in found.daily.items():
            daily["sales", kind, horizon] = {day - ago: total for day, total in sums.items()}
    return Moment(AT_S - ago * DAY_S, rows, daily)


def compared(streams: Streams, targets: list[Target], horizon: Horizon = "short") -> IndexChange:
    names = [target.metric for target in targets]
    before, now = (moment(streams, ago, names, horizon) for ago in (APART, 0))
    found = index_change(before, now, "sales", TargetsByDepartment(targets).of("sales"), HALF_LIVES, horizon)
    assert found is not None
    return found


def every_half_hour(sizes: Mapping[int, float]) -> Streams:
    """Visits at the same times of every day, of the size of the weekday, for 200 days."""
    minutes = np.arange(AT_S // DAY_S - 200, AT_S // DAY_S + 1, 1 / 48) * DAY_S // 60 * 60
    minutes = minutes[minutes + 60 <= AT_S]
    of_weekday = np.array([sizes[day] for day in range(7)])[(minutes // DAY_S).astype(int) % 7]
    return {"visit": Stream(minutes, of_weekday, np.zeros(len(minutes)), np.arange(len(minutes), dtype=float))}


def test_what_comes_every_week_is_no_noise_of_a_difference_though_it_is_of_each_figure() -> None:
    busy = every_half_hour({0: 3, 1: 3, 2: 3, 3: 3, 4: 3, 5: 0.5, 6: 0.5})
    found = compared(busy, TRAFFIC)
    assert found.value == pytest.approx(0, abs=0.2)
    assert found.error < 0.5
    [of_now] = moment(
        every_half_hour(dict.fromkeys(range(7), 3.0) | {5: 0.5, 6: 0.5}), 0, ["traffic"], "short"
    ).balances
    assert of_now.ci_low is not None
    assert of_now.ci_high is not None
    assert (of_now.ci_high - of_now.ci_low) / (2 * Z) > 10


def calm(seed: int, later: float = 1.0) -> Streams:
    """Good and bad days, quiet weekends; two in five visits convert. `later` times as many in the last eight weeks."""
    draw, days = np.random.default_rng([56, seed]), 250.0
    starts = days_of(days)
    factor = draw.gamma(10, 0.1, len(starts)) * np.where(starts // DAY_S % 7 < 2, 0.3, 1.28)
    factor *= np.where(starts > AT_S - APART * DAY_S, later, 1.0)
    visits = moments(draw, days, 60, factor)
    bought = visits[draw.random(len(visits)) < 0.4]
    return {"visit": plain(visits), "conversion": plain(bought), "referral": plain(bought)}


@pytest.mark.parametrize(
    ("targets", "horizon"), [(VOLUMES, "short"), ([Target("referrals", None, 0.0, 40.0, None, 1.0)], "long")]
)
def test_a_calm_company_is_beyond_noise_as_often_as_the_interval_says(targets: list[Target], horizon: Horizon) -> None:
    found = [compared(calm(seed), targets, horizon) for seed in range(CALM)]
    beyond = sum(not of.ci[0] <= 0 <= of.ci[1] for of in found)
    assert beyond <= CALM * 0.05 + 3 * sqrt(CALM * 0.05 * 0.95)
    spread = sqrt(sum(of.value**2 for of in found) / CALM)
    assert 0.75 < spread / (sum(of.error for of in found) / CALM) < 1.15


def test_a_doubling_is_seen_in_spite_of_quiet_weekends() -> None:
    found = [compared(calm(seed, 2), VOLUMES) for seed in range(20)]
    assert sum(of.p(1) < 0.01 for of in found) >= 18
