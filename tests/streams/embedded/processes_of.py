"""What tests ask of the operating system's processes, and how they wait for an answer."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

WAIT_S = 40.0  # what is waited for ends by itself after a minute


def runs(pid: int) -> bool:
    """Whether the process exists and is no zombie that only waits to be reaped."""
    return _stat(Path(f"/proc/{pid}")) is not None


def children(parent: int, part: str = "") -> list[int]:
    """Running processes below `parent` whose command line has `part` in it."""
    pids = []
    for directory in Path("/proc").glob("[0-9]*"):
        if _stat(directory) == parent and part.encode() in (directory / "cmdline").read_bytes():
            pids.append(int(directory.name))
    return pids


def eventually(condition: Callable[[], object]) -> None:
    """Waits until `condition` gives something true."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def until(condition: Callable[[], object]) -> None:
    """Waits until `condition` gives something true, while the loop goes on."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110  # what is awaited happens in another process
            await asyncio.sleep(0.02)


def _stat(directory: Path) -> int | None:
    """The parent's pid of a running process."""
    try:
        fields = (directory / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[1])
