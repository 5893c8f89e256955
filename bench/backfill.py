"""`python -m bench.backfill`: ten million events of 400 days, published at once while live events go on.

It measures how fast they land, when cells and day cells are fresh, the memory of worker and store, and how soon live
events are queryable and in the balances meanwhile.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from aiokafka import AIOKafkaProducer

from bench.events import registry_text
from bench.live import Live, Outside, delays, printed_by, quantiles, worker
from bench.memory import peak_mb
from bench.outside import broker, cpu_s, store
from metrics.registry import parse
from streams.figures import days, reconcile
from streams.store.client import Store
from streams.store.migrations import migrate

DAYS = 390
"""Less than 400, the greatest age of an event: it grows older while it waits."""
LIVE_EVERY_S, POLL_S = 0.25, 0.1
TOUCHPOINT = "live.page"
OWNER = """
[[department]]
id = "live"
name = "Live"
office = "front"

[[ownership]]
touchpoint = "live.page"
owner = "live"
"""
"""A department of its own, so that its balances hold the live answers alone."""


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)


async def history(outside: Outside, live: Live, count: int) -> float:
    """Publishes the past in a process of its own; returns when the last event was sent."""
    fields = {"broker": outside.broker.address, "topic": live.topic, "group": live.topic, "count": count, "days": DAYS}
    return float(await printed_by("bench.history", "BENCH_HISTORY", fields))


async def answers(outside: Outside, topic: str, sent: list[tuple[float, int]]) -> None:
    """Publishes an answer to NPS every LIVE_EVERY_S, and records when."""
    producer = AIOKafkaProducer(bootstrap_servers=outside.broker.address)
    await producer.start()
    try:
        while True:
            now, number = time.time(), len(sent) + 1
            event = {
                "event_id": f"live-{number}", "source": "live", "kind": "nps", "touchpoint": TOUCHPOINT, "score": 9,
                "occurred_at": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            }  # fmt: skip
            await producer.send_and_wait(topic, json.dumps(event).encode(), partition=number % 4)
            sent.append((now, number))
            await asyncio.sleep(LIVE_EVERY_S)
    finally:
        await producer.stop()


async def watched(count_now: Callable[[], Awaitable[int]], steps: list[tuple[float, int]]) -> None:
    """Records each rise of a count."""
    while True:
        count = await count_now()
        if not steps or count > steps[-1][1]:
            steps.append((time.time(), count))
        await asyncio.sleep(POLL_S)


async def until(what: str, done: Callable[[], int], wanted: int) -> float:
    """Waits until the count is `wanted`, and reports it every ten seconds; returns the time."""
    reported_s = time.monotonic()
    while (count := await asyncio.to_thread(done)) < wanted:
        if time.monotonic() - reported_s >= 10:
            say(f"{what}: {count:,} of {wanted:,}")
            reported_s = time.monotonic()
        await asyncio.sleep(0.5)
    return time.time()


def _count(kept: Store, sql: str) -> int:
    return int(kept.query(sql)[0]["n"])


async def _in_balances(api: aiohttp.ClientSession) -> int:
    async with api.get("/api/v1/balances?department=live&metric=nps&horizon=long") as answer:
        return sum(row["n"] for row in (await answer.json() if answer.status == 200 else []))


async def measure(outside: Outside, store_pid: int, count: int) -> dict[str, Any]:
    """Measures everything."""
    kept, horizons = Store(outside.clickhouse), parse(outside.registry.read_text()).horizons
    sent, landed, fresh = list[tuple[float, int]](), [(time.time(), 0)], [(time.time(), 0)]
    async with worker(outside) as live, aiohttp.ClientSession(f"http://127.0.0.1:{live.port}") as api:

        async def of_live() -> int:
            return await asyncio.to_thread(_count, kept, "SELECT count() AS n FROM events WHERE source = 'live'")

        background = [
            asyncio.create_task(answers(outside, live.topic, sent)),
            asyncio.create_task(watched(of_live, landed)),
            asyncio.create_task(watched(partial(_in_balances, api), fresh)),
        ]
        began, spent = time.time(), (cpu_s(live.pid), cpu_s(store_pid))
        rows = "SELECT count() AS n FROM events WHERE source = 'bench'"
        landing = until("landed", lambda: _count(kept, rows), count)
        all_landed, _ = await asyncio.gather(landing, history(outside, live, count))
        cells = await until("events in cells", lambda: _count(kept, _IN_CELLS), count)
        folded = await until("days folded", lambda: len(days.clean(kept, horizons)), DAYS)
        took = [cpu_s(pid) - before for pid, before in zip((live.pid, store_pid), spent, strict=True)]
        peaks = {"worker_peak_mb": peak_mb(live.pid), "store_peak_mb": peak_mb(store_pid)}
        for task in background:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*background)
        wrong = reconcile.mismatched_days(kept, horizons, 0)
    kept.close()
    landed_s = all_landed - began
    return {
        "events": count, "days": DAYS, "landed_after_s": landed_s, "events_a_second": count / landed_s,
        "cells_fresh_after_s": cells - began, "days_folded_after_s": folded - began, "days_mismatched": wrong,
        "worker_cpu_s": took[0], "store_cpu_s": took[1], **peaks,
        **_prefixed("live_landed", delays(sent, landed)), **_prefixed("live_in_balances", delays(sent, fresh)),
    }  # fmt: skip


def _prefixed(name: str, waits: list[float]) -> dict[str, float]:
    return {f"{name}_{quantile}": value for quantile, value in quantiles(waits).items()}


_IN_CELLS = "SELECT sum(n) AS n FROM cells FINAL WHERE touchpoint != 'live.page'"


async def run(count: int) -> dict[str, Any]:
    """Sets up broker and store, and measures."""
    with tempfile.TemporaryDirectory() as scratch, store(Path(scratch)) as (clickhouse, store_pid):
        registry = Path(scratch) / "registry.toml"
        registry.write_text(registry_text() + OWNER)
        list(migrate(Store(clickhouse)))
        async with broker("kafka", Path(scratch)) as on:
            return await measure(Outside(on, clickhouse, registry), store_pid, count)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="bench.backfill", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    figures = asyncio.run(run(parser.parse_args().events))
    for name, value in figures.items():
        print(f"- {name}: {value:,.2f}" if isinstance(value, float) else f"- {name}: {value:,}")


if __name__ == "__main__":
    main()
