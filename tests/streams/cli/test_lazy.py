"""Commands that are imported when they are called."""

import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from streams.cli.app import app
from tests.commands import CLI
from tests.e2e.running import PROJECT, cxb, environment

HEAVY = {"aiohttp", "aiokafka", "asyncio", "chdb", "clickhouse_connect", "faust", "metrics", "msgspec", "numpy", "rich"}
OF_TYPER = {"importlib.metadata", "pydantic"}
"""Typer checks the options of a command with pydantic: only the help of the whole goes without."""


def run(*arguments: str, **variables: str) -> tuple[list[str], set[str]]:
    """The lines that `cxb` writes to stdout, and the modules and packages that it has loaded when it ends."""
    script = (
        "import sys\n"
        f"sys.argv = {['cxb', *arguments]}\n"
        "from streams.cli.main import main\n"
        "try: main()\n"
        "finally: print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, env=environment(variables), capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    *lines, modules = done.stdout.splitlines()
    loaded = {*modules.split(), *(name.partition(".")[0] for name in modules.split())}
    assert "typer" in loaded
    return lines, loaded


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_waits_for_nothing_that_it_does_not_need(flag: str) -> None:
    lines, loaded = run(flag)
    assert lines[0].startswith("Usage: cxb")
    assert loaded & (HEAVY | OF_TYPER) == set()


def test_help_of_a_group_waits_for_none_of_its_commands() -> None:
    lines, loaded = run("registry", "--help")
    assert lines[0].startswith("Usage: cxb registry")
    assert loaded & HEAVY == set()


def test_completion_of_commands_waits_for_none_of_them() -> None:
    lines, loaded = run(_CXB_COMPLETE="complete_bash", COMP_WORDS="cxb re", COMP_CWORD="1")
    assert lines == [name for name in CLI.commands if name.startswith("re")]
    assert loaded & HEAVY == set()


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("cxb registry ", {"check", "show", "diff", "import", "export"}),
        ("cxb drift ", {"plan", "budget", "replay"}),
        ("cxb baseline s", {"show"}),
        ("cxb balances --view ", {"as_was", "as_is"}),
        ("cxb rejected --reason too_", {"too_large", "too_old"}),
        ("cxb report --fo", {"--format"}),
        ("cxb report --si", set()),
    ],
)
def test_a_shell_completes_commands_options_and_values(words: str, completed: set[str]) -> None:
    variables = {"_CXB_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    result = CliRunner().invoke(app, [], prog_name="cxb", env=variables)
    assert set(result.stdout.split()) == completed


@pytest.mark.parametrize("group", [None, "registry"])
def test_the_line_of_a_command_is_the_first_sentence_of_its_help(group: str | None) -> None:
    lazy: Any = typer.main.get_command(app)
    lazy, loaded = (lazy, CLI) if group is None else (lazy.commands[group].load(), CLI.commands[group])
    lines = {name: command.get_short_help_str(200) for name, command in lazy.commands.items()}
    assert lines == {name: command.get_short_help_str(200) for name, command in loaded.commands.items()}


def test_a_command_under_two_names_is_one() -> None:
    assert (
        cxb("registry", "check", "deploy/registry.toml", variables={}).stderr
        == cxb("check", "deploy/registry.toml", variables={}).stderr
    )
