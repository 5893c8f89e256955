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
    found = median_time(took, waiting)
    assert found.n == len(took) + len(waiting)
    if found.value is not None:
        assert found.value in took
    if found.ci is not None:
        assert known(found.ci)[0] <= known(found.value) <= known(found.ci)[1]


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
    held = seen = 0
    for _ in range(300):
        took: list[float] = []
        waiting: list[float] = []
        for _ in range(60):
            duration, age = generator.expovariate(0.693147), generator.uniform(0, 6)
            (took if duration <= age else waiting).append(min(duration, age))
        found = median_time(took, waiting)
        if found.ci is not None:
            seen += 1
            held += found.ci[0] <= 1 <= found.ci[1]
    assert seen > 290
    assert held / seen > 0.92


def test_cases_count_as_they_were_known_then() -> None:
    cases = [Case("it", 0, 100, True, True), Case("it", 0, 500, False), Case("hr", 900), Case("hr", 50, 60)]
    found = loops(cases, 200)
    assert list(found) == ["hr", "it"]
    assert (found["it"].open, found["it"].oldest_s) == (1, 200)
    assert found["it"].confirmed.value == 1.0
    assert (found["hr"].open, found["hr"].oldest_s, found["hr"].confirmed) == (0, None, NO_ESTIMATE)
    assert found["hr"].resolved.value == 0.0
