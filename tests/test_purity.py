"""`metrics/` is pure: the same input gives the same output, wherever and whenever it runs."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
MODULES = sorted(PROJECT.glob("metrics/**/*.py"))
NAMES = [".".join(path.relative_to(PROJECT).with_suffix("").parts) for path in MODULES]
ALLOWED = {
    "array", "base64", "bisect", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum", "fastavro",
    "functools", "google", "hashlib", "heapq", "hmac", "io", "itertools", "jmespath", "json", "math", "msgspec",
    "numpy", "operator", "proto_schema_parser", "re", "struct", "tomllib", "types", "typing", "metrics", "uuid",
    "zoneinfo",
}  # fmt: skip
FORBIDDEN_CALLS = {"now", "utcnow", "today", "open", "print", "input", "exec", "eval", "getenv", "sleep"}


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("module", MODULES, ids=NAMES)
def test_the_domain_imports_nothing_that_touches_the_outside(module: Path) -> None:
    assert imports(ast.parse(module.read_text())) - ALLOWED == set()


@pytest.mark.parametrize("module", MODULES, ids=NAMES)
def test_the_domain_asks_no_clock_and_no_file(module: Path) -> None:
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call)
    }
    assert called & FORBIDDEN_CALLS == set()


@pytest.mark.parametrize("module", NAMES)
def test_the_examples_in_docstrings_are_true(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_the_domain_draws_no_number_without_a_seed(module: Path) -> None:
    draws = [
        node
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("np.random.", "numpy.random."))
    ]
    assert all(ast.unparse(node.func).endswith(".default_rng") and node.args for node in draws)


def test_the_gate_would_notice() -> None:
    assert imports(ast.parse("import os\nfrom time import time")) - ALLOWED == {"os", "time"}


@pytest.mark.parametrize("package", ["metrics", "streams"])
def test_every_test_file_mirrors_a_module(package: str) -> None:
    folder = PROJECT / "tests" / package
    strays = [
        str(file.relative_to(PROJECT))
        for file in folder.rglob("test_*.py")
        if not _mirrored(PROJECT / package / file.relative_to(folder).parent, file.stem.removeprefix("test_"))
    ]
    assert strays == []


def _mirrored(folder: Path, name: str) -> bool:
    # A long test file may be split by subject: test_lint_rules.py is of lint_rules.py, or of lint.py.
    parts = name.split("_")
    return any((folder / f"{'_'.join(parts[:end])}.py").is_file() for end in range(len(parts), 0, -1))
