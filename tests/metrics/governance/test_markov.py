import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.journeys import Journey, Path, paths
from metrics.governance.markov import markov, removal_effects
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
