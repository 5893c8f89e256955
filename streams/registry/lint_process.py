"""The lint of a text that anybody may have written, as a process of its own: `python -m streams.registry.lint_process`.

A few thousand bytes can keep the parser of TOML busy for minutes. Nothing can interrupt it where it runs, so it runs
here, where time and memory have limits. Reads the text from standard input, writes what it found as JSON.
"""

import json
import resource
import sys
from dataclasses import asdict
from typing import Any, Final

from metrics.lint.lint import lint_registry
from metrics.registry import Problem, Registry, RegistryError, parse

CPU_S: Final = 3
CPU_S_OF_A_MILLION: Final = 6
"""And for each million characters: 25,000 rules are three million, and take some 4 s where nothing else runs."""
MEMORY_BYTES: Final = 1 << 30
MOST_PROBLEMS: Final = 200
_LONGEST: Final = 1000


def main() -> None:
    """Lints standard input; beyond the limits the process ends with another code than 0."""
    text = sys.stdin.buffer.read().decode("utf-8")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # Of the lint itself: what starting took does not count.
    used_s = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + cpu_limit_s(len(text)) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used_s, used_s))
    json.dump(_found(text), sys.stdout)


def cpu_limit_s(length: int) -> int:
    """How long a text of so many characters may be read for, processor seconds.

    >>> cpu_limit_s(10_000), cpu_limit_s(3_000_000)
    (3, 21)
    """
    return CPU_S + CPU_S_OF_A_MILLION * length // 1_000_000


def _found(text: str) -> dict[str, Any]:
    """What is wrong with a text; and without an error its version and departments, for it is read here anyway."""
    registry: Registry | None = None
    problems: tuple[Problem, ...]
    try:
        registry = parse(text)
        problems = lint_registry(registry, text)
    except RegistryError as error:
        problems = error.problems
    errors = sum(problem.severity == "error" for problem in problems)
    known = registry if registry and not errors else None
    return {
        "errors": errors,
        "warnings": len(problems) - errors,
        "problems": [_short(asdict(problem)) for problem in problems[:MOST_PROBLEMS]],
        "version": known.version if known else None,
        "departments": [{"id": one.id, "name": one.name, "office": one.office} for one in known.departments]
        if known
        else [],
    }


def _short(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in problem.items()}


if __name__ == "__main__":
    main()
