"""cx-balance besides the job: how soon it is ready, and how soon its help is shown."""

import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

CXB = Path(sys.executable).with_name("cxb")
POLL_S = 0.02
STARTS = 5


def help_s() -> float:
    """`cxb --help`, seconds of wall, the median of several."""
    return statistics.median(_timed_help() for _ in range(STARTS))


def _timed_help() -> float:
    began = time.perf_counter()
    subprocess.run([str(CXB), "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def ready_s() -> float:
    """`cxb up` on an empty directory until the worker says that it is ready, the median of several."""
    return statistics.median(_timed_up() for _ in range(STARTS))


def _timed_up() -> float:
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        began = time.perf_counter()
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([str(CXB), "up", "--data", str(data)], **quiet)
        try:
            while not _is_ready(data / "instance.json"):
                if process.poll() is not None:
                    raise RuntimeError(f"cxb up ended with {process.returncode}")
                time.sleep(POLL_S)
            return time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(90)


def _is_ready(instance: Path) -> bool:
    try:
        url = json.loads(instance.read_text())["web_url"]
        with urlopen(f"{url}/ready", timeout=1) as answer:  # noqa: S310  (our own worker)
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False
