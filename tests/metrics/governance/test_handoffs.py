import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.counted import Counted
from metrics.governance.estimates import NO_ESTIMATE, moments
from metrics.governance.handoff_figures import hand_off_figures, transition_figures
from metrics.governance.handoffs import (
    MOST_PAIRS,
    across_against_inside,
    cross_share,
    ei_index,
    ei_indices,
    fragmentation,
    hand_offs_by_pair,
    like_with_like,
    most_frequent,
)
from metrics.governance.journeys import Journey, Step
from metrics.governance.transitions import Transition, transitions
from tests.known import known
from tests.metrics.governance.given import NAMES, journeys, law, renamed, split


@law
@given(journeys())
def test_every_step_but_the_first_is_one_transition(some: list[Journey]) -> None:
    assert sum(transition.n for transition in transitions(some)) == sum(
        item.weight * (len(item.steps) - 1) for item in some
    )


@law
@given(journeys(), st.permutations(NAMES))
def test_renaming_departments_changes_no_figure_of_the_company(some: list[Journey], names: list[str]) -> None:
    other = renamed(some, dict(zip(NAMES, names, strict=True)))
    assert cross_share(transitions(other)) == cross_share(transitions(some))
    assert sorted(item.n for item in hand_offs_by_pair(transitions(other))) == sorted(
        item.n for item in hand_offs_by_pair(transitions(some))
    )


@law
@given(journeys())
def test_journeys_counted_apart_make_the_same_matrix(some: list[Journey]) -> None:
    one, other = transitions(some), transitions(split(some))
    assert [(a.giver, a.taker, a.n, a.after.n) for a in one] == [(b.giver, b.taker, b.n, b.after.n) for b in other]
    assert [a.after.total for a in one] == pytest.approx([b.after.total for b in other])


@law
@given(journeys())
def test_the_index_lies_between_all_inside_and_all_across(some: list[Journey]) -> None:
    whole = transitions(some)
    for result in (ei_index(whole), *ei_indices(whole).values()):
        assert result == NO_ESTIMATE or -1 <= known(result.ci)[0] <= known(result.value) <= known(result.ci)[1] <= 1


@law
@given(journeys())
def test_the_index_of_a_department_is_that_of_what_comes_from_it_or_goes_to_it(some: list[Journey]) -> None:
    whole = transitions(some)
    names = sorted({name for item in whole for name in (item.giver, item.taker)})
    of_each = {name: ei_index(item for item in whole if name in (item.giver, item.taker)) for name in names}
    assert ei_indices(whole) == of_each


@law
@given(journeys())
def test_a_journey_has_at_least_one_department_and_as_many_changes_as_hand_offs(some: list[Journey]) -> None:
    result = fragmentation(some)
    n = sum(item.weight for item in some)
    assert known(result.departments.value) >= 1
    assert known(result.changes.value) * n == pytest.approx(
        sum(item.n for item in hand_offs_by_pair(transitions(some)))
    )


def company(seed: int, penalty: float) -> list[Journey]:
    """Journeys through two departments where the hand-off from sales to service costs `penalty` of satisfaction."""
    generator = random.Random(seed)
    made = []
    for _ in range(300):
        owners = generator.choices(["sales", "service"], k=3)
        steps, before = [], ""
        for owner in owners:
            bad = penalty if (before, owner) == ("sales", "service") else 0.0
            steps.append(Step(owner, 0, min(1.0, max(0.0, generator.gauss(0.7 - bad, 0.15)))))
            before = owner
        made.append(Journey(tuple(steps)))
    return made


def test_a_bad_hand_off_is_found_and_only_it() -> None:
    result = hand_offs_by_pair(transitions(company(1, 0.2)))
    assert [(item.giver, item.taker) for item in result if item.is_bad] == [("sales", "service")]
    assert result[0].gap.value == pytest.approx(-0.2, abs=0.05)


def test_a_calm_company_is_blamed_as_rarely_as_the_intervals_promise() -> None:
    blamed = sum(item.is_bad for seed in range(100) for item in hand_offs_by_pair(transitions(company(seed, 0.0))))
    # 200 pairs, each below its interval by chance in 2.5 % of the cases: 5 expected.
    assert blamed <= 12


