import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from streams.embedded import store_server
from streams.embedded.store_server import configuration, serve
from tests.streams.embedded.conftest import Store

Start = Callable[..., tuple["subprocess.Popen[str]", int]]


def environment(directory: Path, **more: str) -> dict[str, str]:
    needed = {"CXB_STORE_DIRECTORY": str(directory), "CXB_STORE_USER": "cx", "CXB_STORE_PASSWORD": "pw"}
    return {**needed, **more}


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a store's process; gives the process and its port, 0 if it ended instead."""
    started: list[subprocess.Popen[str]] = []

    def run(directory: Path, **more: str) -> tuple["subprocess.Popen[str]", int]:
        variables = {**os.environ, **environment(directory, **more)}
        argv = [sys.executable, "-m", "streams.embedded.store_server"]
        process = subprocess.Popen(argv, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        return process, int(line.rpartition(":")[2] or 0)

    yield run
    for process in started:
        process.kill()
        process.communicate()


def connect(port: int) -> Client:
    return clickhouse_connect.get_client(host="127.0.0.1", port=port, username="cx", password="pw")


def test_rows_survive_a_kill_and_the_next_process_takes_over(start: Start, tmp_path: Path) -> None:
    process, port = start(tmp_path)
    with connect(port) as client:
        client.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
        client.insert("t", [[n] for n in range(1000)])
    process.kill()
    process.wait()
    again, port_again = start(tmp_path, CXB_STORE_PORT=str(port))
    assert port_again == port
    with connect(port) as client:
        assert client.command("SELECT count() FROM t") == 1000
    again.terminate()
    assert again.wait(10) == 0


def test_a_stop_lets_the_running_query_finish(start: Start, tmp_path: Path) -> None:
    process, port = start(tmp_path)

    async def ask_and_stop() -> object:
        with connect(port) as client:
            answer = asyncio.create_task(asyncio.to_thread(client.command, "SELECT sleep(1) + 7"))
            await asyncio.sleep(0.4)
            process.terminate()
            return await answer

    assert asyncio.run(ask_and_stop()) == 7
    assert process.wait(10) == 0


def test_a_second_process_on_the_directory_is_refused(start: Start, tmp_path: Path) -> None:
    start(tmp_path)
    second, port = start(tmp_path)
    assert (port, second.wait(10)) == (0, 4)
    assert second.stderr is not None
    assert "store: cannot serve: " in second.stderr.read()


async def test_it_serves_until_told_to_stop(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    serving = asyncio.create_task(serve(configuration(environment(store.directory))))
    while "listening" not in (line := capsys.readouterr().out):
        assert not serving.done()
        await asyncio.sleep(0.02)
    with await asyncio.to_thread(connect, int(line.rpartition(":")[2])) as client:
        assert await asyncio.to_thread(client.command, "SELECT 1") == 1
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(serving, 5)


def test_a_taken_port_ends_the_process_with_a_reason(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for name, value in environment(store.directory, CXB_STORE_PORT=str(taken.getsockname()[1])).items():
            monkeypatch.setenv(name, value)
        assert store_server.main() == 4
    assert "address already in use" in capsys.readouterr().err


def test_a_store_without_configuration_names_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in environment(Path()):
        monkeypatch.delenv(name, raising=False)
    assert store_server.main() == 3
    assert "CXB_STORE_DIRECTORY, CXB_STORE_USER, CXB_STORE_PASSWORD" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["http", "-1", "65536"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match="CXB_STORE_PORT is"):
        configuration(environment(Path("x"), CXB_STORE_PORT=port))


def test_limits_come_from_the_environment() -> None:
    config = configuration(environment(Path("x"), CXB_STORE_MAX_MEMORY_BYTES="1000", CXB_STORE_MAX_EXECUTION_S="9"))
    settings = config.limits.settings()
    assert (settings["max_memory_usage"], settings["max_execution_time"]) == ("1000", "9")
