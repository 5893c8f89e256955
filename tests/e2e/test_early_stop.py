"""`cxb up` that is stopped before it is ready, and what other terminals hear while it starts."""

import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams.embedded.spool import Spool
from tests.e2e.running import CXB, PROJECT, cxb, environment, eventually, instance, stop, up
from tests.streams.embedded.batches import batch

pytestmark = pytest.mark.embedded

WAIT = "cxb: stopped before it was ready: 5 accepted events have not landed; they are kept on disk, and land after the"
INSTANTS_S = (0.0, 0.1, 0.25, 0.5, 1.0, 1.6, 2.5)
EXPECTED = (WAIT, "stopped: all that was accepted has landed")


def start(data: Path) -> "subprocess.Popen[str]":
    """A `cxb up` whose signals are held back by now: what comes before is the interpreter's own start."""
    process = subprocess.Popen(
        [*CXB, "up", "--data", str(data)], cwd=PROJECT, env=environment({"MARK_OF_A_TEST": str(data)}),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    eventually(lambda: _blocked(process.pid) & 1 << signal.SIGINT - 1, "signals are held back")
    return process


@contextmanager
def no_instance_starts() -> Iterator[None]:
    """Holds the turn that a start waits for: however late a signal comes, it comes before the start has ended."""
    turn = os.open(tempfile.gettempdir(), os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)


def _blocked(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("SigBlk")), 16)


def _left(data: Path) -> list[str]:
    """Processes that an instance has left behind."""
    left = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            marked = f"MARK_OF_A_TEST={data}".encode() in (directory / "environ").read_bytes()
        except OSError:
            continue
        if marked:
            left.append((directory / "cmdline").read_text())
    return left


def accepted(data: Path) -> None:
    """Leaves what an instance does that was killed: two entries of accepted events, five in all."""
    spool = Spool(data / "spool" / "cx.touchpoints")
    spool.write([(0, batch(b"a", b"b", b"c")), (1, batch(b"d", b"e", compression=1))], 0.0)
    spool.close()


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after_s", INSTANTS_S)
def test_a_stop_at_any_instant_of_the_start_says_what_waits(
    tmp_path: Path, number: signal.Signals, after_s: float
) -> None:
    accepted(tmp_path)
    process = start(tmp_path)
    time.sleep(after_s)
    process.send_signal(number)
    said, _ = process.communicate(timeout=90)
    assert "Traceback" not in said
    last = said.splitlines()[-1]
    assert last.startswith(EXPECTED), said
    assert process.returncode == int(last.startswith(WAIT))
    assert _left(tmp_path) == []


def test_a_stop_of_a_start_with_nothing_to_land_is_no_failure(tmp_path: Path) -> None:
    with no_instance_starts():
        process = start(tmp_path)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert (process.returncode, said.splitlines()[-1]) == (0, "stopped before it was ready")


@pytest.mark.long
def test_what_waited_at_an_early_stop_lands_after_the_next_start(tmp_path: Path) -> None:
    accepted(tmp_path)
    process = start(tmp_path)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    said: list[str] = []
    with up(tmp_path, said=said) as running:
        assert any("accepted before and had not landed: 5" in line for line in said)
        stop(running)
        assert running.returncode == 0


def test_a_second_signal_before_it_is_ready_says_what_waits_too(tmp_path: Path) -> None:
    accepted(tmp_path)
    process = start(tmp_path)
    eventually((tmp_path / "logs" / "worker.log").exists, "its parts are started")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    last = said.splitlines()[-1]
    assert last.startswith("cxb: ")
    # On a busy machine the broker may not have answered yet: then nobody knows how many, and that is what is said.
    assert "5 " in last or "it is not known which accepted events have not landed" in last
    assert _left(tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize("command", ["balances", "scorecards", "doctor", "drift"])
def test_while_an_instance_starts_a_command_says_so(tmp_path: Path, command: str) -> None:
    process = start(tmp_path)
    try:
        eventually(lambda: (tmp_path / "lock").exists() and (tmp_path / "lock").read_text(), "it has its directory")
        process.send_signal(signal.SIGSTOP)
        said = cxb(command, "--data", str(tmp_path), variables={}, expect=4).stderr
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert said == (
        f"cxb: the instance on {tmp_path} (process {process.pid}) is starting and not ready yet; "
        "try again in a few seconds\n"
    )
    assert "no instance runs" in cxb(command, "--data", str(tmp_path), variables={}, expect=4).stderr


@pytest.mark.long
def test_a_healthy_start_leaves_no_warning_in_any_log(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        assert instance(tmp_path)["pid"] == running.pid
        cxb("scorecards", "--data", str(tmp_path), variables={})
    logs = {log.name: log.read_text() for log in (tmp_path / "logs").iterdir()}
    assert set(logs) >= {"worker.log", "broker.log", "store.log"}
    bad = [line for text in logs.values() for line in text.splitlines() if " WARN" in line or " ERROR " in line]
    assert bad == []
