"""Reading one table: what is wrong is written down, and reading goes on."""

from metrics.registry import Problem
from metrics.registry.table import Table, shown, suggestion


def test_long_values_are_cut_where_an_error_quotes_them() -> None:
    assert shown("x" * 58) == repr("x" * 58)
    assert shown("x" * 5_000) == "'" + "x" * 59 + "..."


def test_a_word_far_from_all_known_ones_gets_the_whole_list() -> None:
    assert suggestion("kiosk", ["it", "sales"]) == "use one of: it, sales"
    assert suggestion("salse", ["it", "sales"]) == "did you mean 'sales'?"


def test_reading_goes_on_after_a_problem_with_values_of_the_right_type() -> None:
    problems: list[Problem] = []
    table = Table({"name": 1, "weight": "2"}, "target[1]", len, problems)
    assert table.text("name", '"x"') == ""
    assert table.optional_text("name", '"x"') is None
    assert isinstance(table.number("weight", "2"), float)
    assert isinstance(table.number("floor", "0"), float)
    assert [(problem.path, problem.line) for problem in problems] == [
        ("target[1].name", 4),
        ("target[1].name", 4),
        ("target[1].weight", 6),
        ("target[1].floor", 5),
    ]
