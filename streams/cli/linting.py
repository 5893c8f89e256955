"""What a lint found, for people and as JSON."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from metrics.registry import Problem
from streams.cli import output
from streams.wording import counted


def linted(file: Path, problems: Sequence[Problem], *, as_json: bool) -> None:
    """Shows the problems of a file, to stdout, and how many there are.

    Raises:
        typer.Exit: One of them is an error.
    """
    if as_json:
        output.as_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            sys.stdout.write(f"{file}: {problem.severity}: {problem}\n")
    errors = sum(problem.severity == "error" for problem in problems)
    output.say(f"{file}: {counted(errors, 'error')}, {counted(len(problems) - errors, 'warning')}")
    if errors:
        raise typer.Exit(1)
