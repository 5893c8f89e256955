"""A series as one line."""

from hypothesis import given
from hypothesis import strategies as st

from streams.cli.sparkline import BARS, GAP, sparkline

SERIES = st.lists(st.none() | st.floats(-1e9, 1e9), max_size=60)


@given(SERIES, st.integers(1, 40))
def test_a_gap_is_never_bridged_and_nothing_else_is_one(values: list[float | None], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(width, len(values))
    for bar, shown in enumerate(line):
        stands_for = values[len(values) * bar // len(line) : len(values) * (bar + 1) // len(line)]
        assert (shown == GAP) == (None in stands_for)
        assert shown in (GAP, *BARS)


def test_what_differs_by_rounding_alone_is_level() -> None:
    assert sparkline([100 / 3, 100 / 3 * (1 + 1e-15), 100 / 3], 3) == "▄▄▄"


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_a_higher_bar_is_never_a_lower_value(values: list[float]) -> None:
    line = sparkline(values, len(values))
    order = sorted(zip(values, line, strict=True))
    assert [bar for _, bar in order] == sorted(line)
    if max(values) - min(values) > 0.01:
        assert {min(line), max(line)} == {BARS[0], BARS[-1]}
