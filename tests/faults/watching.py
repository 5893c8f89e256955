"""What a worker shows of itself: ready or not, its series, its log, whether it is frozen."""

import http.client
import re
from pathlib import Path

from tests.faults.world import WorkerProcess


def is_ready(worker: WorkerProcess) -> bool:
    """Whether it is assigned and landing."""
    return _get(worker, "/ready") is not None


def series(worker: WorkerProcess, name: str) -> dict[str, float]:
    """Values of a series by its labels, as they are written; empty while it does not answer."""
    found = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", _get(worker, "/metrics") or "", re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def is_frozen(worker: WorkerProcess) -> bool:
    """Whether it was stopped by SIGSTOP."""
    try:
        return re.search(r"^State:\s+T", _status(worker), re.MULTILINE) is not None
    except OSError:
        return False


def peak_mb(worker: WorkerProcess) -> float:
    """The most resident memory that it ever had, MB."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", _status(worker), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _status(worker: WorkerProcess) -> str:
    return Path(f"/proc/{worker.process.pid}/status").read_text()


def _get(worker: WorkerProcess, path: str) -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", worker.http_port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.read().decode() if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
