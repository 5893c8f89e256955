"""Server mode: workers on a real Kafka with four partitions, and the engine as a ClickHouse server over HTTP."""

import asyncio
import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from metrics.events.rejection import OF_SCHEMAS, Reason
from metrics.registry import parse
from tests.e2e.running import CXB, PROJECT, cxb, end, environment, eventually, rows, write
from tests.faults.checker import letters
from tests.faults.proxy import Proxy
from tests.faults.store_process import StoreProcess
from tests.faults.world import WorkerProcess, World, until
from tests.kafka.broker import KafkaBroker
from tests.metrics import reference
from tests.metrics.events.test_decoding import POISON
from tests.streams.web.page_of import chromium, reading
from tests.tools import chromium_program

pytestmark = pytest.mark.kafka
REGISTRY = (PROJECT / "deploy" / "registry.toml").read_text()
ROOMY = {"CXB_INGEST_MAX_AGE_DAYS": "600"}
TOKEN = "a-token-of-enough-length"


@pytest.fixture(scope="module")
def world(kafka: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A topic, a group and a database that start from nothing: workers and `cxb migrate` make what they need."""
    directory = tmp_path_factory.mktemp("server")
    store = StoreProcess(directory)
    store.start()
    name = f"server-{uuid4().hex[:8]}"
    made = World(directory, kafka.bootstrap, store, name, name, "cx_e2e", Proxy(store.port))
    made.settings = {"CXB_MIGRATE_AT_START": "false", "CXB_REGISTRY": str(PROJECT / "deploy" / "registry.toml")}
    yield made
    end(made)


@pytest.fixture(scope="module")
def variables(world: World) -> dict[str, str]:
    return {name: value for name, value in world.environment({}).items() if name.startswith("CXB_")}


@pytest.fixture(scope="module")
def tables(variables: dict[str, str]) -> str:
    """The tables, made by two at once; what both said."""
    how: dict[str, Any] = {"cwd": PROJECT, "env": environment(variables), "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*CXB, "migrate"], **how) for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    return "".join(said)


@pytest.fixture
async def workers(world: World, tables: str) -> list[WorkerProcess]:
    """Two workers that have their partitions."""
    while len(alive(world)) < 2:
        world.start_worker()
    await until(lambda: all(answer_of(worker, "/ready") for worker in alive(world)), "the partitions are shared out")
    return alive(world)


def alive(world: World) -> list[WorkerProcess]:
    return [worker for worker in world.workers if worker.alive]


def answer_of(worker: WorkerProcess, path: str) -> str:
    """What it answers; nothing before it serves and where it answers with an error."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.http_port}{path}", timeout=5) as response:
            return str(response.read().decode())
    except urllib.error.HTTPError as error:
        error.close()
        return ""
    except OSError:
        return ""


def counted(worker: WorkerProcess) -> int:
    """Accepted events by its own count."""
    values = re.findall(r"^cx_events_total\{.*\} (\S+)$", answer_of(worker, "/metrics"), re.MULTILINE)
    return int(sum(map(float, values)))


def simulated(count: int, seed: int) -> list[bytes]:
    """Events of which no two are alike, also between seeds."""
    return (
        cxb("simulate", "--events", str(count), "--seed", str(seed), "--to", "2026-11-01", variables={})
        .stdout.encode()
        .splitlines()
    )


def landed(world: World, lines: list[bytes]) -> list[dict[str, Any]]:
    """How many of these events are there, and under how many ids."""
    run = json.loads(lines[0])["event_id"].partition("-")[0]
    sql = "SELECT count() AS n, uniqExact(event_id) AS ids FROM events_latest WHERE startsWith(event_id, '{}-')"
    return world.address.query(sql.format(run))


@pytest.mark.long
def test_tables_are_made_by_two_at_once_and_again_without_harm(
    world: World, variables: dict[str, str], tables: str
) -> None:
    there = world.address.query("SELECT DISTINCT version FROM schema_migrations ORDER BY version")
    assert [row["version"] for row in there] == list(range(1, len(there) + 1))
    assert all(f"version {row['version']} " in tables for row in there)
    assert cxb("migrate", variables=variables).stderr == "the tables of cx_e2e are up to date\n"


