"""What runbooks say to type can be typed."""

import re
import shlex
from pathlib import Path

import pytest

from tests.commands import COMMANDS, GROUPS

PROJECT = Path(__file__).resolve().parents[1]
RUNBOOKS = sorted((PROJECT / "docs" / "runbooks").glob("*.md"))
EMBEDDED = "operations.md#runbooks-in-embedded-mode"
ELSEWHERE = re.compile(r"SELECT |ALTER |GRANT |[Rr]estart|retention|Restore|docker")
"""What is done in another way under `cxb up`."""
STANDS_FOR = {
    "T": "2026-03-01", "D": "sales", "M": "nps", "R": "too_old", "FILE": "events.ndjson",
    "REGISTRY": str(PROJECT / "deploy" / "registry.toml"),
}  # fmt: skip
TYPED = [
    (path.stem, " ".join(text.split())) for path in RUNBOOKS for text in re.findall(r"`cxb\s([^`]+)`", path.read_text())
]


def arguments_of(typed: str) -> tuple[str, list[str]]:
    """A command by its name, and its arguments with something in place of what stands for it."""
    first, *rest = shlex.split(typed)
    name = f"{first} {rest.pop(0)}" if first in GROUPS and rest and f"{first} {rest[0]}" in COMMANDS else first
    return name, [STANDS_FOR.get(word, word) for word in rest]


@pytest.mark.parametrize(("runbook", "typed"), TYPED, ids=[f"{runbook}: {typed}" for runbook, typed in TYPED])
def test_a_command_in_a_runbook_is_accepted_as_it_stands_there(runbook: str, typed: str) -> None:
    name, arguments = arguments_of(typed)
    if name == "up":
        return  # named, not typed
    command = COMMANDS[name]
    required = {parameter.name for parameter in command.params if parameter.required}
    # Without its arguments a command is named, and not to be typed.
    command.make_context(name, arguments, resilient_parsing=bool(required) and not arguments)


def test_a_flag_that_a_command_does_not_have_would_be_noticed() -> None:
    name, arguments = arguments_of("rebuild --since T")
    with pytest.raises(Exception, match="No such option"):
        COMMANDS[name].make_context(name, arguments)


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_about_the_service_says_what_to_do_under_cxb_up(path: Path) -> None:
    text = path.read_text()
    if ELSEWHERE.search(text):
        assert EMBEDDED in text
