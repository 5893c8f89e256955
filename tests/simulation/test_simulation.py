"""The simulation finds what it should, finds nothing else, and replays exactly."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from streams.store import blocks, client
from tests.native import needs_native
from tests.simulation import worker
from tests.simulation.__main__ import outcomes
from tests.simulation.breaches import BREACHES
from tests.simulation.invariants import ESCAPES, MOVES

PROJECT = Path(__file__).parents[2]
WITHIN = 800
"""Within so many seeds each planted breach is found."""

WORDS = {
    "take", "reject", "land", "commit", "rebalance", "crash", "refresh_look", "refresh_note", "fold",
    "erase_mark", "erase_look", "erase_done", "drain_start", "drain_end", "end",
}  # fmt: skip


def run(*options: str, hash_seed: str = "1") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *options],
        cwd=PROJECT, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.long
def test_every_invariant_holds_under_a_hundred_seeds() -> None:
    assert [str(outcome.violation) for outcome in outcomes(range(100)) if outcome.violation] == []


@pytest.mark.long
@pytest.mark.parametrize("breach", BREACHES)
def test_a_planted_breach_is_found(breach: str) -> None:
    found = next(outcome.violation for outcome in outcomes(range(WITHIN), breach) if outcome.violation)
    assert found.invariant not in (ESCAPES, MOVES)  # a breach that does not even run would be found as well


def test_the_same_seed_gives_the_same_trace() -> None:
    first, second = ([outcome.trace for outcome in outcomes(range(20, 30))] for _ in range(2))
    assert first == second
    assert len({tuple(trace) for trace in first}) == len(first)


@needs_native
@pytest.mark.parametrize("count", [10, pytest.param(300, marks=pytest.mark.long)])
def test_native_code_leaves_the_same_trace(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    by_python = [(outcome.trace, outcome.steps) for outcome in outcomes(range(count))]
    monkeypatch.setattr(worker, "INGEST", worker.INGEST.model_copy(update={"native": True}))
    landed: list[int] = []
    block = blocks.packed_insert

    def packed_insert(table: str, columns: Sequence[str], made: bytes) -> bytes:
        landed.append(len(made))
        return block(table, columns, made)

    monkeypatch.setattr(client, "packed_insert", packed_insert)
    by_native = list(outcomes(range(count)))
    assert [str(outcome.violation) for outcome in by_native if outcome.violation] == []
    assert [(outcome.trace, outcome.steps) for outcome in by_native] == by_python
    assert len(landed) > count


@pytest.mark.long
def test_traces_speak_in_the_words_of_the_protocol_and_use_all_of_them() -> None:
    traces = [msgspec.json.decode(line) for outcome in outcomes(range(100)) for line in outcome.trace]
    assert {event["event"] for event in traces} == WORDS
    assert all({"t", "worker"} <= event.keys() for event in traces)


@pytest.mark.long
def test_a_failing_seed_is_printed_with_the_command_that_replays_it() -> None:
    breach = "the-source-is-no-part-of-the-sorting-key"
    found = run("--seeds", "8", "--breach", breach)
    assert found.returncode == 1
    seed, violation = found.stdout.splitlines()[0].removeprefix("seed ").split(": ", 1)
    command = found.stdout.splitlines()[1].split("python -m tests.simulation ")[1]
    assert command == f"--seed {seed} --breach {breach}"
    first, second = (run(*command.split(), hash_seed=text) for text in ("1", "random"))
    assert first.returncode == 1
    assert first.stdout == second.stdout
    assert first.stdout.splitlines()[-1] == f"seed {seed}: {violation}"
