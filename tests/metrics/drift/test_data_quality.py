from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.drift.data_quality import Index, collapsed, index, is_myopic, is_silent, mix_shifted, share_rose
from metrics.figures.balances import Balance
from metrics.registry import Target

AT = datetime(2026, 3, 1, tzinfo=UTC)


def row(metric: str, term: str, value: float | None, half: float = 1.96, **more: object) -> Balance:
    low, high = (None, None) if value is None else (value - half, value + half)
    horizon, department = more.get("horizon", term), more.get("department", "sales")
    return Balance(AT, "as_was", department, metric, term, horizon, value, low, high, 9, 9.0, "")  # type: ignore[arg-type]


TARGETS = [Target("nps", None, 0.0, 40.0, None, 3.0), Target("csat", None, 40.0, 80.0, None, 1.0)]


def test_a_silence_is_reported_once_it_is_no_chance() -> None:
    assert [is_silent(expected) for expected in (0, 10, 18, 19, 100)] == [False, False, False, True, True]


def test_an_index_has_the_error_that_its_figures_leave() -> None:
    result = index([row("nps", "long", 20.0), row("csat", "long", 60.0)], "sales", TARGETS, "long")
    assert result is not None
    assert result.value == pytest.approx(50)
    assert result.error == pytest.approx(2.5 * (9 + 1) ** 0.5 / 4, rel=1e-3)


def test_what_has_no_figure_target_or_other_horizon_does_not_count() -> None:
    rows = [
        row("nps", "long", None),
        row("ces", "long", 5.0),
        row("nps", "long", 20.0, horizon="short"),
        row("nps", "long", 20.0, department="it"),
    ]
    assert index(rows, "sales", TARGETS, "long") is None


def test_myopia_needs_both_a_rise_and_a_fall() -> None:
    up, down, flat = (Index(50, 1), Index(60, 1)), (Index(60, 1), Index(50, 1)), (Index(50, 1), Index(51, 1))
    assert is_myopic(up, down)
    assert not is_myopic(up, flat)
    assert not is_myopic(flat, down)
    assert not is_myopic(down, up)


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
