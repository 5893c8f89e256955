from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.drift.data_quality import collapsed, is_silent, mix_shifted, share_rose


def test_a_silence_is_reported_once_it_is_no_chance() -> None:
    assert [is_silent(expected) for expected in (0, 10, 18, 19, 100)] == [False, False, False, True, True]


def test_a_mix_that_only_grows_has_not_shifted() -> None:
    assert not mix_shifted({"a": 4000, "b": 2000}, {"a": 8000, "b": 4000})
    assert mix_shifted({"a": 4000, "b": 2000}, {"b": 100, "c": 50})
    assert not mix_shifted({}, {"a": 100})


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 100))
def test_what_stays_as_it_was_is_never_reported(week: int, percent: int) -> None:
    unowned = week * percent // 100
    assert not collapsed(4 * week, week)
    assert not share_rose(4 * week, 4 * unowned, week, unowned)
