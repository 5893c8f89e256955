"""Registry files for tests, and what is found in them."""

import pytest

from metrics.lint.lint import lint
from metrics.registry import Code, Problem, RegistryError, parse

MINIMAL = """\
version = "1"
policy = "single"
"""

COMPANY_OF_TWO = """\
version = "1"
policy = "single"

[[department]]
id = "it"
name = "IT"
office = "back"

[[department]]
id = "sales"
name = "Sales"
office = "front"
receiver = "sales-oncall"
"""

TOP = """\
version = "1"
policy = "team"
sponsor = "cmo"
"""
DEPARTMENTS = """
[[department]]
id = "it"
name = "IT"
office = "back"
receiver = "it-oncall"

[[department]]
id = "sales"
name = "Sales"
office = "front"
receiver = "sales-oncall"
"""
TARGETS = """
[[target]]
metric = "nps"
floor = 0
internal = 40

[[target]]
metric = "traffic"
floor = 0
internal = 40
"""


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(RegistryError) as raised:
        parse(text)
    return raised.value.problems


def only_problem_of(text: str) -> Problem:
    (problem,) = problems_of(text)
    return problem


def with_rule(lines: str) -> str:
    return f"{COMPANY_OF_TWO}\n[[ownership]]\n{lines}\n"


def with_target(lines: str) -> str:
    return f"{COMPANY_OF_TWO}\n[[target]]\n{lines}\n"


def touchpoint(name: str) -> str:
    return f'\n[[touchpoint]]\nid = "{name}"\nname = {{ en = "X" }}\nstage = "before"\nchannel = "online"\n'


def rule(pattern: str, owner: str, *more: str) -> str:
    return "\n".join(("\n[[ownership]]", f'touchpoint = "{pattern}"', f'owner = "{owner}"', *more, ""))


OTHERS = rule("other.*", "it") + rule("other.desk", "sales") + touchpoint("other.desk")
"""Gives both departments something to own, so that a test's own rules need not."""


def company(*tables: str) -> str:
    # A volume without a department is a finding of its own.
    return TOP + DEPARTMENTS + "".join(tables) + OTHERS + TARGETS.replace("traffic", "conversion_rate")


def findings(text: str) -> list[tuple[str, Code, str]]:
    return [(problem.severity, problem.code, problem.path) for problem in lint(text)]
