"""The real engine in the test process, once: it takes one data directory a process."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import clickhouse_connect
import pytest
from aiohttp import web
from clickhouse_connect.driver.client import Client

from streams.embedded.engine import Engine
from streams.embedded.store_app import Credentials, RequestLimits, StoreApp

USER, PASSWORD = "cx", "päss:word'1"
READER = Credentials("cx_reader", "reads only")
LIMITS = RequestLimits(body_bytes=1 << 20, memory_bytes=256 << 20, execution_s=5, concurrent=2, waiting=2)


@pytest.fixture(autouse=True)
def _turn_at_ports_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for an instance that starts elsewhere on the machine: here ports are any that are free."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@dataclass(frozen=True)
class Store:
    """A store that serves from a thread of this process."""

    port: int
    directory: Path

    def client(self, **options: object) -> Client:
        arguments = {"host": "127.0.0.1", "port": self.port, "username": USER, "password": PASSWORD, **options}
        return clickhouse_connect.get_client(**arguments)  # type: ignore[arg-type]


async def _serve(engine: Engine, port: "Future[int]", stop: "Future[asyncio.Event]") -> None:
    event = asyncio.Event()
    stop.set_result(event)
    app = StoreApp(engine, Credentials(USER, PASSWORD), LIMITS, READER)
    runner = web.AppRunner(app.web, access_log=None, shutdown_timeout=1, max_line_size=1 << 20)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port.set_result(runner.addresses[0][1])
    await event.wait()
    await runner.cleanup()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    directory = tmp_path_factory.mktemp("store") / "data"
    engine = Engine(directory, LIMITS.settings())
    port: Future[int] = Future()
    stop: Future[asyncio.Event] = Future()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_serve(engine, port, stop)))
    thread.start()
    yield Store(port.result(10), directory)
    loop.call_soon_threadsafe(stop.result().set)
    thread.join()
    loop.close()
    engine.close()


@pytest.fixture
def client(store: Store) -> Iterator[Client]:
    with store.client() as connected:
        yield connected
