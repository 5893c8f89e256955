"""`python -m tests.mutants`: breaks what is on the list, one at a time in a copy, and says which test notices.

All of it writes the table into docs/reliability.md; `--some N` takes five, which ones by the number.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Final

from tests.mutants.planted import PROJECT, Breach, planted

DOCUMENT: Final = PROJECT / "docs" / "reliability.md"
BEGINS: Final = "<!-- table of planted breaches: make mutants -->\n"
ENDS: Final = "<!-- end of planted breaches -->\n"
SOME: Final = 5
AT_ONCE: Final = 2
LONGEST_S: Final = 120.0
WHOLE_LONGEST_S: Final = 600.0
_FAILED: Final = re.compile(r"^FAILED (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a breach.

    Attributes:
        breach: Which one.
        caught_by: The test that failed, "" for none.
        said: The end of what pytest said.
        seconds: How long it took.
    """

    breach: Breach
    caught_by: str
    said: str
    seconds: float


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the project's files, without those that git does not know; the jars of Kafka are shared."""
    with tempfile.TemporaryDirectory(prefix="cxb-mutants-") as scratch:
        copy = Path(scratch) / "project"
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=PROJECT, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for name in filter(None, names.split("\0")):
            if (PROJECT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / name, copy / name)
        (PROJECT / ".cache").mkdir(exist_ok=True)
        (copy / ".cache").symlink_to(PROJECT / ".cache")
        yield copy


def pytest_on(copy: Path, tests: Sequence[str], *more: str, longest_s: float = LONGEST_S) -> tuple[int, str]:
    """The exit code of pytest on some tests of a copy, which stops at the first that fails, and what it said.

    A test that hangs counts as one that neither passes nor fails.
    """
    # First on the path, also for the processes that tests start: the copy, not what is installed.
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "--tb=line", "-p", "no:cacheprovider", *more, *tests]
    process = subprocess.Popen(
        command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=longest_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        said, _ = process.communicate()
        return -1, f"{said}\nno end after {longest_s:.0f} s"
    return process.returncode, said


def planted_in(copy: Path, breach: Breach) -> Outcome:
    """Applies a breach to a copy, runs its tests, and takes it back."""
    file, began = copy / breach.file, time.monotonic()
    whole = file.read_text(encoding="utf-8")
    file.write_text(breach.applied(whole), encoding="utf-8")
    try:
        code, said = pytest_on(copy, breach.tests)
    finally:
        file.write_text(whole, encoding="utf-8")
    failed = _FAILED.search(said) if code == 1 else None
    return Outcome(breach, failed[1] if failed else "", said, time.monotonic() - began)


def chosen(breaches: Sequence[Breach], number: int | None) -> list[Breach]:
    """All of them, or SOME from all over the list: consecutive numbers take turns through it."""
    if number is None:
        return list(breaches)
    return [breaches[(number + part * len(breaches) // SOME) % len(breaches)] for part in range(SOME)]


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as Markdown."""
    rows = (
        f"| {outcome.breach.name} | `{outcome.breach.file}` | `{_short(outcome.caught_by)}` |\n" for outcome in outcomes
    )
    return "| broken | where | noticed by |\n|---|---|---|\n" + "".join(rows)


def _short(test: str) -> str:
    return re.sub(r"^tests/(.*)\.py::(\w+).*", r"\1: \2", test)


def write(outcomes: Sequence[Outcome]) -> None:
    """Puts the table between its marks in the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGINS)
    _, after = rest.split(ENDS)
    head = f"\n{len(outcomes)} breaches, each noticed:\n\n"
    DOCUMENT.write_text(f"{before}{BEGINS}{head}{table(outcomes)}\n{ENDS}{after}", encoding="utf-8")


def run(breaches: Sequence[Breach]) -> list[Outcome]:
    """Plants each breach, two at a time, each in a copy of its own, and says what became of it."""
    with ExitStack() as stack:
        copies: Queue[Path] = Queue()
        for _ in range(AT_ONCE):
            copies.put(stack.enter_context(copied()))
        check_whole(copies.queue[0], breaches)

        def in_a_free_copy(breach: Breach) -> Outcome:
            copy = copies.get()
            try:
                outcome = planted_in(copy, breach)
            finally:
                copies.put(copy)
            verdict = f"noticed by {outcome.caught_by}" if outcome.caught_by else f"NOT NOTICED\n{outcome.said}"
            print(f"{outcome.seconds:5.1f} s  {breach.name}: {verdict}", flush=True)
            return outcome

        return list(stack.enter_context(ThreadPoolExecutor(AT_ONCE)).map(in_a_free_copy, breaches))


def check_whole(copy: Path, breaches: Sequence[Breach]) -> None:
    """Whether each breach can be planted, and the tests pass without it.

    Raises:
        ValueError: The list does not follow the code.
        SystemExit: A test fails, or there is none.
    """
    for breach in breaches:
        breach.applied((copy / breach.file).read_text(encoding="utf-8"))
    tests = sorted({test for breach in breaches for test in breach.tests})
    code, said = pytest_on(copy, tests, "-n", str(AT_ONCE), longest_s=WHOLE_LONGEST_S)
    if code != 0:
        raise SystemExit(f"the tests do not pass on what is whole:\n{said}")


def main() -> None:
    """Runs all, or some; exits with 1 if one was not noticed."""
    parser = argparse.ArgumentParser(prog="tests.mutants")
    parser.add_argument("--some", type=int, metavar="N", help=f"only {SOME}, which ones by this number")
    parser.add_argument("--only", metavar="TEXT", help="only those with this in their name")
    options = parser.parse_args()
    breaches = [breach for breach in chosen(planted(), options.some) if (options.only or "") in breach.name]
    outcomes = run(breaches)
    unnoticed = [outcome.breach.name for outcome in outcomes if not outcome.caught_by]
    print(f"{len(outcomes)} breaches, {len(outcomes) - len(unnoticed)} noticed")
    if unnoticed:
        raise SystemExit("not noticed: " + "; ".join(unnoticed))
    if options.some is None and options.only is None:
        write(outcomes)


if __name__ == "__main__":
    main()
