import base64
import hashlib
import socket
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

from streams.embedded import services
from streams.embedded.processes import Lifeline, free_port, start
from streams.errors import ConfigurationError


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


@dataclass
class Installed:
    """A distribution that holds the files of a folder, with the hashes they had."""

    files: list[metadata.PackagePath]


def installed(folder: Path, content: bytes) -> Installed:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    file = metadata.PackagePath("bin/tansu")
    file.hash = metadata.FileHash(f"sha256={digest}")
    file.dist = metadata.PathDistribution(folder / "x.dist-info")
    return Installed([file])


@pytest.mark.parametrize("program", [b"altered", None])
def test_a_broker_that_was_altered_or_removed_is_not_started(
    program: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    if program is not None:
        (tmp_path / "bin" / "tansu").write_bytes(program)
    monkeypatch.setattr(services, "distribution", lambda _: installed(tmp_path, b"as built"))
    with pytest.raises(ConfigurationError, match="install it again"):
        services.broker(1, tmp_path / "log")


def test_a_platform_without_a_broker_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "distribution", lambda _: Installed([]))
    with pytest.raises(ConfigurationError, match="use a Kafka of yours"):
        services.broker(1, tmp_path / "log")


def test_the_password_of_the_store_is_never_on_a_command_line(tmp_path: Path) -> None:
    store = services.store(tmp_path, 1, "cx", "hush", tmp_path / "log")
    assert "hush" not in " ".join(store.command.argv)
    assert store.command.environment["CXB_STORE_PASSWORD"] == "hush"


async def test_nobody_answers_on_a_port_without_a_server() -> None:
    assert not await services.http_answers(free_port(0), "/ping")