def test_few_answers_blame_nobody() -> None:
    inside = Journey((Step("hr"), Step("hr", 0, 1.0), Step("hr", 1, 0.9)), weight=100)
    [pair] = hand_offs_by_pair(transitions([inside, Journey((Step("it"), Step("hr", 0, 0.0)), weight=29)]))
    assert known(pair.gap.ci)[1] < 0
    assert pair.gap.is_uncertain
    assert not pair.is_bad


def test_a_pair_without_scores_comes_last() -> None:
    silent = Journey((Step("it"), Step("hr")), weight=50)
    scored = Journey((Step("pr", 0), Step("hr", 1, 0.5), Step("hr", 2, 0.6), Step("hr", 3, 0.7)), weight=5)
    assert [item.giver for item in hand_offs_by_pair(transitions([silent, scored]))] == ["pr", "it"]


def test_of_many_departments_those_pairs_have_figures_that_have_most_hand_offs_and_the_company_has_those_of_all() -> (
    None
):
    names = [f"d{number:03}" for number in range(130)]
    some = [
        Transition(giver, taker, 1 if giver == "d000" and taker != "d000" else 2) for giver in names for taker in names
    ]
    figures = [
        *hand_off_figures(Counted(transitions=tuple(some)), most_frequent(some)),
        *transition_figures(some, most_frequent(some)),
    ]
    by_measure = Counter(figure.measure for figure in figures)
    assert by_measure["hand_off_like_gap"] == MOST_PAIRS
    assert by_measure["hand_off_satisfaction_gap"] == MOST_PAIRS + 1, "and the company's"
    assert by_measure["transitions"] == MOST_PAIRS + len(names), "and what stays inside"
    assert not [
        figure for figure in figures if figure.subject.startswith("d000 > d") and "> d000" not in figure.subject
    ]
    [whole] = [figure.estimate for figure in figures if figure.measure == "hand_off_share"]
    assert whole.n == sum(item.n for item in some)


def test_what_hand_offs_cost_the_company_is_one_figure() -> None:
    result = across_against_inside(transitions(company(1, 0.2)))
    assert result.value == pytest.approx(-0.1, abs=0.03)
    assert result.differs


def test_like_with_like_is_the_plain_gap_where_the_same_was_asked_everywhere() -> None:
    inside = Transition("hr", "hr", 60, moments([0.9, 0.7] * 30), 1)
    result = (inside, Transition("it", "hr", 60, moments([0.5, 0.7] * 30), 1))
    [plain], [like] = hand_offs_by_pair(result), like_with_like(result)
    assert like.gap.value == pytest.approx(plain.gap.value)
    assert like.gap.ci == pytest.approx(plain.gap.ci, abs=0.005)
    assert like.is_bad


def test_a_pair_that_leads_to_what_is_liked_less_is_bad_only_at_first_sight() -> None:
    liked, disliked = moments([0.9, 0.8] * 40), moments([0.4, 0.5] * 40)
    result = (
        Transition("hr", "hr", 80, liked, 1),
        Transition("hr", "hr", 80, disliked, 2),
        Transition("it", "hr", 80, disliked, 2),
    )
    assert hand_offs_by_pair(result)[0].is_bad
    [like] = like_with_like(result)
    assert (like.gap.value, like.gap.differs) == (pytest.approx(0), False)


def test_like_with_like_needs_answers_to_the_same_on_both_sides() -> None:
    result = (Transition("hr", "hr", 9, moments([1, 1, 1]), 1), Transition("it", "hr", 9, moments([0, 0, 0]), 2))
    assert like_with_like(result)[0].gap == NO_ESTIMATE


def test_a_calm_company_is_blamed_as_rarely_also_when_like_is_compared_with_like() -> None:
    generator, blamed, rounds = random.Random(4), 0, 1000
    for _ in range(rounds):
        result = []
        for total, level in ((1, 0.8), (2, 0.5)):
            for giver, n in (("hr", 60), ("it", 35)):
                scores = moments([float(generator.random() < level) for _ in range(n)])
                result.append(Transition(giver, "hr", n, scores, total))
        [pair] = like_with_like(result)
        blamed += pair.is_bad
    assert 0.01 < blamed / rounds < 0.04
