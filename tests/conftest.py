"""Fixtures that more than one test package needs: a real Kafka and the real data set."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol
from uuid import uuid4
from zlib import crc32

import pytest
from hypothesis import settings

from tests.kafka.broker import KafkaBroker
from tests.kafka.libraries import PROJECT, KafkaUnavailableError, kafka_libraries

# Machines are shared: how long an example takes says nothing about what it tests.
settings.register_profile("untimed", deadline=None)
settings.register_profile("deep", deadline=None, max_examples=2000)  # make laws
settings.load_profile(os.environ.get("CXB_LAWS", "untimed"))

# What a test takes says what it needs: `make test-fast` leaves these out by their marks.
MARK_OF_FIXTURE = {
    "browser": "browser",
    "engine": "store",
    "histories": "slow",
    "kafka": "kafka",
    "observed": "slow",
    "olist": "olist",
}
# What is inserted waits for the disk (fsync): half of the time of tests that use the engine. No test takes the power
# away, and a file system in memory keeps what a killed process has written, as a disk does.
MEMORY, MEMORY_NEEDED = Path("/dev/shm"), 4 * 2**30
LONG_HANGS_AFTER_S = 1800  # others: timeout in pyproject.toml
OLIST = PROJECT.parent / "shared" / "data" / "olist"


class TopicFactory(Protocol):
    """Creates a topic of a fresh name and returns that name."""

    def __call__(self, partitions: int = 4, config: Mapping[str, str] | None = None) -> str:
        """Creates it with so many partitions and these topic settings."""


def pytest_configure(config: pytest.Config) -> None:
    """A warning in a test is an error, ours or a library's; where several tests run at a time, files stay whole."""
    config.addinivalue_line("filterwarnings", "error")
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.import_plugin("tests.together")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks a test by the fixtures that it takes, and gives a long one longer before it counts as hanging."""
    if item.get_closest_marker("long"):
        item.add_marker(pytest.mark.timeout(LONG_HANGS_AFTER_S))
    for fixture in getattr(item, "fixturenames", []):
        if fixture in MARK_OF_FIXTURE:
            item.add_marker(MARK_OF_FIXTURE[fixture])


def is_in_part(file: str, number: int) -> bool:
    """Whether a file of tests is in one of two parts of as many files, about: even numbers are one, odd the other."""
    return crc32(file.encode()) % 2 == number % 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the files of the other part, where a part is asked for (make test-long PART=N)."""
    if number := os.environ.get("CXB_TEST_PART"):
        left = [item for item in items if not is_in_part(item.nodeid.partition("::")[0], int(number))]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """The jars of Apache Kafka; a skip without them, an error under CXB_REQUIRE_KAFKA=1."""
    try:
        return kafka_libraries()
    except KafkaUnavailableError as reason:
        if os.environ.get("CXB_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(f"no Apache Kafka: {reason}")


@pytest.fixture(autouse=True)
def _kafka_or_skip(request: pytest.FixtureRequest) -> None:
    """Lets the mark `kafka` alone decide about skipping, also for tests that start brokers of their own."""
    if request.node.get_closest_marker("kafka"):
        request.getfixturevalue("kafka_jars")


@pytest.fixture(scope="session")
def kafka(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """One broker for all tests of this process, started when the first asks for it; do not stop or kill it."""
    broker = KafkaBroker(tmp_path_factory.mktemp("kafka"), libraries=kafka_jars)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def kafka_topic(kafka: KafkaBroker, fresh_name: Callable[[], str]) -> TopicFactory:
    """A factory of topics on the session's broker, each of a name never used before."""

    def create(partitions: int = 4, config: Mapping[str, str] | None = None) -> str:
        name = fresh_name()
        kafka.create_topic(name, partitions, config)
        return name

    return create


@pytest.fixture
def fresh_name(request: pytest.FixtureRequest) -> Callable[[], str]:
    """A factory of names for topics and consumer groups: the test's own name and a random end."""
    stem = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60].strip("-")
    return lambda: f"{stem}-{uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def olist() -> Path:
    """The directory of the real data set beside the project."""
    if not OLIST.is_dir():
        pytest.skip(f"no real data set: {OLIST} does not exist")
    return OLIST
