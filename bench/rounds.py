"""Rounds: each contestant does the whole job in turn, and its result is checked before its time counts."""

import asyncio
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.foreign import Form
from bench.outside import PARTITIONS, Address, Commits, cpu_s, create_topic
from bench.results import Expectation, Taken, check
from bench.store import emptied
from streams.settings.settings import ClickHouseSettings

PROJECT = Path(__file__).resolve().parents[1]
PEERS_PYTHON = PROJECT / ".venv-bench" / "bin" / "python"
JARS = PROJECT / "bench" / "jvm" / "target"
COMPILED = PROJECT / ".cache" / "compiled" / "release" / "compiled"
DEADLINE_S = 900


@dataclass(frozen=True)
class Contestant:
    """A program that does the job.

    Attributes:
        name: Its name in the table.
        argv: The command that starts it.
        needs: A path that must exist.
        workers: The number of processes that share the work.
        commits: Whether it is done when its group has committed all; otherwise it ends by itself.
        rejects: Whether it sends dead letters.
        form: As what it gets the events.
    """

    name: str
    argv: Sequence[str]
    needs: Path
    workers: int = 1
    commits: bool = True
    rejects: bool = True
    form: Form = "native"


def _python(name: str, module: str, python: Path = Path(sys.executable), **more: Any) -> Contestant:
    return Contestant(name, (str(python), "-m", f"bench.contestants.{module}"), python, **more)


EMBEDDED = "cx-balance, embedded"
_PYTHON_CODE = ("env", "CXB_INGEST_NATIVE=false", sys.executable, "-m", "bench.contestants.cx_balance")
CONTESTANTS = (
    _python("cx-balance", "cx_balance"),
    Contestant("cx-balance, Python code", _PYTHON_CODE, Path(sys.executable)),
    _python(EMBEDDED, "cx_balance"),  # run by bench.embedded: it has broker and store of its own
    _python("cx-balance, 2 workers", "cx_balance", workers=2),
    Contestant("cx-balance, Python code, 2 workers", _PYTHON_CODE, Path(sys.executable), workers=2),
    _python("cx-balance, mapped JSON", "cx_balance", form="json"),
    _python("cx-balance, mapped Avro", "cx_balance", form="avro"),
    _python("raw aiokafka, our decoder", "raw_aiokafka"),
    _python("raw confluent-kafka, our decoder", "raw_confluent", PEERS_PYTHON),
    _python("faust, async for", "faust_each"),
    _python("faust, take", "faust_take"),
    _python("Quix Streams", "quix", PEERS_PYTHON),
    _python("Bytewax", "bytewax_flow", PEERS_PYTHON, commits=False),
    Contestant("Kafka Streams", ("java", "-Xmx512m", "-cp", f"{JARS}/*", "cxbench.Main"), JARS / "cxbench.jar"),
    Contestant("compiled", (str(COMPILED),), COMPILED, rejects=False),
    _python("ClickHouse only", "clickhouse_only", rejects=False),
    _python("sum of the stages", "stages", commits=False, rejects=False),
    _python("insert alone", "insert_alone", commits=False, rejects=False),
)
QUICK = ("cx-balance", "raw aiokafka, our decoder", "faust, take", "compiled", "ClickHouse only")


def missing(contestant: Contestant) -> str:
    """Why a contestant cannot run here; "" if it can."""
    if not contestant.needs.exists():
        return f"{contestant.needs} is missing"
    return "" if shutil.which(contestant.argv[0]) else f"{contestant.argv[0]} is missing"


class Course:
    """Broker, store and a filled topic, on which contestants run one after another."""

    def __init__(
        self,
        broker: Address,
        store: tuple[ClickHouseSettings, int],
        topic: str,
        registry: Path,
        expectation: Expectation,
        partitions: int = PARTITIONS,
    ) -> None:
        self._broker, (self._store, self._store_pid) = broker, store
        self._topic, self._partitions = topic, partitions
        self.registry, self.expectation = registry, expectation

    async def run(self, contestant: Contestant) -> Taken:
        """Runs one contestant on an empty store.

        Raises:
            RuntimeError: It failed, or its result is wrong.
        """
        store = await asyncio.to_thread(emptied, self._store)
        run = f"bench-{secrets.token_hex(4)}"
        await create_topic(self._broker.address, f"{run}-dlq", 1)
        before = self._outside_cpu_s()
        reports, ended = await self._programs(contestant, run)
        after = self._outside_cpu_s()
        try:
            dlq = f"{run}-dlq" if contestant.rejects else None
            await check(contestant.name, store, self._broker.address, dlq, self.expectation)
        finally:
            store.close()
        columns = ("cpu_s", "peak_mb", "began", "ended")
        return Taken(
            wall_s=ended - min(report["began"] for report in reports),
            cpu_s=sum(report["cpu_s"] for report in reports),
            peak_mb=max(report["peak_mb"] for report in reports),
            store_cpu_s=after[0] - before[0],
            broker_cpu_s=after[1] - before[1],
            details={key: value for report in reports for key, value in report.items() if key not in columns},
        )

    def _outside_cpu_s(self) -> tuple[float, float]:
        return cpu_s(self._store_pid), cpu_s(self._broker.pid)

    async def _programs(self, contestant: Contestant, run: str) -> tuple[list[dict[str, float]], float]:
        variables = {**os.environ, "BENCH_JOB": json.dumps(self._job(run, contestant.form)), "PYTHONPATH": str(PROJECT)}
        pipe = asyncio.subprocess.PIPE
        programs = [
            await asyncio.create_subprocess_exec(*contestant.argv, cwd=PROJECT, env=variables, stdin=pipe, stdout=pipe)
            for _ in range(contestant.workers)
        ]
        try:
            async with asyncio.timeout(DEADLINE_S):
                ended = await self._all_committed(programs, run) if contestant.commits else 0.0
                if ended:
                    for program in programs:
                        program.stdin.close()  # type: ignore[union-attr]
                outputs = [await program.stdout.read() for program in programs]  # type: ignore[union-attr]
                codes = [await program.wait() for program in programs]
        finally:
            for program in programs:
                if program.returncode is None:
                    program.kill()
        if any(codes):
            raise RuntimeError(f"{contestant.name} ended with {codes}")
        reports = [json.loads(output.splitlines()[-1]) for output in outputs]
        return reports, ended or max(report["ended"] for report in reports)

    def _job(self, run: str, form: Form) -> dict[str, Any]:
        store = self._store.model_dump() | {"password": self._store.password.get_secret_value()}
        return {
            "broker": self._broker.address, "topic": self._topic, "dlq": f"{run}-dlq", "group": run,
            "events": self.expectation.count, "store": store, "registry": str(self.registry), "form": form,
        }  # fmt: skip

    async def _all_committed(self, programs: Sequence[asyncio.subprocess.Process], group: str) -> float:
        async with Commits(self._broker.address, self._topic, self._partitions) as commits:
            while await commits.of(group) < self.expectation.count:
                if any(program.returncode is not None for program in programs):
                    raise RuntimeError("a contestant ended before it had committed everything")
                await asyncio.sleep(0.05)
        return time.time()
