"""The job in embedded mode: `cxb up` with its own broker and store, from the first event to the last commit."""

import asyncio
import os
import signal
import tempfile
import time
from pathlib import Path

from bench.memory import peak_mb
from bench.outside import Commits, cpu_s, publish
from bench.results import Expectation, Taken, check
from bench.service import CXB
from streams.embedded.instance import Instance, read
from streams.embedded.services import http_answers
from streams.errors import CxbError
from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store

TOPIC, DLQ, GROUP = "cx.touchpoints", "cx.touchpoints.dlq", "cx-balance"
PARTS = ("worker", "store_server", "tansu")
STARTED_S, DONE_S = 60, 900


async def run(registry: Path, expectation: Expectation) -> Taken:
    """Does the job once on an instance of its own.

    Raises:
        RuntimeError: The result is wrong.
        TimeoutError: It did not start, or did not end.
    """
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        argv = (str(CXB), "up", "--data", str(data), "--registry", str(registry))
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*argv, stdout=quiet, stderr=quiet)
        try:
            instance = await _ready(data)
            return await _measured(instance, process.pid, expectation)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
            await process.wait()


async def _ready(data: Path) -> Instance:
    async with asyncio.timeout(STARTED_S):
        while True:
            try:
                instance = read(data)
                if await http_answers(int(instance.web_url.rpartition(":")[2]), "/ready"):
                    return instance
            except CxbError:
                pass
            await asyncio.sleep(0.1)


async def _measured(instance: Instance, supervisor: int, expectation: Expectation) -> Taken:
    pids = _parts(supervisor)
    before, began = {part: cpu_s(pid) for part, pid in pids.items()}, time.time()
    await publish(instance.kafka, TOPIC, expectation.count)
    async with Commits(instance.kafka, TOPIC) as commits, asyncio.timeout(DONE_S):
        while await commits.of(GROUP) < expectation.count:  # noqa: ASYNC110  (another process answers)
            await asyncio.sleep(0.05)
    spent = {part: cpu_s(pid) - before[part] for part, pid in pids.items()}
    wall_s = time.time() - began
    store = Store(ClickHouseSettings(url=instance.store_url, user=instance.user, password=instance.password))
    try:
        await check("cx-balance, embedded", store, instance.kafka, DLQ, expectation)
    finally:
        store.close()
    return Taken(wall_s, spent["worker"], peak_mb(pids["worker"]), spent["store_server"], spent["tansu"], {})


def _parts(supervisor: int) -> dict[str, int]:
    """The processes of an instance, recognised by their command lines."""
    pids: dict[str, int] = {}
    for task in Path(f"/proc/{supervisor}/task").iterdir():
        for pid in (task / "children").read_text().split():
            words = os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes())
            pids |= {part: int(pid) for part in PARTS if part in words.replace("\0", " ")}
    return pids
