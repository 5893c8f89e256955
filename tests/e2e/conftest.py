"""One running instance for the tests of a module."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.e2e.running import SAMPLE, USUAL_PORTS, up


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of an instance that runs while the tests of a module do. The usual ports are taken."""
    directory = tmp_path_factory.mktemp("embedded")
    (directory / "registry.toml").write_text(SAMPLE)
    with ExitStack() as stack:
        for port in USUAL_PORTS:
            with suppress(OSError):  # taken already, which is as good
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
        stack.enter_context(up(directory / "data", "--registry", str(directory / "registry.toml")))
        yield directory / "data"


@pytest.fixture(scope="module")
def variables(data: Path) -> dict[str, str]:
    return {"CXB_DATA": str(data)}
