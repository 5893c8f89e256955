"""`cxb` as a user runs it: in processes of its own, without anything of the outer environment."""

import gzip
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.e2e import warm
from tests.faults.checker import StoreAddress
from tests.faults.world import World

PROJECT = Path(__file__).resolve().parents[2]
CXB = (sys.executable, "-m", "streams.cli")
SAMPLE = (PROJECT / "deploy" / "registry.toml").read_text()
USUAL_PORTS = (9092, 8123, 6066, 6067)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The outer environment without our settings, and these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CXB_")} | dict(more)


def cxb(
    *arguments: str, variables: Mapping[str, str], expect: int | None = 0, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; checks its exit code unless `expect` is None."""
    done = warm.run(arguments, **{"cwd": PROJECT, "env": environment(variables), "timeout": 180, **more})
    assert expect is None or done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def rows(*arguments: str, variables: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a read prints with --json."""
    answer: list[dict[str, Any]] = json.loads(cxb(*arguments, "--json", variables=variables).stdout)
    return answer


@contextmanager
def up(
    data: Path,
    *arguments: str,
    tree: Path = PROJECT,
    variables: Mapping[str, str] | None = None,
    said: list[str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """A running `cxb up` of a source tree, stopped with SIGINT as by Ctrl-C unless the test has ended it.

    What it says until it is ready goes into `said`.
    """
    process = subprocess.Popen(
        [*CXB, "up", "--data", str(data), *arguments],
        cwd=tree, env=environment({"PYTHONPATH": str(tree), **(variables or {})}), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    said = [] if said is None else said
    try:
        for line in process.stderr:
            said.append(line)
            if line.startswith("ready: "):
                break
        else:
            raise AssertionError("".join(said))
        yield process
    finally:
        stop(process)


@contextmanager
def usual_ports_taken() -> Iterator[None]:
    """While the block runs, an instance gets ports that no other one on this machine would take after a kill.

    Several tests have them together. Those of an instance without this are waited for, as they are free once it ends;
    what is taken for longer than a minute stays so.
    """
    until = time.monotonic() + 60
    with ExitStack() as stack:
        for port in USUAL_PORTS:
            while (server := _shared_server(port)) is None and time.monotonic() < until:
                time.sleep(0.1)
            if server is not None:
                stack.enter_context(server)
        yield


def _shared_server(port: int) -> socket.socket | None:
    with suppress(OSError):
        return socket.create_server(("127.0.0.1", port), reuse_port=True)
    return None


def stop(process: "subprocess.Popen[str]") -> None:
    """Ctrl-C, and waits."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=90)


def publish_at_once(files: Sequence[Path], variables: Mapping[str, str]) -> None:
    """Several publishers at the same time; all succeed."""
    how: dict[str, Any] = {"cwd": PROJECT, "env": environment(variables), "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*CXB, "publish", "--backfill", "--wait", str(file)], **how) for file in files]
    for process in running:
        _, said = process.communicate(timeout=180)
        assert process.returncode == 0, said


def lines_of(events: Path) -> list[bytes]:
    """The lines of a gzipped file."""
    return gzip.decompress(events.read_bytes()).splitlines()


def write(lines: Sequence[bytes], path: Path) -> Path:
    """Lines as a file."""
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def shuffled(lines: Sequence[bytes], seed: int) -> list[bytes]:
    """The same lines in another order."""
    order = list(lines)
    random.Random(seed).shuffle(order)
    return order


def eventually(met: Any, what: str, deadline_s: float = 90.0) -> float:
    """Waits until a condition holds; how long it took, seconds."""
    began = time.monotonic()
    while not met():
        assert time.monotonic() - began < deadline_s, f"not within {deadline_s:.0f} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - began


def end(world: World) -> None:
    """Ends all that runs of a world, its store as well."""
    for worker in world.workers:
        if worker.alive:
            worker.kill()
    world.store_proxy.close()
    world.store.stop()


def instance(data: Path) -> dict[str, Any]:
    """The record of a running instance."""
    record: dict[str, Any] = json.loads((data / "instance.json").read_text())
    return record


def query(data: Path, sql: str) -> list[dict[str, Any]]:
    """Rows of the store, past all code of ours."""
    record = instance(data)
    port = int(record["store_url"].rpartition(":")[2])
    return StoreAddress(port, record["user"], record["password"], "cx").query(sql)


def events_of(count: int, seed: int, path: Path) -> list[dict[str, Any]]:
    """A simulated company's events, also as a file."""
    lines = cxb("simulate", "--events", str(count), "--seed", str(seed), "--to", "2026-11-01", variables={}).stdout
    path.write_text(lines)
    return [json.loads(line) for line in lines.splitlines()]
