import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.estimates import NO_ESTIMATE
from metrics.governance.perception import (
    DONT_KNOW,
    NOBODY,
    Answers,
    kappa,
    kappa_of_roles,
    perception_of,
    total_variation,
)
from tests.known import known
from tests.metrics.governance.given import NAMES, counts, departments, law, weights

answers = st.lists(
    st.builds(
        Answers,
        touchpoint=st.sampled_from(["web", "shop"]),
        facet=st.just(""),
        role=st.sampled_from(["it", "sales"]),
        answer=departments | st.sampled_from([NOBODY, DONT_KNOW]),
        n=st.integers(1, 20),
    ),
    max_size=12,
)


@law
@given(weights, weights, weights)
def test_total_variation_is_a_metric(one: dict[str, float], other: dict[str, float], third: dict[str, float]) -> None:
    there = total_variation(one, other)
    assert 0 <= there <= 1
    assert there == pytest.approx(total_variation(other, one))
    assert total_variation(one, one) == pytest.approx(0, abs=1e-12)
    assert there <= total_variation(one, third) + total_variation(third, other) + 1e-12


@law
@given(weights)
def test_distributions_without_anything_in_common_are_at_distance_one(one: dict[str, float]) -> None:
    assert total_variation(one, {"somebody else": 1}) == pytest.approx(1)


@law
@given(answers, departments)
def test_what_a_group_says_is_in_range_and_counted_once(said: list[Answers], owner: str) -> None:
    result = perception_of(said, owner, {owner: 1.0})
    total = sum(item.n for item in said)
    assert sum(result.answers.values()) + sum(item.n for item in said if item.answer == DONT_KNOW) == total
    if result.agreement.value is not None:
        assert known(result.agreement.value) == pytest.approx(1 - known(result.distance.value))
    assert (result.dont_know == NO_ESTIMATE) == (total == 0)


@law
@given(answers, st.permutations(NAMES))
def test_renaming_departments_changes_no_agreement(said: list[Answers], names: list[str]) -> None:
    to = dict(zip(NAMES, names, strict=True)) | {NOBODY: NOBODY, DONT_KNOW: DONT_KNOW}
    other = [Answers(item.touchpoint, item.facet, item.role, to[item.answer], item.n) for item in said]
    one, same = kappa_of_roles(said, "it", "sales"), kappa_of_roles(other, "it", "sales")
    assert one.n == same.n
    assert one.value == (None if same.value is None else pytest.approx(same.value))


def test_kappa_is_the_published_one() -> None:
    # Cohen's own example of 1960: 200 patients, three diagnoses; kappa 0.492.
    said = ("aa", 88), ("ab", 14), ("ac", 18), ("ba", 10), ("bb", 40), ("bc", 10), ("ca", 2), ("cb", 6), ("cc", 12)
    estimate = kappa({(one[0], one[1]): n for one, n in said})
    assert estimate.value == pytest.approx(0.492, abs=5e-4)
    assert known(estimate.ci)[0] < 0.492 < known(estimate.ci)[1]


@law
@given(st.dictionaries(st.tuples(departments, departments), st.integers(1, 9), min_size=1))
def test_with_one_respondent_a_role_the_kappa_of_roles_is_cohens(pairs: dict[tuple[str, str], int]) -> None:
    said = []
    for (one, other), times in pairs.items():
        for i in range(times):
            said += [Answers(f"{one}.{other}.{i}", "", "it", one), Answers(f"{one}.{other}.{i}", "", "hr", other)]
    assert kappa_of_roles(said, "it", "hr").value == (
        None if (expected := kappa(pairs)).value is None else pytest.approx(expected.value)
    )


@law
@given(counts, counts)
def test_the_number_of_respondents_of_a_role_does_not_weigh(one: dict[str, int], other: dict[str, int]) -> None:
    few = [Answers("web", "", "it", name, n) for name, n in one.items()]
    hr = [Answers("web", "", "hr", name, n) for name, n in other.items()]
    many = [Answers("web", "", "it", answer.answer, 10 * answer.n) for answer in few]
    a, b = kappa_of_roles([*few, *hr], "it", "hr"), kappa_of_roles([*many, *hr], "it", "hr")
    assert a.value == (None if b.value is None else pytest.approx(b.value, abs=1e-9))


def test_without_a_common_question_there_is_no_kappa() -> None:
    assert kappa({}) == NO_ESTIMATE
    assert kappa_of_roles([Answers("web", "", "it", "it"), Answers("shop", "", "hr", "it")], "it", "hr") == NO_ESTIMATE
    assert kappa({("it", "it"): 4}).value is None
