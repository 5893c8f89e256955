"""The worker of an instance, which is started together with its broker and store."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from streams.embedded.processes import free_port
from tests.e2e.running import CXB, PROJECT, environment, eventually


@pytest.mark.slow
@pytest.mark.parametrize(("embedded", "warns"), [("1", False), ("0", True)])
def test_only_a_worker_that_is_not_started_with_its_broker_and_store_warns_at_once(
    tmp_path: Path, embedded: str, warns: bool
) -> None:
    port = free_port(0)
    variables = {
        "CXB_EMBEDDED": embedded,
        "CXB_CUSTOMER_KEY": "ab" * 32,
        "CXB_MIGRATE_AT_START": "1",
        "CXB_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port(0)}",
        "CXB_CLICKHOUSE_URL": f"http://127.0.0.1:{free_port(0)}",
        "CXB_HTTP_PORT": str(port),
    }
    log = tmp_path / "log"
    with log.open("w") as file:
        process = subprocess.Popen([*CXB, "worker"], cwd=PROJECT, env=environment(variables), stderr=file)
    eventually(lambda: _answers(port), "its own port answers, which is what comes first")
    time.sleep(1)  # its first attempt takes no longer
    os.kill(process.pid, signal.SIGTERM)
    process.wait(30)
    said = log.read_text()
    assert (" WARNING " in said or " ERROR " in said) == warns, said


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
