"""One series foretells another where it does, at its lag, and nothing is taken for foresight that is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.customers import Floats
from metrics.governance.forecasting import FEWEST_WEEKS, LAGS, Foretold, foretold
from tests.known import known
from tests.metrics.governance.given import law

WEEKS = 104


def lagged(generator: np.random.Generator, lag: int, slope: float, weeks: int = WEEKS) -> tuple[Floats, Floats]:
    """A series on a level that wanders, and the leader that it follows."""
    leader = generator.normal(size=weeks + LAGS)
    series = np.cumsum(generator.normal(size=weeks + LAGS)) / 2 + generator.normal(size=weeks + LAGS)
    series[lag:] += slope * leader[: len(leader) - lag]
    return series[LAGS:], leader[LAGS:]


def whether(series: Floats, *leaders: Floats) -> Foretold:
    return known(foretold(series, leaders))


@pytest.mark.parametrize(("lag", "slope"), [(1, 1.5), (5, -1.5), (LAGS, 1.5)])
def test_what_follows_is_foretold_at_its_lag(lag: int, slope: float) -> None:
    result = whether(*lagged(np.random.default_rng(lag), lag, slope))
    assert result.p < 0.001
    assert result.skill > 0.2
    [leader] = result.leaders
    assert leader.lag == lag
    assert leader.first <= lag <= leader.last
    assert result.forecasts == WEEKS - LAGS - 26


def test_two_leaders_foretell_more_than_each_by_itself() -> None:
    generator = np.random.default_rng(3)
    series, first = lagged(generator, 2, 1.0)
    second = generator.normal(size=WEEKS)
    series[6:] += second[:-6]
    both = whether(series, first, second)
    assert [leader.lag for leader in both.leaders] == [2, 6]
    assert both.skill > max(whether(series, first).skill, whether(series, second).skill) + 0.1


def test_what_moves_in_the_same_week_is_not_foretold() -> None:
    series = np.random.default_rng(4).normal(size=WEEKS)
    result = whether(series, series + 0.1)
    assert result.skill < 0.05
    assert result.p > 0.01


def season(generator: np.random.Generator) -> Floats:
    return np.asarray(3 * np.sin(2 * np.pi * np.arange(WEEKS) / 52.18 + generator.uniform(0, 6)))


def trend(generator: np.random.Generator) -> Floats:
    return np.asarray(generator.normal() * np.arange(WEEKS) / 10)


def walk(generator: np.random.Generator) -> Floats:
    return np.cumsum(generator.normal(size=WEEKS))


@pytest.mark.parametrize("level", [season, trend, walk])
def test_levels_that_move_by_themselves_foretell_nothing(level: object) -> None:
    """Of 300 pairs of independent series; without trend and season in the baseline, waves would make half of them."""
    generator, claims = np.random.default_rng(5), 0
    for _ in range(300):
        series, leader = (level(generator) + generator.normal(size=WEEKS) for _ in range(2))  # type: ignore[operator]
        result = whether(series, leader)
        claims += result.skill > 0 and result.p < 0.01
    assert claims <= 8  # 3 expected; more than 8 would be chance in 4 of 1,000


def test_too_few_weeks_and_what_never_moves_say_nothing() -> None:
    series, leader = lagged(np.random.default_rng(6), 2, 2.0, FEWEST_WEEKS)
    assert whether(series, leader).forecasts == 24
    assert foretold(series[1:], [leader[1:]]) is None
    assert foretold(series, [np.ones(FEWEST_WEEKS)]) is None
    missing = series.copy()
    missing[40] = np.nan
    assert foretold(missing, [leader]) is None


def test_a_week_without_a_figure_is_not_forecast_and_breaks_nothing() -> None:
    series, leader = lagged(np.random.default_rng(7), 3, 2.0)
    series[[20, 60, 61]] = np.nan
    result = whether(series, leader)
    assert result.forecasts == WEEKS - LAGS - 26 - 3
    assert result.leaders[0].lag == 3


def test_a_series_that_forecasts_itself_without_error_has_no_skill_to_win() -> None:
    leader = np.random.default_rng(8).normal(size=WEEKS)
    result = whether(np.arange(WEEKS, dtype=np.float64), leader)
    assert result.p > 0.01


@law
@given(st.integers(0, 1_000), st.floats(-100, 100), st.floats(0.01, 100), st.booleans())
def test_units_do_not_matter(seed: int, level: float, unit: float, is_reversed: bool) -> None:
    series, leader = lagged(np.random.default_rng(seed), 4, 1.0)
    plain = whether(series, leader)
    other = whether(level + unit * series, (-1 if is_reversed else 1) * leader / unit - level)
    assert other.skill == pytest.approx(plain.skill, abs=1e-5)
    assert other.p == pytest.approx(plain.p, abs=1e-5)
    assert other.leaders == plain.leaders
