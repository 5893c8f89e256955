"""The lint of a text that anybody may have written, as a process of its own: `python -m streams.registry.lint_process`.

A few thousand bytes can keep the parser of TOML busy for minutes. Nothing can interrupt it where it runs, so it runs
here, where time and memory have limits. Reads the text from standard input, writes what it found as JSON.
"""

import json
import resource
import sys
from dataclasses import asdict
from typing import Any, Final

from metrics.lint.lint import lint

CPU_S: Final = 3
MEMORY_BYTES: Final = 1 << 30
MOST_PROBLEMS: Final = 200
_LONGEST: Final = 1000


def main() -> None:
    """Lints standard input; beyond the limits the process ends with another code than 0."""
    text = sys.stdin.buffer.read().decode("utf-8")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # Of the lint itself: what starting took does not count.
    used_s = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + CPU_S + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used_s, used_s))
    problems = lint(text)
    errors = sum(problem.severity == "error" for problem in problems)
    shown = [_short(asdict(problem)) for problem in problems[:MOST_PROBLEMS]]
    json.dump({"errors": errors, "warnings": len(problems) - errors, "problems": shown}, sys.stdout)


def _short(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in problem.items()}


if __name__ == "__main__":
    main()
