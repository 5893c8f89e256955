"""The ClickHouse engine as a process of its own, and ports for it."""

import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.checker import StoreAddress

PROJECT = Path(__file__).resolve().parents[2]
USER = "cx"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class StoreProcess:
    """The ClickHouse engine over HTTP as a process that may die."""

    def __init__(self, directory: Path, module: str = "streams.embedded.store_server") -> None:
        self.directory = directory
        self._module = module
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **settings: str) -> None:
        """Starts it and waits until it answers."""
        environment = {
            **os.environ,
            "CXB_STORE_DIRECTORY": str(self.directory / "data"),
            "CXB_STORE_PORT": str(self.port),
            "CXB_STORE_USER": USER,
            "CXB_STORE_PASSWORD": self.password,
            **settings,
        }
        self.directory.mkdir(exist_ok=True)
        log = (self.directory / "store.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            env=environment,
            cwd=PROJECT,
            stdout=log,
            stderr=log,
        )
        log.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError((self.directory / "store.log").read_text()[-2000:])

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """SIGTERM, and waits."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(40)
            self._process = None

    def log(self) -> str:
        """What it has said."""
        return (self.directory / "store.log").read_text(errors="replace")

    def address(self, database: str) -> StoreAddress:
        """How the checker reaches it."""
        return StoreAddress(self.port, USER, self.password, database)
