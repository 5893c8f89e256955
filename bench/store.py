"""The engine over HTTP, as a process of its own."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streams.embedded.processes import free_port
from streams.settings.settings import ClickHouseSettings
from streams.store.client import Store
from tests.streams.databases import empty, tables_of


def emptied(settings: ClickHouseSettings) -> Store:
    """A store without rows of earlier contestants: their cells and baselines would be work for the next."""
    store = Store(settings)
    empty(store, tables_of(store))
    return store


@contextmanager
def stored(directory: Path) -> Iterator[ClickHouseSettings]:
    """A store on a directory, as its settings."""
    password = secrets.token_hex(16)
    port = free_port(0)
    variables = {"CXB_STORE_DIRECTORY": str(directory / "store"), "CXB_STORE_PORT": str(port), "CXB_STORE_USER": "cx"}
    argv = [sys.executable, "-m", "streams.embedded.store_server"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(argv, env={**os.environ, **variables, "CXB_STORE_PASSWORD": password}, **quiet)
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if process.poll() is not None:
                raise RuntimeError(f"the store ended at its start with {process.returncode}")
            time.sleep(0.05)
        yield ClickHouseSettings(
            url=f"http://127.0.0.1:{port}",
            user="cx",
            password=password,
            database="bench",
            timeout_s=600,
        )
    finally:
        process.terminate()
        process.wait(30)
