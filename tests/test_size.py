"""No module is longer than 300 lines and no function than 40: CONTRIBUTING says so, this holds it."""

import ast
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
FOLDERS = ("metrics", "streams", "deploy", "bench", "tests")
MODULES = sorted(
    path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.py") if "node_modules" not in path.parts
)
PAGE = sorted(
    path for path in (PROJECT / "streams" / "web" / "static").iterdir() if path.suffix in {".js", ".css", ".html"}
)


def lines_of(text: str) -> int:
    return len(text.splitlines())


def long_functions(text: str) -> Iterator[tuple[str, int]]:
    """Functions over the limit, from `def` to the end: with the docstring, without decorators."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.name, length


def test_no_file_of_code_is_longer_than_300_lines() -> None:
    lengths = {str(path.relative_to(PROJECT)): lines_of(path.read_text()) for path in [*MODULES, *PAGE]}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = {str(path.relative_to(PROJECT)): dict(long_functions(path.read_text())) for path in MODULES}
    assert {name: functions for name, functions in long.items() if functions} == {}


def test_the_gate_would_notice() -> None:
    at_limit = "@decorated\ndef f():\n" + "    x = 1\n" * (LONGEST_FUNCTION - 1)
    assert list(long_functions(at_limit)) == []
    assert list(long_functions(at_limit + "    x = 1\n")) == [("f", LONGEST_FUNCTION + 1)]
    assert list(long_functions("class A:\n    async def g(self):\n" + "        x = 1\n" * 40)) == [("g", 41)]
