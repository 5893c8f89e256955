"""The lint of a registry that came from outside: in a process of its own, of bounded time and memory."""

import os
import subprocess
import sys
from typing import Final

import msgspec

from streams.registry.lint_process import CPU_S

WALL_S: Final = 20.0
"""A machine that is busy gives a process less than its share."""
LONGEST_REGISTRY: Final = 200_000
"""Of a text: some two thousand rules."""
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


class Lint(msgspec.Struct, frozen=True):
    """What a lint found: how much, and the first of it in order of lines."""

    errors: int
    warnings: int
    problems: tuple[LintProblem, ...]


def lint_apart(text: str) -> Lint:
    """What `cxb check` finds in a text. Waits for a process: for a thread that may.

    Raises:
        TooHeavy: It is too long, or took too long or too much memory.
    """
    if len(text) > LONGEST_REGISTRY:
        raise TooHeavy(f"{len(text):,} characters: a registry of at most {LONGEST_REGISTRY:,} is checked here")
    # It needs nothing that the environment says, such as passwords: only where modules are.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    # Not text=True: that would read with the locale's encoding, and turn ends of lines.
    try:
        child = subprocess.run(  # noqa: S603 - our own module; the text is its standard input
            _COMMAND, input=text.encode(), capture_output=True, timeout=WALL_S, env=environment, check=True
        )
    except UnicodeEncodeError:
        raise TooHeavy("not Unicode: half of a surrogate pair") from None
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise TooHeavy(
            f"it took more than {CPU_S} s or a gigabyte to read: make it smaller, with shorter keys, or use cxb check"
        ) from None
    return msgspec.json.decode(child.stdout, type=Lint)
