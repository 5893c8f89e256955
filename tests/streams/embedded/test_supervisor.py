import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from streams.embedded import instance as record
from streams.embedded import supervisor
from streams.embedded.held_ports import hold
from streams.embedded.instance import AlreadyRunning, Instance, NoInstance
from streams.embedded.processes import free_port, turn_at_ports
from streams.embedded.services import http_answers, kafka_answers
from streams.embedded.supervisor import Deadlines, Hooks, Ports, StartFailed, run
from streams.errors import ConfigurationError
from tests.known import known
from tests.streams.embedded.processes_of import children, eventually, runs, until

pytestmark = pytest.mark.embedded

STAND_IN = (sys.executable, str(Path(__file__).with_name("worker_stand_in.py")))
ANY = Ports(0, 0, 0, 0)
REGISTRY = Path("registry.toml")


@dataclass
class Up:
    """An instance that runs in the test's own loop, and what it said."""

    data: Path
    notes: Path
    said: list[str] = field(default_factory=list)
    ready: list[Instance] = field(default_factory=list)
    missing: Callable[[], dict[int, int]] = dict
    running: "asyncio.Task[bool] | None" = None

    def start(
        self, mode: str = "good", check: Callable[[], Path] = lambda: REGISTRY, **options: object
    ) -> "asyncio.Task[bool]":
        variables = {"STAND_IN_NOTES": str(self.notes), "STAND_IN_MODE": mode}
        self.running = asyncio.create_task(
            run(
                self.data,
                check,
                hooks=Hooks(self.said.append, self.look, self.ready.append),
                worker_command=STAND_IN,
                worker_env=variables,
                ports=ANY,
                **options,  # type: ignore[arg-type]
            )
        )
        return self.running

    async def look(self, _: Instance) -> dict[int, int]:
        return self.missing()

    async def until(self, condition: Callable[[], object]) -> None:
        running = known(self.running)
        await until(lambda: condition() or running.done())
        if running.done():
            running.result()
            pytest.fail(f"it ended: {self.said}")

    async def stop(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        assert self.running is not None
        await asyncio.wait_for(self.running, 15)


@pytest.fixture
def up(tmp_path: Path) -> Up:
    return Up(tmp_path / "data", tmp_path / "notes")


def connect(instance: Instance) -> Client:
    port = int(instance.store_url.rpartition(":")[2])
    return clickhouse_connect.get_client(
        host="127.0.0.1", port=port, username=instance.user, password=instance.password
    )


async def test_an_instance_chooses_its_ports_in_its_turn_which_ends_once_all_parts_answer(up: Up) -> None:
    async with turn_at_ports(60, lambda: False):
        up.start()
        await up.until((up.data / "lock").exists)
        assert not (up.data / "logs").exists()
    await up.until(lambda: up.ready)
    async with turn_at_ports(60, lambda: False):
        pass
    await up.stop()


PARTS = ("worker", "gateway")


@pytest.mark.parametrize(
    "part", [pytest.param(n, id=name, marks=[pytest.mark.long] if n else []) for n, name in enumerate(PARTS)]
)
async def test_a_port_that_somebody_takes_after_it_was_chosen_is_chosen_again(
    up: Up, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        chosen = iter([*[0] * part, taken])
        monkeypatch.setattr(supervisor, "free_port", lambda port: next(chosen, 0) or free_port(port))
        up.start()
        await up.until(lambda: up.ready)
        instance = up.ready[0]
        assert taken not in (
            int(at.rpartition(":")[2])
            for at in (instance.kafka, instance.store_url, instance.web_url, instance.gateway_url)
        )
        assert up.said[0] == "a port that was free is in use by now: starting again with other ports"
        await up.stop()


async def test_ports_of_broker_and_store_cannot_be_taken_from_their_choice_on(
    up: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [hold(0), hold(0)]
    ports = [one.getsockname()[1] for one in held]
    left = iter(held)
    monkeypatch.setattr(supervisor, "hold", lambda _: next(left))
    up.start()
    while not up.ready:
        for port in ports:
            with pytest.raises(OSError, match="in use"):
                socket.create_server(("127.0.0.1", port))
        await asyncio.sleep(0.02)
    assert {int(at.rpartition(":")[2]) for at in (up.ready[0].kafka, up.ready[0].store_url)} == set(ports)
    assert [one.fileno() for one in held] == [-1, -1]  # whoever listens there now is the only one who holds them
    await up.stop()
    assert up.said == [f"ready: {up.ready[0].web_url}"]


@pytest.mark.long
async def test_ports_that_are_taken_again_and_again_end_the_start_with_the_reason(
    up: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(supervisor, "free_port", lambda _: other.getsockname()[1])
        with pytest.raises(StartFailed, match="in use"):
            await up.start()


async def test_an_instance_comes_up_is_found_and_leaves_in_order(up: Up) -> None:
    others = children(os.getpid())  # of the session's fixtures
    up.start()
    await up.until(lambda: up.ready)
    instance = record.find(up.data)
    assert instance == up.ready[0]
    assert await kafka_answers(instance.kafka)
    assert await http_answers(int(instance.web_url.rpartition(":")[2]), "/ready")
    with await asyncio.to_thread(connect, instance) as client:
        assert await asyncio.to_thread(client.command, "SELECT timezone()") == "UTC"
    await up.stop()
    assert up.notes.read_text().endswith("drained\n")
    assert up.said == [f"ready: {instance.web_url}"]
    with pytest.raises(NoInstance):
        record.find(up.data)
    assert children(os.getpid()) == others


async def test_the_worker_is_told_where_everything_is(up: Up) -> None:
    up.start()
    await up.until(lambda: up.ready)
    instance = up.ready[0]
    await up.stop()
    variables = dict(line.split("=", 1) for line in up.notes.read_text().splitlines() if "=" in line)
    assert variables == {
        **{name: value for name, value in os.environ.items() if name.startswith("CXB_")},
        "CXB_KAFKA_BOOTSTRAP_SERVERS": instance.kafka,
        "CXB_CLICKHOUSE_URL": instance.store_url,
        "CXB_CLICKHOUSE_USER": instance.user,
        "CXB_CLICKHOUSE_PASSWORD": instance.password,
        "CXB_CLICKHOUSE_DATABASE": "cx",
        "CXB_HTTP_HOST": "127.0.0.1",
        "CXB_HTTP_PORT": instance.web_url.rpartition(":")[2],
        "CXB_CUSTOMER_KEY_FILE": str(up.data / "customer.key"),
        "CXB_EMBEDDED": "1",
    }
    modes = {path.name: path.stat().st_mode & 0o777 for path in (up.data / "logs").iterdir()}
    assert modes == dict.fromkeys(("broker.log", "gateway.log", "store.log", "worker.log"), 0o600)


async def test_whatever_dies_is_started_again_and_the_store_keeps_its_rows(up: Up) -> None:
    cli = "streams.cli\0gateway"
    parts = (("worker", "worker_stand_in"), ("store", "store_server"), ("gateway", cli), ("broker", "front_server"))
    others = {pid for _, part in parts for pid in children(os.getpid(), part)}  # of other tests
    up.start()
    await up.until(lambda: up.ready)
    instance = up.ready[0]
    with await asyncio.to_thread(connect, instance) as client:
        await asyncio.to_thread(client.command, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
        await asyncio.to_thread(client.insert, "t", [[1], [2]])
    for name, part in parts:
        (pid,) = set(children(os.getpid(), part)) - others
        os.kill(pid, signal.SIGKILL)
        await up.until(partial(up.said.__contains__, f"the {name} is back"))
    await up.until(lambda: up.said.count("the worker is back") == 2)
    with await asyncio.to_thread(connect, instance) as client:
        assert await asyncio.to_thread(client.command, "SELECT count() FROM t") == 2
    assert await kafka_answers(instance.kafka)
    assert any(
        "the broker ended unexpectedly (exit code -9): nothing that it acknowledged is lost" in s for s in up.said
    )
    await up.stop()
    assert up.notes.read_text().count("\nstarted ") == 3


async def test_a_stop_starts_a_worker_where_none_runs_until_nothing_is_missing(up: Up) -> None:
    def starts() -> int:
        return up.notes.read_text().count("started ")

    up.missing = lambda: {} if starts() == 3 else {1: 7}
    up.start()
    await up.until(lambda: up.ready)
    for start, pause_s in ((1, "0.5"), (2, "1")):
        await up.until(lambda start=start: starts() == start)  # type: ignore[misc]
        [worker] = children(os.getpid(), "worker_stand_in")
        os.kill(worker, signal.SIGKILL)
        await up.until(lambda pause_s=pause_s: any(f"in {pause_s} s" in line for line in up.said))  # type: ignore[misc]
    await up.stop()
    assert "7 events accepted but not landed: partition 1: 7: starting a worker to land them" in up.said
    assert known(up.running).result()  # proved
    assert up.notes.read_text().endswith("drained\n")


async def test_a_worker_that_cannot_start_ends_everything_and_shows_its_log(up: Up) -> None:
    with pytest.raises(StartFailed, match=r"(?s)the worker ended at the start with exit code 1.*no registry at line 7"):
        await up.start("broken")
    assert (up.said, up.ready) == ([], [])
    assert not (up.data / "instance.json").exists()


async def test_what_the_check_finds_ends_everything_before_it_is_ready(up: Up) -> None:
    def check() -> Path:
        raise ConfigurationError("CXB_HTTP_PORT must be a number")

    with pytest.raises(ConfigurationError, match="must be a number"):
        await up.start(check=check)
    assert (up.said, up.ready) == ([], [])
    assert not (up.data / "instance.json").exists()


async def test_a_worker_that_is_never_ready_is_given_up_on(up: Up) -> None:
    with pytest.raises(StartFailed, match="did not answer within 3 s"):
        await up.start("silent", deadlines=Deadlines(start_s=3.0))


async def test_a_stop_during_the_start_is_no_error(up: Up) -> None:
    up.start("silent")
    await up.until(up.notes.exists)
    await up.stop()
    assert up.ready == []


async def test_a_second_instance_on_the_directory_is_refused(up: Up) -> None:
    with record.claim(up.data), pytest.raises(AlreadyRunning, match=f"process {os.getpid()} "):
        await up.start()


PARENT = """
import asyncio, os, pathlib, sys
from streams.errors import ConfigurationError
from streams.embedded.supervisor import Hooks, Ports, run
data, *command = map(str, sys.argv[1:])
asyncio.run(run(pathlib.Path(data), lambda: pathlib.Path("r"), hooks=Hooks(lambda text: print(text, flush=True), None),
                worker_command=command, ports=Ports(0, 0, 0, 0)))
"""


def test_a_killed_supervisor_leaves_no_process_and_the_next_one_starts(up: Up) -> None:
    variables = {**os.environ, "STAND_IN_NOTES": str(up.notes)}
    argv = [sys.executable, "-c", PARENT, str(up.data), *STAND_IN]
    with subprocess.Popen(argv, env=variables, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith("ready: ")
        pids = children(parent.pid)
        assert len(pids) == 4
        parent.kill()
    with pytest.raises(NoInstance, match="has ended"):
        record.find(up.data)
    eventually(lambda: not any(map(runs, pids)))

    async def again() -> None:
        up.start()
        await up.until(lambda: up.ready)
        await up.stop()

    asyncio.run(again())
