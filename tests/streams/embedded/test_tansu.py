import base64
import hashlib
import socket
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

from streams.embedded import tansu
from streams.embedded.processes import Command, Lifeline, free_port, start
from streams.embedded.services import kafka_answers
from streams.errors import ConfigurationError


async def test_the_broker_answers_once_it_runs_on_this_machine_alone(tmp_path: Path) -> None:
    port = free_port(0)
    assert not await kafka_answers(f"127.0.0.1:{port}")
    lifeline = Lifeline()
    argv = tansu.arguments(tansu.verified_program(), port, port)
    child = await start(Command("broker", argv, tansu.ENVIRONMENT, tmp_path / "log"), lifeline)
    while not await kafka_answers(f"127.0.0.1:{port}"):
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
    monkeypatch.setattr(tansu, "distribution", lambda _: installed(tmp_path, b"as built"))
    with pytest.raises(ConfigurationError, match="install it again"):
        tansu.verified_program()


def test_a_platform_without_a_broker_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tansu, "distribution", lambda _: Installed([]))
    with pytest.raises(ConfigurationError, match="use a Kafka of yours"):
        tansu.verified_program()
