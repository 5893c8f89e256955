"""Fixtures of the fault suite, its scale, and the table that it prints."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from tests.faults.checker import Verdict, check, check_balances
from tests.faults.figures import last_closed_minute
from tests.faults.ledger import Entry, Ledger, Publisher, entries
from tests.faults.proxy import Proxy
from tests.faults.report import RESULTS
from tests.faults.sampler import Sampler
from tests.faults.store_process import StoreProcess
from tests.faults.world import WorkerProcess, World, until
from tests.kafka.broker import KafkaBroker
from tests.kafka.cluster import KafkaCluster
from tests.model.replay import check_traces

FULL = os.environ.get("CXB_FAULTS") == "full"
BEGAN = time.monotonic()


WHOLE = pytest.mark.skipif(not FULL, reason="in the full run only: make faults")
"""For variations of a case that the slice contains already."""


HANGS_AFTER_S = 2 * 3600 if FULL else 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A case that hangs fails. Connections that a client library was making when a broker died are no fault of ours."""
    for item in items:
        if item.get_closest_marker("faults"):
            item.add_marker(pytest.mark.timeout(HANGS_AFTER_S))
            item.add_marker(pytest.mark.filterwarnings("ignore:Unclosed AIOKafkaConnection:ResourceWarning"))


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
    samples: int = 0
    peak_mb: float = 0.0
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


class MakeWorld(Protocol):
    """Makes a world on a running broker and store, with its topics unless told otherwise."""

    def __call__(self, broker: KafkaBroker | KafkaCluster, store: StoreProcess, *, topics: bool = True) -> World:
        """Makes it."""


@pytest.fixture
def make_world(tmp_path: Path, fresh_name: Callable[[], str]) -> Iterator[MakeWorld]:
    """Makes a world on a running broker and store; at the end its workers must end in order and leave nothing."""
    made: list[World] = []

    def make(broker: KafkaBroker | KafkaCluster, store: StoreProcess, *, topics: bool = True) -> World:
        name = fresh_name()[-40:]
        if topics:
            broker.create_topic(name, 4)
            broker.create_topic(f"{name}.dlq", 1)
        database = "f_" + name.replace("-", "_").replace(".", "_")
        made.append(World(tmp_path, broker.bootstrap, store, name, f"{name}-group", database, Proxy(store.port)))
        return made[-1]

    yield make
    wrong = [line for world in made for line in world.end()]
    assert not wrong, "\n".join(wrong)
    for world in made:
        check_traces(path for path in world.traces if path.exists())


@pytest.fixture
def world(kafka: KafkaBroker, store_process: StoreProcess, make_world: MakeWorld) -> World:
    """A world on the session's broker and store."""
    return make_world(kafka, store_process)


@pytest.fixture
def frail_store(tmp_path: Path) -> Iterator[StoreProcess]:
    """A store that a case may hurt."""
    store = StoreProcess(tmp_path / "store")
    store.start()
    yield store
    store.stop()


Verify = Callable[[World, Ledger], Awaitable[Verdict]]
WORKER_MB = 600
RECOVERED_S = 30.0


@pytest.fixture
def verify(outcome: Outcome) -> Verify:
    """Waits until all is committed and fresh, holds everything against the ledger, and books the outcome."""

    async def run(world: World, ledger: Ledger) -> Verdict:
        outcome.recovered_s = max(outcome.recovered_s, await world.all_committed(ledger.acknowledged, RECOVERED_S))
        await world.fresh()
        verdict = await check(ledger, world.address, world.bootstrap, world.topic, world.dlq_topic)
        await until(
            lambda: check_balances(ledger, world.http_ports, world.owners, last_closed_minute(), verdict),
            f"figures\n{world.tails()}",
        )
        outcome.repetitions += 1
        outcome.events += verdict.events
        outcome.lost += len(verdict.lost)
        outcome.doubled += len(verdict.doubled)
        assert not verdict.faults, "\n".join(verdict.faults) + world.tails()
        if world.sampler is not None:
            assert not world.sampler.early, "\n".join(world.sampler.early[:5])
            assert world.sampler.peak_mb < WORKER_MB
            outcome.samples += world.sampler.samples
            outcome.peak_mb = max(outcome.peak_mb, world.sampler.peak_mb)
        return verdict

    return run


async def publish(world: World, ledger: Ledger, seed: int, count: int, rate_per_s: float = 0.0) -> None:
    """Publishes seeded entries into a world; from the first on, it is sampled."""
    if world.sampler is None:
        world.sampler = Sampler(world, ledger)
    made = list(entries(seed, count, datetime.now(UTC)))
    await Publisher(world.bootstrap, world.topic, ledger).send(made, rate_per_s=rate_per_s)


@asynccontextmanager
async def under_load(world: World, ledger: Ledger, seed: int, rate_per_s: float = 300.0) -> AsyncIterator[None]:
    """Publishes for as long as the block runs; at its end all of it is acknowledged."""
    stop = asyncio.Event()

    def some() -> Iterator[Entry]:
        for entry in entries(seed, 10_000_000, datetime.now(UTC)):
            if stop.is_set():
                return
            yield entry

    if world.sampler is None:
        world.sampler = Sampler(world, ledger)
    before = len(ledger.acknowledged)
    load = asyncio.create_task(Publisher(world.bootstrap, world.topic, ledger).send(some(), rate_per_s=rate_per_s))
    try:
        await until(lambda: load.done() or len(ledger.acknowledged) > before, "the load has begun")
        yield
    finally:
        stop.set()
        await load


async def at_work(world: World, ledger: Ledger, **settings: str) -> WorkerProcess:
    """A worker that has joined and landed something."""
    worker = world.start_worker(**settings)
    await publish(world, ledger, seed=1000 + len(world.workers), count=200)
    await world.all_committed(ledger.acknowledged)
    return worker


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keeps the table for `make faults` to print and for the documents."""
    if _outcomes:
        RESULTS.parent.mkdir(exist_ok=True)
        found = {
            "full": FULL,
            "seconds": time.monotonic() - BEGAN,
            "outcomes": [asdict(line) for line in _outcomes.values()],
        }
        RESULTS.write_text(json.dumps(found, indent=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table."""
    if not _outcomes:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(
        f"{'case':58} {'reps':>5} {'events':>8} {'kills':>6} {'lost':>5} {'doubled':>8} "
        f"{'samples':>8} {'MB':>5} {'s':>6}"
    )
    for line in _outcomes.values():
        terminalreporter.write_line(
            f"{line.case[:58]:58} {line.repetitions:5} {line.events:8,} {line.kills:6} {line.lost:5} "
            f"{line.doubled:8} {line.samples:8} {line.peak_mb:5.0f} {line.recovered_s:6.1f}"
        )
        for note in line.notes:
            terminalreporter.write_line(f"    {note}")
