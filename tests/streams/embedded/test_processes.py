import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from streams.embedded.processes import (
    LIFELINE,
    Child,
    Command,
    Lifeline,
    bound_log,
    free_port,
    start,
    tail,
    turn_at_ports,
)
from tests.streams.embedded.processes_of import eventually, runs, until

Spawn = Callable[[str], Awaitable[Child]]
READY = "print('ready', flush=True); time.sleep(60)"


def python(code: str, log: Path) -> Command:
    return Command("child", (sys.executable, "-c", f"import os, signal, sys, time\n{code}"), dict(os.environ), log)


@pytest_asyncio.fixture
async def spawn(tmp_path: Path) -> AsyncIterator[Spawn]:
    """Starts Python code as a child that logs to `child.log` and says there when it is ready."""
    lifeline = Lifeline()
    started: list[Child] = []

    async def run(code: str) -> Child:
        log = tmp_path / "child.log"
        started.append(await start(python(code, log), lifeline))
        await until(lambda: "ready" in log.read_text() or started[-1].exit_code is not None)
        return started[-1]

    yield run
    for child in started:
        await child.stop(0)
    lifeline.close()


async def test_a_child_stops_when_told_and_the_rest_of_its_time_is_not_waited_for(spawn: Spawn) -> None:
    child = await spawn(READY)
    began = time.monotonic()
    assert await child.stop(30)
    assert time.monotonic() - began < 5
    assert (child.exit_code, child.asked_to_stop) == (-signal.SIGTERM, True)


STUBBORN = f"signal.signal(signal.SIGTERM, signal.SIG_IGN); {READY}"


async def test_a_child_that_ignores_its_deadline_is_killed(spawn: Spawn) -> None:
    child = await spawn(STUBBORN)
    assert not await child.stop(0.1)
    assert child.exit_code == -signal.SIGKILL


async def test_force_ends_the_wait_for_the_deadline(spawn: Spawn) -> None:
    child = await spawn(STUBBORN)
    forced = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, forced.set)
    assert not await asyncio.wait_for(child.stop(60, forced), 5)


async def test_stopping_what_has_ended_is_no_error(spawn: Spawn) -> None:
    child = await spawn("sys.exit(5)")
    assert await child.wait() == 5
    assert await child.stop(1)


async def test_a_child_has_a_session_of_its_own_so_that_the_terminal_reaches_the_parent_alone(spawn: Spawn) -> None:
    child = await spawn(READY)
    assert os.getsid(child.pid) == child.pid != os.getsid(0)


async def test_the_log_of_a_child_is_private_and_continued(spawn: Spawn, tmp_path: Path) -> None:
    for _ in range(2):
        await (await spawn("print('ready', file=sys.stderr)")).wait()
    log = tmp_path / "child.log"
    assert (log.read_text(), log.stat().st_mode & 0o777) == ("ready\nready\n", 0o600)


PARENT = """
import asyncio, pathlib, sys
from streams.embedded.processes import Command, Lifeline, start

async def main():
    command = Command("c", (sys.executable, "-c", "import time; time.sleep(60)"), {}, pathlib.Path(sys.argv[1]))
    child = await start(command, Lifeline())
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the child itself watches the lifeline")
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert runs(pid)
        parent.kill()
    eventually(lambda: not runs(pid))


WATCHING = "from streams.embedded.processes import end_with_parent; import time; end_with_parent(); "


def test_a_child_that_watches_the_lifeline_ends_with_it() -> None:
    reading, writing = os.pipe()
    variables = {**os.environ, LIFELINE: str(reading)}
    argv = [sys.executable, "-c", f"{WATCHING} print('ready', flush=True); time.sleep(60)"]
    with subprocess.Popen(argv, env=variables, pass_fds=(reading,), stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert child.poll() is None
        os.close(writing)
        assert child.wait(10) == 1
    os.close(reading)


def test_a_process_without_a_lifeline_goes_its_own_way() -> None:
    without = {name: value for name, value in os.environ.items() if name != LIFELINE}
    assert (
        subprocess.run([sys.executable, "-c", f"{WATCHING} time.sleep(0.1)"], env=without, check=False).returncode == 0
    )


def test_the_usual_port_is_taken_if_free_and_another_one_if_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) not in (0, port)
    assert free_port(port) == port


def test_a_log_that_outgrew_its_limit_is_set_aside_once(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    bound_log(log, 4)
    for content in ("abcd", "0123456789", "xyz-ABCDE"):
        log.write_text(content)
        bound_log(log, 4)
    kept = tmp_path / "a.log.1"
    assert (log.read_text(), kept.read_text(), kept.stat().st_mode & 0o777) == ("", "BCDE", 0o600)


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    assert tail(log) == ""
    log.write_bytes(b"\xff" * 9000 + b"\none\ntwo\n")
    assert tail(log, 2) == "one\ntwo"


async def test_ports_are_chosen_by_one_at_a_time() -> None:
    order: list[str] = []

    async def second() -> None:
        async with turn_at_ports(30, lambda: False):
            order.append("second")

    async with turn_at_ports(30, lambda: False):
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.2)
        order.append("first")
    await waiting
    assert order == ["first", "second"]


@pytest.mark.parametrize(("deadline_s", "given_up"), [(0.1, False), (30, True)])
async def test_who_holds_its_turn_for_ever_keeps_nobody_from_starting(deadline_s: float, given_up: bool) -> None:
    async with (
        turn_at_ports(30, lambda: False),
        asyncio.timeout(10),
        turn_at_ports(deadline_s, lambda: given_up),
    ):
        pass
