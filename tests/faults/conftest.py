"""Fixtures of the fault suite, its scale, and the table that it prints."""

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.checker import Verdict, check
from tests.faults.ledger import Ledger, Publisher, entries
from tests.faults.proxy import Proxy
from tests.faults.world import StoreProcess, World
from tests.kafka.broker import KafkaBroker

FULL = os.environ.get("CXB_FAULTS") == "full"
RESULTS = Path(__file__).resolve().parents[2] / ".cache" / "faults.json"


def scale(slice_: int, full: int) -> int:
    """How often or how long: little in the slice that CI runs, more in the full run."""
    return full if FULL else slice_


@dataclass
class Outcome:
    """One line of the table."""

    case: str
    repetitions: int = 0
    events: int = 0
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    recovered_s: float = 0.0
    notes: list[str] = field(default_factory=list)


_outcomes: dict[str, Outcome] = {}


@pytest.fixture
def outcome(request: pytest.FixtureRequest) -> Outcome:
    """The line of this test's case: named by the test's first parameter or its own name."""
    name = request.node.name.removeprefix("test_").replace("_", " ")
    return _outcomes.setdefault(name, Outcome(name))


@pytest.fixture(scope="session")
def store_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    """The store of the cases that do not hurt it."""
    store = StoreProcess(tmp_path_factory.mktemp("faults-store"))
    store.start()
    yield store
    store.stop()


@pytest.fixture
def world(
    tmp_path: Path, kafka: KafkaBroker, store_process: StoreProcess, fresh_name: Callable[[], str]
) -> Iterator[World]:
    """A world on the session's broker and store."""
    name = fresh_name()[-40:]
    kafka.create_topic(name, 4)
    kafka.create_topic(f"{name}.dlq", 1)
    database = "f_" + name.replace("-", "_").replace(".", "_")
    made = World(tmp_path, kafka.bootstrap, store_process, name, f"{name}-group", database, Proxy(store_process.port))
    yield made
    made.close()


Verify = Callable[[World, Ledger], Awaitable[Verdict]]


@pytest.fixture
def verify(outcome: Outcome) -> Verify:
    """Waits until all is committed and fresh, holds everything against the ledger, and books the outcome."""

    async def run(world: World, ledger: Ledger) -> Verdict:
        outcome.recovered_s = max(outcome.recovered_s, await world.all_committed(ledger.acknowledged))
        await world.fresh()
        verdict = await check(ledger, world.address, world.bootstrap, world.topic, world.dlq_topic)
        outcome.repetitions += 1
        outcome.events += verdict.events
        outcome.lost += len(verdict.lost)
        outcome.doubled += len(verdict.doubled)
        assert not verdict.faults, "\n".join(verdict.faults) + world.tails()
        return verdict

    return run


async def publish(world: World, ledger: Ledger, seed: int, count: int, rate_per_s: float = 0.0) -> None:
    """Publishes seeded entries into a world."""
    made = list(entries(seed, count, datetime.now(UTC)))
    await Publisher(world.bootstrap, world.topic, ledger).send(made, rate_per_s=rate_per_s)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keeps the table for `make faults` to print and for the documents."""
    if _outcomes:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps([asdict(line) for line in _outcomes.values()], indent=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table."""
    if not _outcomes:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(
        f"{'case':58} {'reps':>5} {'events':>8} {'kills':>6} {'lost':>5} {'doubled':>8} {'s':>6}"
    )
    for line in _outcomes.values():
        terminalreporter.write_line(
            f"{line.case[:58]:58} {line.repetitions:8} {line.events:8,} {line.kills:8} {line.lost:8} "
            f"{line.doubled:8} {line.recovered_s:8.1f}"
        )
