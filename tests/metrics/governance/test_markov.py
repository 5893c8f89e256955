import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.journeys import Journey, Path, paths
from metrics.governance.markov import counted_markov, markov, removal_effects
from metrics.governance.resampling import bootstrap_counts
from tests.metrics.governance.given import NAMES, journeys, law, renamed


@law
@given(journeys())
def test_shares_sum_to_one_where_anything_converted(some: list[Journey]) -> None:
    result = markov(paths(some))
    converted = any(item.converted for item in some)
    assert sum(result.values()) == (pytest.approx(1) if converted else 0)
    assert all(0 <= effect <= 1 for effect in removal_effects(paths(some)).values())


@law
@given(journeys(), st.permutations(NAMES))
def test_renaming_departments_renames_their_shares(some: list[Journey], names: list[str]) -> None:
    to = dict(zip(NAMES, names, strict=True))
    result = markov(paths(some))
    assert markov(paths(renamed(some, to))) == pytest.approx({to[k]: v for k, v in result.items()}, abs=1e-9)


def test_a_department_that_every_conversion_needs_has_the_whole_effect() -> None:
    result = removal_effects([Path(("it", "hr"), 3, 1), Path(("pr", "hr"), 2, 0), Path(("pr",), 0, 4)])
    assert result["hr"] == pytest.approx(1)
    assert result["it"] == pytest.approx(0.6, abs=0.1)


def test_a_department_that_no_conversion_met_has_none() -> None:
    assert removal_effects([Path(("it",), 3, 1), Path(("hr",), 0, 5)])["hr"] == pytest.approx(0)


def test_without_a_journey_there_is_no_share() -> None:
    assert markov([]) == {}
    assert markov([Path(("it",), 0, 3)]) == {}


def _some_paths(departments: int, count: int) -> list[Path]:
    draw = random.Random(5)
    names = [f"d{number}" for number in range(departments)]
    return [Path(tuple(draw.choices(names, k=5)), draw.randrange(3), draw.randrange(1, 9)) for _ in range(count)]


def test_memory_does_not_grow_with_departments_times_paths() -> None:
    """A row of matrices for each path would be 1.6 GB; steps are 16 bytes each, a matrix of departments 0.7 MB."""
    paths = _some_paths(300, 2_000)
    tracemalloc.start()
    try:
        estimates = bootstrap_counts(paths, counted_markov(paths), rounds=3)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(estimates) == 300
    assert peak < 20e6


def test_effects_are_those_of_a_chain_from_which_each_department_is_removed() -> None:
    paths = _some_paths(6, 40)
    shares = removal_effects(paths)
    assert shares == pytest.approx({name: _without(paths, name) for name in shares}, abs=1e-9)


def _without(paths: list[Path], name: str) -> float:
    """The share of conversions lost, by walking the chain until hardly anyone is left on it."""
    return 1 - _reached(paths, name) / _reached(paths, "")


def _reached(paths: list[Path], removed: str) -> float:
    leaves: dict[str, float] = {}
    moves: dict[tuple[str, str], float] = {}
    for path in paths:
        for before, after in zip(("", *path.departments), (*path.departments, "won"), strict=True):
            n = float(path.converted if after == "won" else path.converted + path.lost)
            moves[before, after] = moves.get((before, after), 0.0) + n
            leaves[before] = leaves.get(before, 0.0) + path.converted + path.lost
    here, won = {"": 1.0}, 0.0
    for _ in range(400):
        there: dict[str, float] = {}
        for (before, after), n in moves.items():
            share = here.get(before, 0.0) * n / leaves[before]
            won += share if after == "won" else 0.0
            if after not in ("won", removed):
                there[after] = there.get(after, 0.0) + share
        here = there
    return won
