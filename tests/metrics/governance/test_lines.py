import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.estimates import NO_ESTIMATE
from metrics.governance.lines import (
    Line,
    RunningProgramme,
    churn,
    clarity,
    completeness,
    new_silo,
    owned_touchpoints,
    redundancies,
    without_responsibility,
)
from tests.metrics.governance.given import NAMES, departments, law, weights

ANY = ("", "", "")


@st.composite
def lines(draw: st.DrawFn) -> Line:
    accountable = tuple(draw(st.lists(departments, max_size=2, unique=True)))
    held = draw(weights) if accountable else {}
    shares = {name: part / sum(held.values()) for name, part in held.items()}
    touchpoint = draw(st.sampled_from(["web", "shop", "fax"]))
    return Line(
        touchpoint, draw(st.sampled_from(["", "voice"])), ANY, accountable, shares, 2.0, draw(st.integers(0, 99))
    )


def renamed(line: Line, to: dict[str, str]) -> Line:
    names = tuple(to[name] for name in line.accountable)
    shares = {to[name]: part for name, part in line.shares.items()}
    return Line(line.touchpoint, line.facet, line.slice, names, shares, line.limit, line.events)


@law
@given(st.lists(lines(), max_size=8))
def test_every_line_is_clear_contested_crowded_or_an_orphan(some: list[Line]) -> None:
    result = clarity(some)
    troubled = len({id(line) for line in (*result.contested, *result.crowded, *result.orphans)})
    if some:
        assert result.clear.value == pytest.approx(1 - troubled / len(some))
    assert not {id(line) for line in result.orphans} & {id(line) for line in (*result.contested, *result.crowded)}


@law
@given(st.lists(lines(), max_size=8), st.permutations(NAMES))
def test_renaming_departments_changes_no_figure(some: list[Line], names: list[str]) -> None:
    to = dict(zip(NAMES, names, strict=True))
    one, other = clarity(some), clarity([renamed(line, to) for line in some])
    assert (one.clear, one.orphan_events, one.coordinated) == (other.clear, other.orphan_events, other.coordinated)


@law
@given(st.lists(lines(), max_size=8))
def test_a_rule_split_in_two_equal_ones_changes_no_figure_of_events_or_touchpoints(some: list[Line]) -> None:
    halves = [
        Line(line.touchpoint, line.facet, (half, "", ""), line.accountable, line.shares, line.limit, line.events)
        for line in some
        for half in ("a", "b")
    ]
    one, other = clarity(some), clarity(halves)
    assert one.clear.value == other.clear.value
    assert one.orphan_events.value == other.orphan_events.value
    assert one.coordinated == other.coordinated
    assert owned_touchpoints(some) == pytest.approx(owned_touchpoints(halves))


@law
@given(st.lists(lines(), max_size=8))
def test_a_touchpoint_with_an_owner_in_every_part_counts_once(some: list[Line]) -> None:
    owned = [line for line in some if line.accountable]
    assert sum(owned_touchpoints(owned).values()) == pytest.approx(len({line.touchpoint for line in owned}))


def test_two_accountable_and_too_many_cooks_are_distinguished() -> None:
    two = Line("web", "", ANY, ("it", "hr"), {"it": 0.5, "hr": 0.5}, 2.0)
    crowd = Line("shop", "", ANY, ("it",), {"it": 0.4, "hr": 0.3, "pr": 0.3}, 2.0)
    result = clarity([two, crowd])
    assert (result.contested, result.crowded, result.orphans) == ((two,), (crowd,), ())
    assert result.coordinated.value == 0.5


def test_equal_owners_up_to_the_limit_are_no_crowd() -> None:
    thirds = {"it": 1 / 3, "hr": 1 / 3, "pr": 1 / 3}
    assert clarity([Line("web", "", ANY, ("it",), thirds, 3.0)]).crowded == ()


def test_whoever_answers_for_nothing_is_named() -> None:
    line = Line("web", "", ANY, ("it",), {"it": 0.5, "hr": 0.5})
    assert without_responsibility(["it", "hr", "legal"], [line]) == ("legal",)


def test_a_new_silo_owns_most_while_customer_service_owns_nothing() -> None:
    assert new_silo({"cx": 6, "sales": 4}, {"cx"}, {"care"}) == "cx"
    assert new_silo({"cx": 5, "sales": 5}, {"cx"}, {"care"}) is None
    assert new_silo({"sales": 10}, {"cx"}, {"care"}) is None
    assert new_silo({"cx": 9, "care": 1}, {"cx"}, {"care"}) is None
    assert new_silo({}, {"cx"}, set()) is None


def test_changes_of_owner_are_counted_inside_the_period_and_only_if_the_owner_differs() -> None:
    year = round(365.25 * 86_400)
    history = [[(0, "it"), (10, "it"), (20, "hr"), (year + 1, "it")]]
    assert churn(history, 0, year).value == pytest.approx(1)
    assert churn(history, 20, year).value == 0
    assert churn([], 0, year) == NO_ESTIMATE


def test_programmes_collide_on_the_same_metric_and_touchpoint_only() -> None:
    web = RunningProgramme("a", "it", frozenset({"web"}), "nps", 50.0, 40.0)
    assert redundancies([web, RunningProgramme("b", "hr", frozenset({"shop"}), "nps", 50.0)]) == ()
    assert redundancies([web, RunningProgramme("b", "hr", frozenset({"web"}), "csat", 50.0)]) == ()
    assert redundancies([web, RunningProgramme("b", "it", frozenset({"web"}), "nps", 60.0, 40.0)]) == ()
    [same] = redundancies([web, RunningProgramme("b", "hr", frozenset({"web"}), "nps", 60.0)])
    assert not same.opposed
    [opposed] = redundancies([web, RunningProgramme("b", "it", frozenset({"web"}), "nps", 30.0, 40.0)])
    assert opposed.opposed


def test_what_is_filled_in_is_counted_by_part() -> None:
    result = completeness({"names": [True, True], "targets": []})
    assert result["names"].value == 1
    assert result["targets"] == NO_ESTIMATE
