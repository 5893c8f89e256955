"""`python -m bench`: prepares the data, lets each contestant do the job in turn, and prints ratios."""

import argparse
import asyncio
import json
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.job import START, TOUCHPOINTS, registry_text
from streams.embedded import services
from streams.embedded.processes import Lifeline, free_port, start
from streams.migrations import migrate
from streams.settings import ClickHouse
from streams.store import Store

CONTESTANTS = ("cx_balance", "raw_aiokafka", "faust_take")
PROJECT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"


def events(count: int) -> Iterator[tuple[bytes, int]]:
    """Events of about 236 bytes with their timestamps: 1 % copies of the one before, 0.1 % bad."""
    for number in range(count):
        at = START + timedelta(seconds=number * 25_000_000 // count)
        named = number - 1 if number % 100 == 99 else number
        at = at if named == number else START + timedelta(seconds=named * 25_000_000 // count)
        event: dict[str, Any] = {
            "event_id": f"bench-event-{named:020d}",
            "source": "bench-source",
            "kind": "nps",
            "touchpoint": f"t{named % TOUCHPOINTS}.page",
            "occurred_at": at.isoformat(timespec="milliseconds"),
            "customer": f"customer-{named % 5000:08d}",
            "score": 11 if number % 1000 == 500 else named % 11,
            "segment": "consumer",
        }
        yield json.dumps(event).encode(), int(at.timestamp() * 1000)


async def prepare(broker: str, topic: str, count: int) -> None:
    """Creates the topic and fills it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 4, 1), NewTopic("cx.touchpoints.dlq", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=broker, linger_ms=20, max_batch_size=256 * 1024)
    await producer.start()
    for number, (value, stamp_ms) in enumerate(events(count)):
        await producer.send(topic, value, b"%d" % number, timestamp_ms=stamp_ms)
    await producer.flush()
    await producer.stop()


@contextmanager
def stored(directory: Path) -> Iterator[ClickHouse]:
    """The engine over HTTP, as a process of its own."""
    password = secrets.token_hex(16)
    port = free_port(0)
    told = {"CXB_STORE_DIRECTORY": str(directory / "store"), "CXB_STORE_PORT": str(port), "CXB_STORE_USER": "cx"}
    argv = [sys.executable, "-m", "streams.embedded.store_server"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(argv, env={**os.environ, **told, "CXB_STORE_PASSWORD": password}, **quiet)
    while socket.socket().connect_ex(("127.0.0.1", port)):
        time.sleep(0.05)
    yield ClickHouse(url=f"http://127.0.0.1:{port}", user="cx", password=password, database="bench")  # type: ignore[arg-type]
    process.terminate()
    process.wait(30)


def run(contestant: str, job: dict[str, Any], count: int) -> dict[str, float]:
    """One contestant, once, on an empty table; its result is checked before its time counts."""
    store = Store(ClickHouse(**job["store"]))
    for table in ("events", "rejected"):
        store.command(f"TRUNCATE TABLE {table}")
    told = {**os.environ, "BENCH_JOB": json.dumps({**job, "group": f"{contestant}-{secrets.token_hex(4)}"})}
    done = subprocess.run(
        [sys.executable, "-m", f"bench.contestants.{contestant}"], cwd=PROJECT, env=told, stdout=subprocess.PIPE,
        text=True, check=True, timeout=900,
    )  # fmt: skip
    bad = sum(number % 1000 == 500 for number in range(count))
    copies = sum(number % 100 == 99 for number in range(count))
    unique = store.query("SELECT count() AS n FROM events FINAL")[0]["n"]
    store.close()
    if unique != count - bad - copies:
        raise RuntimeError(f"{contestant} landed {unique:,} unique events, not {count - bad - copies:,}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(results: dict[str, list[dict[str, float]]], count: int) -> str:
    """Medians as Markdown, with ratios against cx-balance."""
    rates = {name: count / statistics.median(run["cpu_s"] for run in runs) / 1000 for name, runs in results.items()}
    lines = ["| contestant | k events a CPU-second | cx-balance is | wall s | peak MB |", "|---|---|---|---|---|"]
    for name, runs in results.items():
        wall, peak = (statistics.median(run[key] for run in runs) for key in ("wall_s", "peak_mb"))
        ratio = rates["cx_balance"] / rates[name]
        lines.append(f"| {name} | {rates[name]:.1f} | {ratio:.2f} times | {wall:.1f} | {peak:.0f} |")
    return "\n".join(lines)


async def measure(count: int, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Every contestant's figures of every round; contestants take turns, so that noise meets all alike."""
    results: dict[str, list[dict[str, float]]] = {name: [] for name in CONTESTANTS}
    lifeline = Lifeline()
    with tempfile.TemporaryDirectory() as scratch, stored(Path(scratch)) as store:
        registry = Path(scratch) / "registry.toml"
        registry.write_text(registry_text())
        address = f"127.0.0.1:{free_port(0)}"
        broker = services.broker(int(address.rpartition(":")[2]), Path(scratch) / "broker.log")
        child = await start(broker.command, lifeline)
        while not await broker.answers():  # noqa: ASYNC110  (asked of another process)
            await asyncio.sleep(0.05)
        list(migrate(Store(store)))
        say(f"publishing {count:,} events")
        await prepare(address, "bench", count)
        told = store.model_dump() | {"password": store.password.get_secret_value()}
        job = {"broker": address, "topic": "bench", "events": count, "store": told, "registry": str(registry)}
        for round_ in range(rounds):
            for name in CONTESTANTS:
                taken = await asyncio.to_thread(run, name, job, count)
                results[name].append(taken)
                say(f"round {round_ + 1}: {name} {taken['cpu_s']:.1f} CPU s, {taken['wall_s']:.1f} s")
        await child.stop(5)
        lifeline.close()
    return results


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr)


def main() -> None:
    """Measures, prints the table and keeps it."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    results = asyncio.run(measure(asked.events, asked.rounds))
    shown = table(results, asked.events)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, Tansu"
    about = f"{asked.events:,} events, {asked.rounds} rounds, {datetime.now(UTC):%F}, {machine}"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.md").write_text(f"{about}\n\n{shown}\n")
    (RESULTS / "latest.json").write_text(json.dumps({"about": about, "results": results}, indent=1))
    print(shown)


main()
