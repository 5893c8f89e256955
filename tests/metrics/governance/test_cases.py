import random

from hypothesis import given
from hypothesis import strategies as st

from metrics.governance.cases import Case, loops, median_time
from metrics.governance.estimates import NO_ESTIMATE
from tests.known import known
from tests.metrics.governance.given import law

durations = st.lists(st.integers(1, 1_000), max_size=40)


@law
@given(durations, durations)
def test_a_median_lies_among_the_durations_and_in_its_interval(took: list[int], waiting: list[int]) -> None:
    result = median_time(took, waiting)
    assert result.n == len(took) + len(waiting)
    if result.value is not None:
        assert result.value in took
    if result.ci is not None:
        assert known(result.ci)[0] <= known(result.value) <= known(result.ci)[1]


@law
@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=41).filter(lambda some: len(some) % 2 == 1))
def test_with_every_case_closed_it_is_the_plain_median(took: list[int]) -> None:
    assert median_time(took, []).value == sorted(took)[len(took) // 2]


def test_open_cases_make_a_department_no_quicker() -> None:
    assert known(median_time([1, 2, 3], [50, 60]).value) > known(median_time([1, 2, 3], []).value)
    assert median_time([], [4]).value is None
    assert median_time([], []) == NO_ESTIMATE


def test_intervals_hold_the_truth_about_as_often_as_they_promise() -> None:
    generator = random.Random(3)
    held = observed = 0
    for _ in range(300):
        took: list[float] = []
        waiting: list[float] = []
        for _ in range(60):
            duration, age = generator.expovariate(0.693147), generator.uniform(0, 6)
            (took if duration <= age else waiting).append(min(duration, age))
        result = median_time(took, waiting)
        if result.ci is not None:
            observed += 1
            held += result.ci[0] <= 1 <= result.ci[1]
    assert observed > 290
    assert held / observed > 0.92


def test_cases_count_as_they_were_known_then() -> None:
    cases = [Case("it", 0, 100, True, True), Case("it", 0, 500, False), Case("hr", 900), Case("hr", 50, 60)]
    result = loops(cases, 200)
    assert list(result) == ["hr", "it"]
    assert (result["it"].open, result["it"].oldest_s) == (1, 200)
    assert result["it"].confirmed.value == 1.0
    assert (result["hr"].open, result["hr"].oldest_s, result["hr"].confirmed) == (0, None, NO_ESTIMATE)
    assert result["hr"].resolved.value == 0.0
