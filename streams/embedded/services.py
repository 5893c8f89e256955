"""The four processes of an instance: how each is started, when it answers, what its loss means."""

import asyncio
import http.client
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from streams.embedded import brought_back, tansu
from streams.embedded.instance import Instance
from streams.embedded.processes import Command

PROBE_S = 2.0
BROUGHT_BACK_BYTES_PER_S = 2e6  # a tenth of what was measured
WORKER = (sys.executable, "-m", "streams.cli", "worker")
GATEWAY = (sys.executable, "-m", "streams.cli", "gateway")


@dataclass(frozen=True, slots=True)
class Service:
    """One process of an instance.

    `drain_s`: how long it may take to finish after SIGTERM. `loss`: what its unexpected end means, for the operator.
    `dependants`: services to stop when it ends, and to start again. `report`: what the operator should know of a start,
    once it answers; empty if nothing. `slack_s`: how much longer than usual its start may take.
    """

    command: Command
    answers: Callable[[], Awaitable[bool]]
    drain_s: float
    loss: str
    dependants: Sequence[str] = ()
    report: Callable[[], str] = str
    slack_s: float = 0.0

    @property
    def name(self) -> str:
        """What the operator calls it."""
        return self.command.name


def broker(port: int, spool: Path, log: Path, held: socket.socket | None = None) -> Service:
    """The Tansu broker on 127.0.0.1, behind a front that keeps in `spool` what has not landed; `held`: its port.

    Raises:
        ConfigurationError: the package that carries the binary has none for this platform, or it was altered.
    """
    options = {
        "--port": str(port),
        "--program": str(tansu.verified_program()),
        "--spool": str(spool),
        "--log": str(log),
    }
    argv = (sys.executable, "-m", "streams.embedded.front_server", *(word for pair in options.items() for word in pair))
    return Service(
        command=Command("broker", argv, os.environ, log, held),
        answers=lambda: kafka_answers(f"127.0.0.1:{port}"),
        drain_s=15,
        loss="nothing that it acknowledged is lost: the next start brings it back",
        # Its topics begin again; a worker joins them when it starts.
        dependants=("worker",),
        report=lambda: str(brought_back.read(spool)),
        slack_s=sum(path.stat().st_size for path in spool.glob("*/*.log")) / BROUGHT_BACK_BYTES_PER_S,
    )


def store(
    directory: Path,
    port: int,
    user: str,
    password: str,
    log: Path,
    *,
    reader: str = "",
    held: socket.socket | None = None,
) -> Service:
    """The ClickHouse engine behind HTTP on 127.0.0.1, with its data in `directory`.

    `reader`: cx_reader's password. `held`: its port.
    """
    environment = {
        **os.environ,
        "TZ": "UTC",
        "CXB_STORE_DIRECTORY": str(directory),
        "CXB_STORE_PORT": str(port),
        "CXB_STORE_USER": user,
        "CXB_STORE_PASSWORD": password,
        "CXB_STORE_READER_PASSWORD": reader,
    }
    argv = (sys.executable, "-m", "streams.embedded.store_server")
    return Service(
        command=Command("store", argv, environment, log, held),
        answers=lambda: http_answers(port, "/ping"),
        drain_s=35,
        loss="what has landed is safe on disk",
    )


def worker(
    instance: Instance, key: Path, http_port: int, log: Path, *, argv: Sequence[str], environment: Mapping[str, str]
) -> Service:
    """A worker on the instance's broker and store; `environment` adds to its settings, and wins."""
    variables = {
        "CXB_KAFKA_BOOTSTRAP_SERVERS": instance.kafka,
        "CXB_CLICKHOUSE_URL": instance.store_url,
        "CXB_CLICKHOUSE_USER": instance.user,
        "CXB_CLICKHOUSE_PASSWORD": instance.password,
        "CXB_CLICKHOUSE_DATABASE": "cx",
        "CXB_HTTP_HOST": "127.0.0.1",
        "CXB_HTTP_PORT": str(http_port),
        "CXB_CUSTOMER_KEY_FILE": str(key),
        "CXB_EMBEDDED": "1",
    }
    return Service(
        command=Command("worker", argv, {**os.environ, **variables, **environment}, log),
        answers=lambda: http_answers(http_port, "/ready"),
        drain_s=60,
        loss="nothing is lost: it reads again from its last commit",
    )


def gateway(instance: Instance, port: int, log: Path, *, environment: Mapping[str, str]) -> Service:
    """The gateway to the instance's broker on 127.0.0.1; `environment` adds to its settings, and wins."""
    variables = {
        "CXB_KAFKA_BOOTSTRAP_SERVERS": instance.kafka,
        "CXB_GATEWAY_HOST": "127.0.0.1",
        "CXB_GATEWAY_PORT": str(port),
        "CXB_EMBEDDED": "1",
    }
    return Service(
        command=Command("gateway", GATEWAY, {**os.environ, **variables, **environment}, log),
        answers=lambda: http_answers(port, "/readyz"),
        drain_s=25,
        loss="what it answered with 202 is not lost",
    )


async def http_answers(port: int, path: str) -> bool:
    """Whether a GET of `path` at 127.0.0.1 gives 200."""
    return await asyncio.to_thread(_get, port, path) == http.client.OK


async def kafka_answers(address: str) -> bool:
    """Whether a Kafka broker at `host:port` answers a request for its metadata."""
    if not await _connects(address):
        return False  # without the client, which would log an error
    client = AIOKafkaClient(bootstrap_servers=address, request_timeout_ms=int(PROBE_S * 1000))
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except KafkaError:
        return False
    finally:
        await client.close()


async def _connects(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), PROBE_S)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _get(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
