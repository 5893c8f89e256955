import asyncio
import gc
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from pydantic import SecretStr

from metrics.events.pseudonyms import key_id
from streams.errors import ConfigurationError
from streams.registry.file import CompiledRegistry
from streams.settings.settings import Settings
from streams.store.client import Store
from streams.worker import Worker
from tests.conftest import TopicFactory
from tests.kafka.broker import KafkaBroker
from tests.streams.engine import EngineProcess
from tests.streams.given import KEY, REGISTRY, encoded, event, facts_of, until
from tests.streams.group import committed_by, kafka_of, send, settings_of

pytestmark = pytest.mark.kafka

# aiokafka leaves its connection to the garbage collector when it is cancelled while it connects.
cut_off = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


DRIVERS = """
import importlib, pkgutil, sys
import prometheus_client.metrics
from aiokafka.consumer.fetcher import PartitionRecords
from clickhouse_connect.driver import options
import streams

def state():
    return (
        PartitionRecords._consumer_record.__module__, PartitionRecords.__iter__.__module__,
        "np" in vars(options), "pd" in vars(options), prometheus_client.metrics._use_created,
    )

before = state()
from streams import worker
loaded = ("numpy" in sys.modules, "pandas" in sys.modules)  # of others, chdb loads them, which is the store's process
for module in pkgutil.walk_packages(streams.__path__, "streams."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert state() == before, state()
worker.install()
worker.install()
print(*before, *state(), *loaded)
"""


def test_importing_changes_no_driver_and_a_worker_sets_up_all_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DRIVERS], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    aiokafka, ours = "aiokafka.consumer.fetcher", ("streams.kafka.runs", "streams.kafka.transport")
    assert done.stdout.split() == [
        *(aiokafka, aiokafka, "False", "False", "True"), *(*ours, "True", "True", "False"), "False", "False",
    ]  # fmt: skip


@pytest.fixture
def settings(
    kafka: KafkaBroker, kafka_topic: TopicFactory, engine: EngineProcess, store: Store, registry_path: Path
) -> Settings:
    """A worker of its own topic and database, on a free port."""
    topic = kafka_topic(partitions=2)
    made = settings_of(kafka_of(kafka.bootstrap, topic), engine.settings(store.database))
    with socket.create_server(("127.0.0.1", 0)) as free:
        http = made.http.model_copy(update={"port": free.getsockname()[1]})
    others = {"registry": registry_path, "customer_key": KEY.hex(), "migrate_at_start": True, "http": http}
    return Settings(**(dict(made) | others))


class Running:
    """A worker that runs, and a client of its port."""

    def __init__(self, settings: Settings, task: "asyncio.Task[None]", client: aiohttp.ClientSession) -> None:
        self.task, self._client = task, client
        self._url = f"http://127.0.0.1:{settings.http.port}"

    async def get(self, path: str) -> tuple[int, str]:
        async with self._client.get(f"{self._url}{path}") as response:
            return response.status, await response.text()

    async def ready(self) -> bool:
        try:
            return (await self.get("/ready"))[0] == 200
        except aiohttp.ClientError:
            return False

    async def shows(self, text: str) -> bool:
        return text in (await self.get("/metrics"))[1]


@asynccontextmanager
async def working(settings: Settings, *, drain: bool = False) -> AsyncIterator[Running]:
    """A worker until the end of the context, which stops it in order."""
    stop = asyncio.Event()
    task = asyncio.create_task(Worker(settings, drain=drain).run(stop))
    async with aiohttp.ClientSession() as client:
        yield Running(settings, task, client)
    stop.set()
    await asyncio.wait([task], timeout=30)
    assert task.done()
    task.result()


def events(count: int, first: int = 0) -> list[bytes]:
    return [encoded(event(n, "visit", datetime.now(UTC))) for n in range(first, first + count)]


