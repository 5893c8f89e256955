"""cx-balance with live events: how soon an event can be queried and is in the balances, and the cost of readers."""

import asyncio
import json
import os
import secrets
import sys
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.outside import Address, cpu_s, create_topic, resident_mb
from bench.rounds import PEERS_PYTHON, PROJECT
from bench.store import emptied
from streams.embedded.processes import free_port
from streams.embedded.services import http_answers
from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store

Steps = Sequence[tuple[float, int]]
"""Instants (seconds since 1970) and the number of events at each: both ascending."""

POLL_S = 0.05
READERS, READ_EVERY_S = 50, 1.0
EVERY_NPS = 6  # one in six of the events is an answer to NPS


@dataclass(frozen=True)
class Outside:
    """The environment of a worker."""

    broker: Address
    clickhouse: ClickHouseSettings
    registry: Path


@dataclass(frozen=True)
class Live:
    """A worker on a topic of its own."""

    pid: int
    topic: str
    port: int


@asynccontextmanager
async def worker(outside: Outside) -> AsyncIterator[Live]:
    """A worker of ours that is ready, on an empty store."""
    (await asyncio.to_thread(emptied, outside.clickhouse)).close()
    topic, port = f"live-{secrets.token_hex(4)}", free_port(0)
    await create_topic(outside.broker.address, topic)
    await create_topic(outside.broker.address, f"{topic}-dlq", 1)
    password = outside.clickhouse.password.get_secret_value()
    job = {
        "broker": outside.broker.address, "topic": topic, "dlq": f"{topic}-dlq", "group": topic, "events": 0,
        "store": outside.clickhouse.model_dump() | {"password": password}, "registry": str(outside.registry),
        "port": port, "refresh_s": 1.0,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.contestants.cx_balance"),
        cwd=PROJECT,
        env={**os.environ, "BENCH_JOB": json.dumps(job)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):
            while not await http_answers(port, "/ready"):  # noqa: ASYNC110  (another process answers)
                await asyncio.sleep(POLL_S)
        yield Live(process.pid, topic, port)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def publish(outside: Outside, topic: str, rate: int, seconds: float) -> Steps:
    """Publishes at a steady rate; returns the timestamps."""
    fields = {"broker": outside.broker.address, "topic": topic, "rate": rate, "seconds": seconds}
    return [(at, count) for at, count in await printed_by("bench.steady", "BENCH_STEADY", fields)]


async def printed_by(module: str, variable: str, arguments: Mapping[str, Any]) -> Any:
    """Runs a program in the peers' environment, with its arguments in an environment variable; returns its output."""
    process = await asyncio.create_subprocess_exec(
        *(str(PEERS_PYTHON), "-m", module),
        cwd=PROJECT,
        env={**os.environ, variable: json.dumps(arguments), "PYTHONPATH": str(PROJECT)},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return json.loads(output)


async def watched(count: Callable[[], int], until: int) -> Steps:
    """Polls a count (in a thread) until it reaches `until`."""
    steps = [(time.time(), 0)]
    while steps[-1][1] < until:
        events = await asyncio.to_thread(count)
        if events > steps[-1][1]:
            steps.append((time.time(), events))
        await asyncio.sleep(POLL_S)
    return steps


async def landing(outside: Outside, rate: int, seconds: float) -> dict[str, float]:
    """Delays at a steady rate, seconds: from record timestamp to queryable, and from there to the balances."""
    total = int(rate * seconds)
    store = Store(outside.clickhouse)
    async with worker(outside) as live, aiohttp.ClientSession(f"http://127.0.0.1:{live.port}") as api:
        before_s = cpu_s(live.pid)
        landed = asyncio.create_task(watched(lambda: _rows(store), total))
        fresh = asyncio.create_task(_fresh(api, (total + EVERY_NPS - 1) // EVERY_NPS))
        sent = await publish(outside, live.topic, rate, seconds)
        steps = await asyncio.wait_for(landed, 120)
        in_balances = await asyncio.wait_for(fresh, 60)
        cores = (cpu_s(live.pid) - before_s) / (time.time() - sent[0][0])
        memory_mb = resident_mb(live.pid)
    store.close()
    figures = {f"landing_{name}": value for name, value in quantiles(delays(sent, steps)).items()}
    answers = [(at, (count - 1) * EVERY_NPS + 1) for at, count in in_balances if count]
    figures |= {f"fresh_{name}": value for name, value in quantiles(delays(steps, answers, EVERY_NPS)).items()}
    reached = sent[-1][1] / max(0.001, sent[-1][0] - sent[0][0])
    return figures | {"rate_reached": reached, "worker_cores": cores, "worker_resident_mb": memory_mb}


async def reading(outside: Outside, rate: int, seconds: float) -> dict[str, float]:
    """Waiting times of API readers at a steady rate of events, and how much they slow ingest."""
    alone, _ = await _ingest(outside, rate, seconds, 0)
    loaded, waits = await _ingest(outside, rate, seconds, READERS)
    return {
        "readers": READERS, "requests": len(waits), **{f"read_{k}": v for k, v in quantiles(waits).items()},
        "ingest_without": alone, "ingest_with": loaded, "slower_by_percent": 100 * (1 - loaded / alone),
    }  # fmt: skip


async def _ingest(outside: Outside, rate: int, seconds: float, readers: int) -> tuple[float, list[float]]:
    store, waits = Store(outside.clickhouse), list[float]()
    async with worker(outside) as live, aiohttp.ClientSession(f"http://127.0.0.1:{live.port}") as api:
        clients = [asyncio.create_task(_read(api, number, waits)) for number in range(readers)]
        landed = asyncio.create_task(watched(lambda: _rows(store), int(rate * seconds)))
        sent = await publish(outside, live.topic, rate, seconds)
        steps = await asyncio.wait_for(landed, 300)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
    store.close()
    return steps[-1][1] / (steps[-1][0] - sent[0][0]), waits


async def _read(api: aiohttp.ClientSession, number: int, waits: list[float]) -> None:
    await asyncio.sleep(number * READ_EVERY_S / READERS)
    while True:
        for path in ("/api/v1/balances", "/api/v1/scorecards"):
            began = time.perf_counter()
            async with api.get(path) as answer:
                await answer.read()
            if answer.status == 200:  # before the first refresh there is nothing to read
                waits.append(time.perf_counter() - began)
            await asyncio.sleep(max(0.0, READ_EVERY_S - (time.perf_counter() - began)))


async def _fresh(api: aiohttp.ClientSession, until: int) -> Steps:
    steps = [(time.time(), 0)]
    path = "/api/v1/balances?department=company&metric=nps&horizon=long"
    while steps[-1][1] < until:
        async with api.get(path) as answer:
            rows = await answer.json() if answer.status == 200 else []
        answers = sum(row["n"] for row in rows)
        if answers > steps[-1][1]:
            steps.append((time.time(), answers))
        await asyncio.sleep(POLL_S)
    return steps


def _rows(store: Store) -> int:
    return int(store.query("SELECT count() AS n FROM events")[0]["n"])


def delays(sent: Steps, arrived: Steps, every: int = 1) -> list[float]:
    """The delay of every `every`-th event from `sent` to `arrived`, seconds, ascending.

    >>> delays([(1.0, 2), (2.0, 4)], [(3.0, 3), (5.0, 4)])
    [1.0, 2.0, 2.0, 3.0]
    """
    counts_sent, counts_arrived = [count for _, count in sent], [count for _, count in arrived]
    numbers = range(1, min(counts_sent[-1], counts_arrived[-1]) + 1, every)
    delays_s = [arrived[bisect_left(counts_arrived, n)][0] - sent[bisect_left(counts_sent, n)][0] for n in numbers]
    return sorted(max(0.0, delay) for delay in delays_s)


def quantiles(ascending: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum, seconds."""
    values = sorted(ascending)
    return {"p50_s": values[len(values) // 2], "p99_s": values[len(values) * 99 // 100], "max_s": values[-1]}
