"""cx-balance beside the job: how soon it is ready, and how soon an event can be queried at a steady rate."""

import asyncio
import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from aiokafka import AIOKafkaProducer

from bench.events import event_text
from bench.outside import Address, create_topic, resident_mb
from bench.rounds import PROJECT
from streams.settings import ClickHouse
from streams.store import Store

CXB = Path(sys.executable).with_name("cxb")
POLL_S = 0.02
BURST_S = 0.02
STARTS = 5


def help_s() -> float:
    """`cxb --help`, seconds of wall, the median of several."""
    return statistics.median(_timed_help() for _ in range(STARTS))


def _timed_help() -> float:
    began = time.perf_counter()
    subprocess.run([str(CXB), "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def ready_s() -> float:
    """`cxb up` on an empty directory until the worker says that it is ready, the median of several."""
    return statistics.median(_timed_up() for _ in range(STARTS))


def _timed_up() -> float:
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        began = time.perf_counter()
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([str(CXB), "up", "--data", str(data)], **quiet)
        try:
            while not _is_ready(data / "instance.json"):
                if process.poll() is not None:
                    raise RuntimeError(f"cxb up ended with {process.returncode}")
                time.sleep(POLL_S)
            return time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(90)


def _is_ready(instance: Path) -> bool:
    try:
        url = json.loads(instance.read_text())["web_url"]
        with urlopen(f"{url}/ready", timeout=1) as answer:  # noqa: S310  (our own worker)
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


async def landing(
    broker: Address, clickhouse: ClickHouse, registry: Path, rate: int, seconds: float
) -> dict[str, float]:
    """How long after its record's timestamp an event can be queried, at a steady rate, seconds."""
    store = Store(clickhouse)
    await asyncio.to_thread(store.command, "TRUNCATE TABLE events")
    topic = f"live-{secrets.token_hex(4)}"
    await create_topic(broker.address, topic)
    await create_topic(broker.address, f"{topic}-dlq", 1)
    job = {
        "broker": broker.address, "topic": topic, "dlq": f"{topic}-dlq", "group": topic, "events": 0,
        "store": clickhouse.model_dump() | {"password": clickhouse.password.get_secret_value()},
        "registry": str(registry),
    }  # fmt: skip
    told = {**os.environ, "BENCH_JOB": json.dumps(job)}
    argv = [sys.executable, "-m", "bench.contestants.cx_balance"]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    worker = await asyncio.create_subprocess_exec(*argv, cwd=PROJECT, env=told, **pipes)
    try:
        seen = asyncio.create_task(_seen(store, int(rate * seconds)))
        sent = await _publish(broker.address, topic, rate, seconds)
        landed = await asyncio.wait_for(seen, 60)
        memory_mb = resident_mb(worker.pid)
        worker.stdin.close()  # type: ignore[union-attr]
        await worker.wait()
    finally:
        if worker.returncode is None:
            worker.kill()
        store.close()
    return {**delays(sent, landed), "resident_mb": memory_mb, "rate_reached": len(sent) / (sent[-1] - sent[0])}


async def _publish(address: str, topic: str, rate: int, seconds: float) -> list[float]:
    """Sends bursts at their due times; returns each event's timestamp, seconds since 1970."""
    producer = AIOKafkaProducer(bootstrap_servers=address, linger_ms=5)
    await producer.start()
    stamps: list[float] = []
    await _warm_up(producer, topic)
    began = time.time()
    while len(stamps) < rate * seconds:
        now = time.time()
        for number in range(len(stamps), int(min(now - began, seconds) * rate) + 1):
            value = event_text(number, int(now * 1000)).encode()
            await producer.send(topic, value, partition=number % 4, timestamp_ms=int(now * 1000))
            stamps.append(now)
        await asyncio.sleep(BURST_S)
    await producer.stop()
    return stamps[: int(rate * seconds)]


async def _warm_up(producer: AIOKafkaProducer, topic: str) -> None:
    # An event that is refused adds no row: it only makes sure that the worker has joined.
    await producer.send_and_wait(topic, b"{}", partition=0)
    await asyncio.sleep(8)


async def _seen(store: Store, count: int) -> list[tuple[float, int]]:
    """When how many events could be queried."""
    seen = [(time.time(), 0)]
    while seen[-1][1] < count:
        rows = await asyncio.to_thread(store.query, "SELECT count() AS n FROM events")
        if rows[0]["n"] > seen[-1][1]:
            seen.append((time.time(), rows[0]["n"]))
        await asyncio.sleep(POLL_S)
    return seen


def delays(sent: Sequence[float], landed: Sequence[tuple[float, int]]) -> dict[str, float]:
    """Quantiles of the time from an event's timestamp until so many events could be queried."""
    steps = iter(landed)
    at, upto = next(steps)
    found = []
    for number, stamp in enumerate(sent, start=1):
        while upto < number:
            at, upto = next(steps)
        found.append(at - stamp)
    found.sort()
    return {"p50_s": found[len(found) // 2], "p99_s": found[len(found) * 99 // 100], "max_s": found[-1]}
