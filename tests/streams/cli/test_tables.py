"""How wide the columns of a table are: a law for any cells, and what goes first."""

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from streams.cli.tables import layout, wrapped

CELLS = st.text("ab c_\N{LATIN SMALL LETTER E WITH ACUTE}\N{CJK UNIFIED IDEOGRAPH-4E00}", max_size=40)
TABLES = st.integers(1, 8).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=5))


@given(TABLES, st.integers(45, 200), st.data())
def test_a_table_is_no_wider_than_the_terminal_and_only_spare_columns_go(
    lines: list[list[str]], width: int, data: st.DataObject
) -> None:
    positions = st.sampled_from(range(len(lines[0])))
    spare, prose = data.draw(st.lists(positions, unique=True)), data.draw(st.sets(positions))
    of = layout(lines, width, spare, prose)
    between = 3 if of.is_whole else 1
    assert sum(of.widths) + between * len(of.widths) + 1 <= width
    gone = [position for position in range(len(lines[0])) if position not in of.shown]
    assert gone == sorted(spare[: len(gone)])
    assert of.shown
    if of.is_whole:
        assert not gone


@given(CELLS, st.integers(4, 30))
def test_a_wrapped_cell_has_all_of_its_characters_and_breaks_no_part_of_a_name(text: str, width: int) -> None:
    lines = wrapped(text, width).split("\n")
    assert all(any(word in line for line in lines) for word in text.split() if cell_len(word) <= width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width or not re.search(r"\s|[_./](?=[^\s\d])", line.strip()) for line in lines)


def test_cells_are_wrapped_between_words_before_a_column_goes_and_words_are_broken_last() -> None:
    lines = [["who", "when", "n"], ["administration", "2026-04-12 06:00", "123456"]]
    assert layout(lines, 46).widths == (14, 16, 6)
    assert layout(lines, 36, spare=[2]).shown == (0, 1, 2)
    assert layout(lines, 33, spare=[2]) == ((0, 1), (14, 16), False)
    assert layout(lines, 24, spare=[2]).widths == (11, 10)
    assert layout([["metric"], ["conversion_rate"]], 14).widths == (12,)
