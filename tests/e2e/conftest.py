"""A running embedded instance for the tests of a module."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.e2e.running import PROJECT, up

SAMPLE = (PROJECT / "deploy" / "registry.toml").read_text()
USUAL_PORTS = (9092, 8123, 6066)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of an instance that runs while this module's tests do, and found the usual ports taken."""
    directory = tmp_path_factory.mktemp("embedded")
    (directory / "registry.toml").write_text(SAMPLE)
    with ExitStack() as stack:
        for port in USUAL_PORTS:
            with suppress(OSError):  # taken already, which is as good
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
        stack.enter_context(up(directory / "data", "--registry", str(directory / "registry.toml")))
        yield directory / "data"


@pytest.fixture(scope="module")
def told(data: Path) -> dict[str, str]:
    """The environment of a command for that instance."""
    return {"CXB_DATA": str(data)}
