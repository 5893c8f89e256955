"""A world for a fault: topic, database, proxies and workers of its own, on a broker and a store that may be shared."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.faults.checker import StoreAddress
from tests.faults.proxy import Proxy
from tests.faults.store_process import USER, StoreProcess, free_port

if TYPE_CHECKING:
    from tests.faults.sampler import Sampler

REGISTRY = """
version = "faults-1"
policy = "single"
sponsor = "cmo"
[[department]]
id = "sales"
name = "Sales"
office = "front"
[[department]]
id = "logistics"
name = "Logistics"
office = "back"
[[ownership]]
touchpoint = "web.*"
owner = "sales"
[[ownership]]
touchpoint = "delivery.*"
owner = "logistics"
"""
OWNERS = {"web.": "sales", "delivery.": "logistics"}
STOP_S = 15.0
MARK = "FAULTS_WORLD"  # in the environment of every process of a world, and of what those start


async def until(condition: Callable[[], bool], what: str, deadline_s: float = 60.0) -> float:
    """Waits for a condition; how long it took, seconds."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > deadline_s:
            raise AssertionError(f"not within {deadline_s:.0f} s: {what}")
        await asyncio.sleep(0.05)
    return time.monotonic() - began


@dataclass
class WorkerProcess:
    """One `cxb worker`."""

    process: subprocess.Popen[bytes]
    log: Path
    http_port: int

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Any signal."""
        self.process.send_signal(number)

    def stop(self, deadline_s: float = 30.0) -> int:
        """SIGTERM; the exit code. Raises when it takes longer."""
        if self.alive:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        return self.process.wait(deadline_s)

    def resident_mb(self) -> float:
        """Resident memory now, MB."""
        try:
            text = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0.0
        return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS")), 0.0)


@dataclass
class World:
    """Everything a case needs. Close it: it ends what it started."""

    directory: Path
    bootstrap: str
    store: StoreProcess
    topic: str
    group: str
    database: str
    store_proxy: Proxy
    settings: dict[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=lambda: OWNERS)
    workers: list[WorkerProcess] = field(default_factory=list)
    sampler: "Sampler | None" = None
    traces: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Makes where workers may keep what they like, and leave nothing."""
        self.scratch = self.directory / "scratch"
        self.scratch.mkdir(exist_ok=True)

    @property
    def dlq_topic(self) -> str:
        """The dead letters of this world."""
        return f"{self.topic}.dlq"

    @property
    def address(self) -> StoreAddress:
        """The store, past the proxy."""
        return self.store.address(self.database)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """What a worker of this world is told."""
        registry = self.directory / "registry.toml"
        if not registry.exists():
            registry.write_text(REGISTRY)
        outer = {name: value for name, value in os.environ.items() if not name.startswith("CXB_")}
        return {
            **outer,
            "CXB_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "CXB_KAFKA_TOPIC": self.topic,
            "CXB_KAFKA_DLQ_TOPIC": self.dlq_topic,
            "CXB_KAFKA_GROUP": self.group,
            "CXB_KAFKA_SESSION_TIMEOUT_S": "4",
            "CXB_CLICKHOUSE_URL": f"http://127.0.0.1:{self.store_proxy.port}",
            "CXB_CLICKHOUSE_USER": USER,
            "CXB_CLICKHOUSE_PASSWORD": self.store.password,
            "CXB_CLICKHOUSE_DATABASE": self.database,
            "CXB_CUSTOMER_KEY": "ab" * 32,
            "CXB_REGISTRY": str(registry),
            "CXB_MIGRATE_AT_START": "true",
            "CXB_REFRESH_SNAPSHOT_S": "1",
            "TMPDIR": str(self.scratch),
            MARK: self.topic,
            **self.settings,
            **more,
        }

    def start_worker(self, **more: str) -> WorkerProcess:
        """One more worker; `more` adds to its environment."""
        port = free_port()
        log = self.directory / f"worker-{len(self.workers)}.log"
        self.traces.append(self.directory / f"{self.topic}-{len(self.workers)}.trace")
        environment = self.environment({"CXB_HTTP_PORT": str(port), "CXB_TRACE": str(self.traces[-1]), **more})
        with log.open("ab") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "worker"],
                env=environment,
                cwd=self.scratch,
                stdout=file,
                stderr=file,
            )
        worker = WorkerProcess(process, log, port)
        self.workers.append(worker)
        return worker

    async def committed(self) -> dict[int, int]:
        """The group's committed offsets by partition.

        Raises:
            KafkaError: The broker does not tell.
        """
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=5000)
        try:
            await admin.start()
            found = await admin.list_consumer_group_offsets(self.group)
            return {tp.partition: item.offset for tp, item in found.items() if tp.topic == self.topic}
        finally:
            await admin.close()

    async def all_committed(self, acknowledged: Mapping[tuple[int, int], object], deadline_s: float = 60.0) -> float:
        """Waits until everything acknowledged is committed; how long it took, seconds.

        It fails when nothing more is committed for `deadline_s`. How long a backlog takes depends on the machine.
        """
        ends: dict[int, int] = {}
        for partition, offset in acknowledged:
            ends[partition] = max(ends.get(partition, 0), offset + 1)
        began, done = time.monotonic(), dict[int, int]()
        moved, before = began, done
        while True:
            with suppress(KafkaError):
                done = await self.committed()
            if done != before:
                moved, before = time.monotonic(), done
            if all(done.get(partition, 0) >= end for partition, end in ends.items()):
                return time.monotonic() - began
            if time.monotonic() - moved > deadline_s:
                raise AssertionError(f"nothing committed for {deadline_s:.0f} s: {done}, wanted {ends}; {self.tails()}")
            await asyncio.sleep(0.1)

    async def fresh(self, deadline_s: float = 30.0) -> float:
        """Waits until the cells reflect all that has landed until now; when they did, epoch seconds."""
        # Versions count on where the store's clock has stepped back: then it is they that a refresh must pass. One that
        # looked while an insert was on its way has noted the very version that this insert was given.
        now = self.address.query(
            "SELECT greatest(toFloat64(now64(6)), (SELECT toFloat64(max(ingested_at)) FROM events)) AS now"
        )[0]["now"]
        began = time.monotonic()
        while True:
            row = self.address.query(
                "SELECT toFloat64(min(finished_at)) AS done, count() AS refreshes "
                f"FROM refreshes WHERE toFloat64(upto) > {now!r}"
            )[0]
            if row["refreshes"]:
                return float(row["done"])
            if time.monotonic() - began > deadline_s:
                raise AssertionError(f"cells not fresh within {deadline_s:.0f} s; {self.tails()}")
            await asyncio.sleep(0.1)

    @property
    def http_ports(self) -> list[int]:
        """Where the workers that run answer, the newest first."""
        return [worker.http_port for worker in reversed(self.workers) if worker.alive]

    def tails(self) -> str:
        """The ends of the workers' logs."""
        return "\n".join(f"--- {worker.log.name}\n{worker.log.read_text()[-1500:]}" for worker in self.workers[-3:])

    def leftovers(self) -> list[str]:
        """Files that workers have left, and processes that outlived them; ask once all are told to stop."""
        marked = f"{MARK}={self.topic}".encode()
        found = [str(path) for path in self.scratch.rglob("*")]
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if marked in (process / "environ").read_bytes().split(b"\0"):
                    found.append(f"process {process.name}: {(process / 'cmdline').read_text()[:100]!r}")
        return found

    def end(self) -> list[str]:
        """Ends every worker as an operator would; what went wrong with that, and what was left behind."""
        alive = [worker for worker in self.workers if worker.alive]
        for worker in alive:
            worker.process.send_signal(signal.SIGCONT)
            worker.process.terminate()
        deadline, wrong = time.monotonic() + STOP_S, list[str]()
        for worker in alive:
            try:
                code: int | str = worker.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                code = f"none within {STOP_S:.0f} s"
            # One that has not begun, and so has said nothing, ends at SIGTERM as any process does.
            if code != 0 and not (code == -signal.SIGTERM and not worker.log.stat().st_size):
                wrong.append(f"{worker.log.name}: exit code {code} at SIGTERM\n{worker.log.read_text()[-3000:]}")
        self.store_proxy.close()
        return wrong + self.leftovers()