@pytest.mark.long
async def test_two_workers_share_the_work_and_the_figures_are_those_of_the_reference(
    world: World, variables: dict[str, str], workers: list[WorkerProcess], tmp_path: Path
) -> None:
    before = [counted(worker) for worker in workers]
    lines = simulated(3000, 21)
    said = cxb("publish", "--backfill", "--wait", str(write(lines, tmp_path / "events")), variables=variables).stderr
    assert "landed 3,000, rejected 0" in said
    shares = [counted(worker) - start for worker, start in zip(workers, before, strict=True)]
    assert sum(shares) == 3000
    assert min(shares) > 500
    at, events = datetime(2026, 11, 2, tzinfo=UTC), [json.loads(line) for line in lines]
    for view in ("as_was", "as_is"):
        actual = rows("balances", "--at", f"{at:%F}", "--view", view, variables=variables)
        assert reference.differences(actual, reference.balances(events, parse(REGISTRY), at, view)) == []


@pytest.mark.long
async def test_a_worker_killed_under_load_loses_and_doubles_nothing(
    world: World, variables: dict[str, str], workers: list[WorkerProcess]
) -> None:
    lines = simulated(4000, 22)
    pipe = asyncio.subprocess.PIPE
    publisher = await asyncio.create_subprocess_exec(
        *CXB, "publish", "--backfill", "--wait", "-", cwd=PROJECT, env=environment(variables), stdin=pipe, stderr=pipe
    )
    assert publisher.stdin is not None
    for start in range(0, 4000, 200):
        publisher.stdin.write(b"\n".join(lines[start : start + 200]) + b"\n")
        await publisher.stdin.drain()
        if start == 1000:
            await until(lambda: landed(world, lines)[0]["n"] > 200, "some have landed")
            workers[0].kill()
    _, said = await asyncio.wait_for(publisher.communicate(b""), 60)
    assert b"landed 4,000, rejected 0" in said, said.decode() + world.tails()
    assert landed(world, lines) == [{"n": 4000, "ids": 4000}]
    assert workers[1].alive


@asynccontextmanager
async def producer(world: World) -> AsyncIterator[AIOKafkaProducer]:
    made = AIOKafkaProducer(bootstrap_servers=world.bootstrap)
    await made.start()
    yield made
    await made.stop()


@pytest.mark.long
async def test_whatever_is_no_event_is_rejected_for_its_reason_with_one_dead_letter_each(
    world: World, variables: dict[str, str], workers: list[WorkerProcess]
) -> None:
    now = datetime.now(UTC)
    good = simulated(40, 23)
    untimely = [
        (contact("old", now - timedelta(days=401)), Reason.TOO_OLD),
        (contact("early", now + timedelta(hours=1)), Reason.IN_FUTURE),
    ]
    of_age = [(value, why) for _, value, why in POISON if why not in (Reason.TOO_OLD, Reason.IN_FUTURE)]
    bad = [*of_age, *untimely]
    assert {why for _, why in bad} == set(Reason) - OF_SCHEMAS
    wanted: dict[tuple[int, int], tuple[bytes | None, Reason]] = {}
    async with producer(world) as kafka:
        for position, (value, why) in enumerate(bad):
            sent = await kafka.send_and_wait(world.topic, value, b"k%d" % position)
            wanted[sent.partition, sent.offset] = value, why
            if position % 5 == 0 and good:
                await kafka.send_and_wait(world.topic, good.pop(), timestamp_ms=int(now.timestamp() * 1000))
    await until(lambda: len(listed(variables)) == len(bad), "all are rejected")
    assert {(row["partition"], row["offset"]): row["reason"] for row in listed(variables)} == {
        place: why for place, (_, why) in wanted.items()
    }
    sent_on = await letters(world.bootstrap, world.dlq_topic)
    assert len(sent_on) == len(bad)
    for letter in sent_on:
        headers = {name: value.decode() for name, value in letter.headers}
        value, why = wanted[int(headers["cx-partition"]), int(headers["cx-offset"])]
        assert (letter.value, headers["cx-reason"], headers["cx-topic"]) == (value, why, world.topic)
        assert headers["cx-detail"]
    assert {letter.key for letter in sent_on} == {b"k%d" % position for position in range(len(bad))}


