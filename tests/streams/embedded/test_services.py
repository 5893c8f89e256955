import socket
from pathlib import Path

import pytest

from streams.embedded import services
from streams.embedded.processes import Lifeline, free_port, start


async def test_the_broker_answers_once_it_runs_on_this_machine_alone(tmp_path: Path) -> None:
    port = free_port(0)
    broker = services.broker(port, tmp_path / "log")
    assert not await broker.answers()
    lifeline = Lifeline()
    child = await start(broker.command, lifeline)
    while not await broker.answers():
        assert child.exit_code is None
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))  # free: the broker does not listen on every address
    assert await child.stop(5)
    lifeline.close()


def test_a_platform_without_a_broker_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "files", lambda _: tmp_path)
    with pytest.raises(FileNotFoundError, match="use server mode"):
        services.broker(1, tmp_path / "log")


def test_the_password_of_the_store_is_never_on_a_command_line(tmp_path: Path) -> None:
    store = services.store(tmp_path, 1, "cx", "hush", tmp_path / "log")
    assert "hush" not in " ".join(store.command.argv)
    assert store.command.environment["CXB_STORE_PASSWORD"] == "hush"


async def test_nobody_answers_on_a_port_without_a_server() -> None:
    assert not await services.http_answers(free_port(0), "/ping")
