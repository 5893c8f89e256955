import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.credit import RULES, credit, credit_of, credit_of_event, time_decay
from metrics.governance.journeys import Journey, Step
from tests.metrics.governance.given import NAMES, departments, journeys, law, renamed, split

rules = st.sampled_from(sorted(RULES))


@law
@given(journeys(), rules, st.booleans())
def test_credit_is_conserved(some: list[Journey], rule: str, declared: bool) -> None:
    result = credit(some, RULES[rule], declared)
    assert sum(result.values()) == pytest.approx(sum(item.weight for item in some if item.converted))
    assert all(part >= 0 for part in result.values())


@law
@given(journeys(), rules, st.booleans())
def test_the_credit_of_one_journey_sums_to_one(some: list[Journey], rule: str, declared: bool) -> None:
    for item in some:
        assert sum(credit_of(item.steps, RULES[rule], declared).values()) == pytest.approx(1)


@law
@given(journeys(), rules, st.permutations(NAMES), st.booleans())
def test_renaming_departments_renames_their_credit(
    some: list[Journey], rule: str, names: list[str], declared: bool
) -> None:
    to = dict(zip(NAMES, names, strict=True))
    result = credit(some, RULES[rule], declared)
    assert credit(renamed(some, to), RULES[rule], declared) == pytest.approx({to[k]: v for k, v in result.items()})


@law
@given(journeys(), rules)
def test_journeys_counted_apart_give_the_same_credit(some: list[Journey], rule: str) -> None:
    assert credit(split(some), RULES[rule]) == pytest.approx(credit(some, RULES[rule]))


@law
@given(st.sampled_from(sorted(RULES)), st.integers(1, 6))
def test_one_department_alone_gets_all_by_any_rule(rule: str, n: int) -> None:
    assert credit_of((Step("it"),) * n, RULES[rule]) == {"it": pytest.approx(1)}


def test_a_step_in_a_far_past_counts_nothing() -> None:
    weights = time_decay((Step("it", 0), Step("hr", 10**9)))
    assert weights == [0.0, 1.0]


@law
@given(st.dictionaries(departments, st.floats(0.01, 0.24), max_size=4))
def test_owner_and_contributors_share_one_event(contributors: dict[str, float]) -> None:
    assert sum(credit_of_event("owner", contributors).values()) == pytest.approx(1)