def contact(event_id: str, at: datetime) -> bytes:
    event = {"event_id": event_id, "source": "e2e", "kind": "contact", "touchpoint": "web.site"}
    return json.dumps({**event, "occurred_at": at.isoformat()}).encode()


def listed(variables: dict[str, str]) -> list[dict[str, Any]]:
    return rows("rejected", "--limit", "100000", variables=variables)


@pytest.mark.long
async def test_a_worker_that_is_stopped_is_gone_in_time_with_committed_equal_to_landed(
    world: World, variables: dict[str, str], workers: list[WorkerProcess], tmp_path: Path
) -> None:
    lines = simulated(6000, 24)
    cxb("publish", "--backfill", str(write(lines, tmp_path / "events")), variables=variables)
    began = time.monotonic()
    assert [await asyncio.to_thread(worker.stop, 15) for worker in workers] == [0, 0]
    print(f"two workers stopped in {time.monotonic() - began:.1f} s")
    there = world.address.query(
        "SELECT (SELECT count() FROM events_latest) + (SELECT count() FROM rejected FINAL) AS n"
    )
    assert sum((await world.committed()).values()) == there[0]["n"]
    world.start_worker(**ROOMY)
    eventually(lambda: landed(world, lines) == [{"n": 6000, "ids": 6000}], "what was not taken lands afterwards")


@pytest.mark.long
async def test_an_event_rejected_as_too_old_lands_once_when_the_limit_is_raised(
    world: World, variables: dict[str, str], tables: str, tmp_path: Path
) -> None:
    for worker in alive(world):
        worker.stop()
    strict = world.start_worker()
    name = f"e-{uuid4().hex}"
    line = contact(name, datetime.now(UTC) - timedelta(days=500))
    said = cxb("publish", "--wait", str(write([line], tmp_path / "old")), variables=variables, expect=1).stderr
    assert "landed 0, rejected 1 (1 too_old): see cxb rejected" in said
    instant = json.loads(line)["occurred_at"]  # the id is masked
    [row] = [row for row in listed(variables) if instant in row["payload"]]
    chosen = ("--reason", "too_old", "--partition", str(row["partition"]), "--offset", str(row["offset"]))
    strict.stop()
    world.start_worker(**ROOMY)
    assert [(row["sent"], row["not_kept"]) for row in rows("redrive", *chosen, variables=variables)] == [(1, 0)]
    there = f"SELECT count() AS n FROM events FINAL WHERE event_id = '{name}'"
    eventually(lambda: world.address.query(there) == [{"n": 1}], "it lands")
    eventually(lambda: not [row for row in listed(variables) if instant in row["payload"]], "it is off the list")
    assert rows("redrive", *chosen, variables=variables) == []


@pytest.mark.long
@pytest.mark.usefixtures("workers")
async def test_the_doctor_finds_server_mode_well(variables: dict[str, str]) -> None:
    eventually(lambda: {row["state"] for row in rows("doctor", variables=variables)} == {"ok"}, "every check is ok")


@pytest.mark.long
async def test_a_browser_logs_in_at_a_worker_that_others_reach_and_a_program_sends_the_token(
    world: World, tables: str
) -> None:
    worker = world.start_worker(CXB_HTTP_HOST="0.0.0.0", CXB_HTTP_TOKEN=TOKEN)
    home = f"http://127.0.0.1:{worker.http_port}"
    eventually(lambda: answer_of(worker, "/ready"), "it is ready, which no token is needed to see")
    async with chromium(chromium_program()) as browser, reading(browser, home) as reader:
        await reader.page.goto(f"{home}/?page=touchpoints&lang=en")
        await reader.page.locator("input[name=token]").fill(TOKEN)
        await reader.page.get_by_role("button", name="Log in").click()
        await reader.shows("touchpoints")
    curl = ("curl", "-sS", "--fail", "-u", f"any:{TOKEN}", f"{home}/api/v1/registry")
    done = await asyncio.to_thread(subprocess.run, curl, check=True, capture_output=True, timeout=30)
    assert json.loads(done.stdout)["departments"]
    assert worker.stop(15) == 0
    assert "a login from 127.0.0.1" in worker.log.read_text()
    assert TOKEN not in worker.log.read_text()
