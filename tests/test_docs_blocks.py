"""Every block of code in a document is what it says it is: it compiles, parses, or names what exists."""

import ast
import importlib.util
import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.commands import CLI
from tests.documents import PROJECT, Block, blocks
from tests.tools import tool

CHECKED = {"python", "json", "toml", "yaml", "sh", "sql", "promql"}
"""A block of sql is also checked by tests/streams/store/test_documents.py, on the engine."""
EXAMPLES = {"go", "java", "js", "rust"}
"""Copied from programs that tests/clients/ runs, and compared by tests/clients/test_examples.py; of docs/schema.md from
one that tests/metrics/contract/test_java.py runs; of docs/gateway.md run by tests/e2e/test_gateway.py."""
SHOWN = {"text", "mermaid"}
"""What nothing can check: output, formulas and drawings."""
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))


def test_every_block_says_its_language() -> None:
    assert {str(block): block.language for block in blocks() if block.language not in CHECKED | EXAMPLES | SHOWN} == {}
    assert len(blocks()) > 20


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_compiles_and_its_imports_are_there(block: Block) -> None:
    tree = ast.parse(block.text)
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            assert all(hasattr(module, alias.name) for alias in node.names)
        assert all(importlib.util.find_spec(name) for name in names)


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_parses_whole_or_by_line(block: Block) -> None:
    if block.label == "not_json":
        for line in block.text.splitlines():
            with pytest.raises(ValueError, match="constant"):
                json.loads(line, parse_constant=_no_constant)
        return
    try:
        json.loads(block.text)
    except json.JSONDecodeError:
        assert [json.loads(line) for line in block.text.splitlines()]


def _no_constant(name: str) -> None:
    raise ValueError(f"a constant that JSON does not have: {name}")


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_toml_parses(block: Block) -> None:
    assert tomllib.loads(block.text)


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_parses(block: Block) -> None:
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", blocks("sh"), ids=str)
def test_shell_parses(block: Block) -> None:
    checked = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("block", blocks("promql"), ids=str)
def test_promql_parses(block: Block, tmp_path: Path) -> None:
    queries = [line for line in block.text.splitlines() if line and not line.startswith("#")]
    rules = [{"record": f"checked_{number}", "expr": query} for number, query in enumerate(queries)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "checked", "rules": rules}]}))
    checked = subprocess.run([tool("promtool"), "check", "rules", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert queries


def calls(block: Block) -> list[list[str]]:
    """The words of each command of a block of shell, or of each line behind a prompt in what is shown."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "text":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    words = [shlex.split(part, comments=True) for line in lines for part in re.split(r" [|;] | && ", line)]
    return [call for call in words if call]


@pytest.mark.parametrize("block", blocks("sh", "text"), ids=str)
def test_commands_options_and_targets_exist(block: Block) -> None:
    for call in calls(block):
        program = call[0].rpartition("/")[2]
        if program == "cxb":
            _check_cxb(call[1:])
        if program == "make":
            assert {word for word in call[1:] if "=" not in word} <= TARGETS, call


def _check_cxb(words: list[str]) -> None:
    command = CLI
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    alone = not hasattr(command, "commands") or not getattr(command, "no_args_is_help", False)
    assert alone, ("a subcommand is missing", command.name, words)
    assert not (hasattr(command, "commands") and words and not words[0].startswith("-")), (command.name, words)
    known = {option for parameter in command.params for option in parameter.opts}
    options = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
    assert options - known == set(), (command.name, options - known)


def test_a_command_that_does_not_exist_is_noticed() -> None:
    for wrong in (["nothing"], ["balances", "--nothing"], ["registry", "nothing"]):
        with pytest.raises(AssertionError):
            _check_cxb(wrong)
    block = Block(PROJECT, 1, "sh", "", "cxb up --demo | cat && make test  # a comment\n")
    assert calls(block) == [["cxb", "up", "--demo"], ["cat"], ["make", "test"]]
