"""The lint of a registry that came from outside: in a process of its own, of bounded time and memory."""

import os
import subprocess
import sys
from hashlib import sha256
from typing import Final

import msgspec

from streams.registry.lint_process import cpu_limit_s

WALL_S: Final = 20.0
"""A machine that is busy gives a process less than its share."""
WALL_S_OF_A_MILLION: Final = 10.0
"""And for each million characters."""
LONGEST_REGISTRY: Final = 4_000_000
"""Of a text: some 35,000 rules, or 5,000 touchpoints that have had six owners each."""
LONGEST_S: Final = WALL_S + WALL_S_OF_A_MILLION * LONGEST_REGISTRY / 1_000_000
"""The most that a lint takes."""
LARGER: Final = "use cxb check and cxb registry diff for a larger one"
_COMMAND: Final = (sys.executable, "-P", "-m", "streams.registry.lint_process")


class TooHeavy(ValueError):
    """A text that takes too long or too much to read."""


class LintProblem(msgspec.Struct, frozen=True):
    """One thing that is wrong with a registry, or probably not meant."""

    severity: str
    code: str
    path: str
    line: int | None
    message: str
    remedy: str


class LintDepartment(msgspec.Struct, frozen=True):
    """Who could own something under it."""

    id: str
    name: str
    office: str


class Lint(msgspec.Struct, frozen=True):
    """What a lint found: how much, and the first of it in order of lines; with an error neither version nor owners."""

    errors: int
    warnings: int
    problems: tuple[LintProblem, ...]
    version: str | None
    departments: tuple[LintDepartment, ...]


class KeptLints:
    """What was found in the last few texts: whoever asks for effects has had the same text checked as it was typed."""

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._found: dict[bytes, Lint] = {}

    def of(self, text: str) -> Lint:
        """As `lint_apart`, of which a text that took too long is asked again."""
        key = sha256(text.encode("utf-8", "surrogatepass")).digest()
        found = self._found.get(key)
        if found is None:
            found = lint_apart(text)
            for old in [*self._found][: 1 - self._most]:
                self._found.pop(old, None)
            self._found[key] = found
        return found


def lint_apart(text: str) -> Lint:
    """What `cxb check` finds in a text. Waits for a process: for a thread that may.

    Raises:
        TooHeavy: It is too long, or took too long or too much memory.
    """
    if len(text) > LONGEST_REGISTRY:
        raise TooHeavy(
            f"{len(text):,} characters: a registry of at most {LONGEST_REGISTRY:,} is checked here; {LARGER}"
        )
    # It needs nothing that the environment says, such as passwords: only where modules are.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    wall_s = WALL_S + WALL_S_OF_A_MILLION * len(text) / 1_000_000
    # Not text=True: that would read with the locale's encoding, and turn ends of lines.
    try:
        child = subprocess.run(  # noqa: S603 - our own module; the text is its standard input
            _COMMAND, input=text.encode(), capture_output=True, timeout=wall_s, env=environment, check=True
        )
    except UnicodeEncodeError:
        raise TooHeavy("not Unicode: half of a surrogate pair") from None
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise TooHeavy(
            f"it took more than {cpu_limit_s(len(text))} s or a gigabyte to read: make it smaller, with shorter keys, "
            "or use cxb check"
        ) from None
    return msgspec.json.decode(child.stdout, type=Lint)
