"""How a problem reads, and that the reference explains each."""

import re
from pathlib import Path

import pytest

from metrics.registry import Code, Problem, RegistryError, parse
from tests.metrics.registry_text import with_rule

ROOT = Path(__file__).parents[3]


def test_the_error_lists_its_problems_one_a_line() -> None:
    with pytest.raises(RegistryError) as raised:
        parse(with_rule('touchpoint = "*"\nowner = "foo"\nkind = "nsp"'))
    assert str(raised.value).splitlines() == [
        "line 17, ownership[1].owner: unknown department 'foo' (known: it, sales); "
        "add a [[department]] or correct the id",
        "line 18, ownership[1].kind: unknown kind 'nsp'; did you mean 'nps'?",
    ]


def test_a_problem_without_a_line_names_its_path_alone() -> None:
    text = str(Problem("error", Code.BAD_VALUE, "policy", None, "is empty", "fill it in"))
    assert text == "policy: is empty; fill it in"


def test_every_code_is_explained_in_the_reference() -> None:
    text = (ROOT / "docs" / "registry.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([a-z-]+)` \| (?:error|warning) \|", text, re.MULTILINE)
    assert sorted(explained) == sorted(Code)
