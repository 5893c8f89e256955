import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from metrics.drift.steps import Steps, inside
from metrics.drift.subjects import Observation

observations = st.builds(Observation, st.integers(0, 2**40), st.integers(0, 2**50), st.floats(-1e9, 1e9))


@given(st.lists(observations), st.lists(observations), st.slices(20))
def test_packed_steps_are_a_sequence_of_what_was_put_in(
    some: list[Observation], more: list[Observation], part: slice
) -> None:
    steps = Steps(some)
    steps.extend(more)
    assert list(steps) == [*some, *more]
    assert [steps[place] for place in range(len(steps))] == [*some, *more]
    assert list(steps[part]) == [*some, *more][part]
    assert steps == Steps([*some, *more])
    assert (steps == Steps(some)) is not bool(more)
    assert steps != [*some, *more]
    assert repr(Steps(some)) == f"Steps({list(Steps(some))})"


def test_a_long_history_takes_thirty_bytes_a_step() -> None:
    tracemalloc.start()
    try:
        steps = Steps(Observation(60 * minute, 2, 1.0) for minute in range(100_000))
        assert sum(step.exposure for step in inside(steps, 60, 0, 60_000)) == 2 * 1000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(steps) == 100_000
    assert peak < 30 * 100_000 * 1.3  # while an array grows, it is there twice in part