async def test_a_published_event_is_in_metrics_and_figures_and_settled_at_the_end(
    settings: Settings, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with working(settings) as worker:
        await until(worker.ready)
        # A volume has a figure from its second day on.
        earlier = encoded(event(99, "visit", datetime.now(UTC) - timedelta(days=2)))
        await send(settings.kafka.bootstrap_servers, settings.kafka.topic, [earlier, *events(20), b"bad"])
        await until(lambda: worker.shows('cx_events_total{department="sales",kind="visit"} 21.0'))
        await until(lambda: worker.shows('cx_rejected_total{reason="not_json"} 1.0'))
        await until(lambda: worker.shows('cx_metric_value{department="sales",horizon="short",metric="traffic"}'))
        await until(lambda: worker.shows('cx_consumer_lag_events{partition="0"} 0.0'))
        assert (await worker.get("/api/v1/balances?metric=traffic&horizon=short&department=sales"))[0] == 200
        # The missing dead-letter topic was made at the start.
        await send(settings.kafka.bootstrap_servers, settings.kafka.topic, events(30, 100))
    assert "stopped: everything taken has landed" in caplog.text
    landed = await asyncio.to_thread(store.query, "SELECT count() AS n FROM events FINAL")
    committed = await committed_by(settings.kafka)
    assert sum(committed.values()) == landed[0]["n"] + 1  # and the rejected one
    cells = await asyncio.to_thread(store.query, "SELECT sum(n) AS n FROM cells_latest")
    assert cells == landed


async def test_a_worker_with_another_key_than_the_facts_says_so_and_works(
    settings: Settings, store: Store, compiled: CompiledRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.to_thread(store.insert_facts, facts_of([event(1, customer="ann")], compiled))
    other = settings.model_copy(update={"customer_key": SecretStr("cd" * 32)})
    async with working(other) as worker:
        await until(worker.ready)
        await until(lambda: worker.shows("cx_other_key_rows 1.0"))
        assert f"customer keys: 1 rows of key {key_id(KEY)}" in caplog.text


async def test_a_draining_worker_reads_all_before_it_stops(settings: Settings, store: Store) -> None:
    async with working(settings, drain=True) as worker:
        await until(worker.ready)
        await send(settings.kafka.bootstrap_servers, settings.kafka.topic, events(8000))
    assert await asyncio.to_thread(store.query, "SELECT sum(n) AS n FROM cells_latest") == [{"n": 8000}]
    assert sum((await committed_by(settings.kafka)).values()) == 8000


async def test_a_changed_registry_is_in_force_and_a_broken_one_is_reported(settings: Settings) -> None:
    assert settings.registry is not None
    async with working(settings) as worker:
        await until(worker.ready)
        await asyncio.to_thread(settings.registry.write_text, REGISTRY.replace('"v1"', '"v2"'))
        await until(lambda: _has_version(worker, "v2"))
        await asyncio.to_thread(settings.registry.write_text, "version = ")
        await until(lambda: worker.shows("cx_registry_valid 0.0"))
        assert await _has_version(worker, "v2")
        await asyncio.to_thread(settings.registry.write_text, REGISTRY)
        await until(lambda: worker.shows("cx_registry_valid 1.0"))


async def _has_version(worker: Running, version: str) -> bool:
    return bool(json.loads((await worker.get("/api/v1/registry"))[1])["version"] == version)


@cut_off
async def test_it_says_that_it_is_starting_while_it_waits_for_the_store_and_stops_when_signalled(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    away = settings.model_copy(update={"clickhouse": EngineProcess(1, "x").settings("cx")})
    async with working(away) as worker:
        await until(lambda: "tables: trying again" in caplog.text)
        assert await worker.get("/ready") == (503, '{"ready": false, "reason": "starting"}')
        assert (await worker.get("/health"))[0] == 200
    gc.collect()


@cut_off
async def test_missing_tables_end_it_with_what_to_do(settings: Settings, store: Store) -> None:
    await asyncio.to_thread(store.command, "TRUNCATE TABLE schema_migrations")
    plain = settings.model_copy(update={"migrate_at_start": False})
    with pytest.raises(ConfigurationError, match=r"the tables lack versions \[1, 2, .*: run cxb migrate"):
        await asyncio.wait_for(Worker(plain, drain=False).run(asyncio.Event()), 30)
    gc.collect()


async def test_tables_are_made_at_the_start_where_that_is_wanted(
    settings: Settings, engine: EngineProcess, store: Store
) -> None:
    await asyncio.to_thread(store.command, f"DROP DATABASE {store.database}", use_database=False)
    async with working(settings) as worker:
        await until(worker.ready)
    assert await asyncio.to_thread(store.query, "SELECT count() AS n FROM events") == [{"n": 0}]


async def test_an_error_that_time_does_not_fix_ends_it(settings: Settings, store: Store) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(settings, drain=False).run(stop))
    await until(lambda: _assigned(settings))
    await asyncio.to_thread(store.command, "ALTER TABLE events DROP COLUMN journey")
    await send(settings.kafka.bootstrap_servers, settings.kafka.topic, events(3))
    with pytest.raises(DatabaseError):
        await asyncio.wait_for(running, 30)
    assert await committed_by(settings.kafka) == {}


async def _assigned(settings: Settings) -> bool:
    async with aiohttp.ClientSession() as client:
        try:
            async with client.get(f"http://127.0.0.1:{settings.http.port}/ready") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"customer_key": None}, "no key for customers' hashes"),
        ({"registry": Path("/no/such/registry.toml")}, "cannot read the registry"),
    ],
)
def test_what_it_needs_is_checked_before_anything_runs(settings: Settings, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Worker(settings.model_copy(update=change), drain=False)


async def test_without_a_registry_the_sample_is_in_force(settings: Settings) -> None:
    async with working(settings.model_copy(update={"registry": None})) as worker:
        await until(worker.ready)
        assert "Chief Customer Officer" in (await worker.get("/api/v1/registry"))[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_process_in_order(settings: Settings, number: signal.Signals, tmp_path: Path) -> None:
    variables = {
        "CXB_KAFKA_BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers, "CXB_KAFKA_TOPIC": settings.kafka.topic,
        "CXB_KAFKA_GROUP": settings.kafka.group, "CXB_CLICKHOUSE_URL": settings.clickhouse.url,
        "CXB_CLICKHOUSE_USER": "cx", "CXB_CLICKHOUSE_DATABASE": settings.clickhouse.database,
        "CXB_CLICKHOUSE_PASSWORD": settings.clickhouse.password.get_secret_value(), "CXB_HTTP_PORT": "0",
        "CXB_CUSTOMER_KEY": KEY.hex(), "CXB_KAFKA_DLQ_TOPIC": settings.kafka.dlq_topic,
    }  # fmt: skip
    code = "from streams import worker; from streams.settings import settings; worker.run(settings.load(), drain=False)"
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env=os.environ | variables,
            cwd=Path(__file__).parents[2],
            stderr=log,
            stdout=log,
        )
    try:
        asyncio.run(until(lambda: b"joining the group" in (tmp_path / "log").read_bytes()))
        process.send_signal(number)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    said = (tmp_path / "log").read_text()
    assert "stopped: everything taken has landed" in said
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ INFO streams\.worker: ", said, re.MULTILINE)
    for secret in (KEY.hex(), settings.clickhouse.password.get_secret_value()):
        assert secret not in said
