import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance import shapley as module
from metrics.governance.journeys import Journey, Path, paths
from metrics.governance.shapley import shapley, shapley_of_paths
from tests.metrics.governance.given import NAMES, journeys, law, renamed

Worth = Callable[[frozenset[str]], float]
PLAYERS = ("a", "b", "c", "d")
MANY = tuple(f"p{i:02}" for i in range(14))


def game(numbers: list[float]) -> Worth:
    """A game with the given worth of each set of PLAYERS; none is worth 0."""
    table = {}
    for mask in range(16):
        table[frozenset(name for i, name in enumerate(PLAYERS) if mask >> i & 1)] = numbers[mask] if mask else 0.0
    return table.__getitem__


games = st.lists(st.floats(-100, 100), min_size=16, max_size=16).map(game)


@law
@given(games)
def test_efficiency_the_values_sum_to_the_worth_of_all(worth: Worth) -> None:
    assert sum(shapley(PLAYERS, worth).values()) == pytest.approx(worth(frozenset(PLAYERS)), abs=1e-9)


@law
@given(games)
def test_null_player_whoever_adds_nothing_gets_nothing(worth: Worth) -> None:
    assert shapley((*PLAYERS, "idle"), lambda some: worth(some - {"idle"}))["idle"] == pytest.approx(0, abs=1e-9)


@law
@given(games)
def test_symmetry_who_add_alike_get_alike(worth: Worth) -> None:
    def blind(some: frozenset[str]) -> float:
        return worth(frozenset({"a": "b", "b": "a"}.get(name, name) for name in some)) + worth(some)

    result = shapley(PLAYERS, blind)
    assert result["a"] == pytest.approx(result["b"], abs=1e-9)


@law
@given(games, games)
def test_additivity_the_values_of_two_games_add_up(one: Worth, other: Worth) -> None:
    both = shapley(PLAYERS, lambda some: one(some) + other(some))
    apart = shapley(PLAYERS, one), shapley(PLAYERS, other)
    assert both == pytest.approx({name: apart[0][name] + apart[1][name] for name in PLAYERS}, abs=1e-9)


@law
@given(journeys())
def test_values_of_journeys_sum_to_the_conversion_rate(some: list[Journey]) -> None:
    rate = sum(item.weight for item in some if item.converted) / sum(item.weight for item in some)
    assert sum(shapley_of_paths(paths(some)).values()) == pytest.approx(rate, abs=1e-9)


@law
@given(journeys(), st.permutations(NAMES))
def test_renaming_departments_renames_their_values(some: list[Journey], names: list[str]) -> None:
    to = dict(zip(NAMES, names, strict=True))
    result = shapley_of_paths(paths(some))
    assert shapley_of_paths(paths(renamed(some, to))) == pytest.approx({to[k]: v for k, v in result.items()}, abs=1e-9)


@law
@given(journeys())
def test_values_of_journeys_are_those_of_the_game_written_out(some: list[Journey]) -> None:
    folded = paths(some)

    def rate(members: frozenset[str]) -> float:
        inside = [path for path in folded if set(path.departments) <= members]
        ended = sum(path.converted + path.lost for path in inside)
        return sum(path.converted for path in inside) / ended if ended else 0.0

    players = sorted({name for path in folded for name in path.departments})
    assert shapley_of_paths(folded) == pytest.approx(shapley(players, rate), abs=1e-9)


def test_the_airport_game_has_its_published_values() -> None:
    # Littlechild and Owen 1973: each pays for the part of the runway it needs, shared by those who need it.
    needs = {"small": 8.0, "middle": 11.0, "great": 13.0, "greatest": 18.0}
    result = shapley(tuple(needs), lambda some: max((needs[name] for name in some), default=0.0))
    assert result == pytest.approx({"small": 2, "middle": 3, "great": 4, "greatest": 9})


def test_above_twelve_players_the_drawn_values_are_near_the_exact_ones_and_sum_exactly() -> None:
    needs = {name: float(i + 1) for i, name in enumerate(MANY)}
    result = shapley(MANY, lambda some: max((needs[name] for name in some), default=0.0), seed=3)
    exact, level = {}, 0.0
    for i, name in enumerate(MANY):
        level += 1 / (len(MANY) - i)
        exact[name] = level
    assert sum(result.values()) == pytest.approx(14)
    assert result == pytest.approx(exact, abs=0.25)


def test_the_draw_of_journeys_agrees_with_the_exact_values(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(5)
    some = [
        Path(tuple(generator.sample(NAMES, k=generator.randint(1, 4))), generator.randint(0, 9), 9) for _ in range(30)
    ]
    exact = shapley_of_paths(some)
    monkeypatch.setattr(module, "EXACT_UP_TO", 2)
    assert shapley_of_paths([*some, *some], seed=1) == pytest.approx(exact, abs=0.01)
    assert shapley_of_paths(some, seed=1) == shapley_of_paths(some, seed=1)


def test_on_counts_instead_of_rates_it_degenerates_to_an_equal_split() -> None:
    counts = {frozenset(("a", "b")): 6.0, frozenset(("a",)): 1.0}
    result = shapley(PLAYERS, lambda some: sum(n for members, n in counts.items() if members <= some))
    assert result == pytest.approx({"a": 4, "b": 3, "c": 0, "d": 0})


def test_shares_of_counts_are_those_of_the_paths_and_exact_only() -> None:
    some = [Path(("it",), 1, 9), Path(("it", "hr"), 4, 6)]
    values = shapley_of_paths(some)
    result = module.counted_shapley(some)(np.array([1.0, 4.0]), np.array([9.0, 6.0]))
    assert result == pytest.approx({name: value / sum(values.values()) for name, value in values.items()})
    assert module.counted_shapley(some)(np.zeros(2), np.ones(2)) == {}
    with pytest.raises(ValueError, match="14 departments: values are exact up to 12"):
        module.counted_shapley([Path(MANY, 1, 1)])


def test_nobody_has_no_value() -> None:
    assert shapley((), lambda _: 0.0) == {}
    assert shapley_of_paths([]) == {}
