"""What the embedded broker has acknowledged is kept on disk: it survives kill -9 of every process, and of each."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.running import cxb, events_of, eventually, query, stop, up
from tests.streams.embedded.processes_of import children, runs

pytestmark = pytest.mark.embedded
COUNT = 3000
LANDED = "SELECT count() AS n, uniqExact(event_id) AS ids FROM events_latest"
ALL = [{"n": COUNT, "ids": COUNT}]


TABLES = ("events", "rejected")


def refuse_inserts(data: Path) -> None:
    """Has the engine refuse every insert of the worker, until it is started again and told otherwise."""
    for table in TABLES:
        query(data, f"ALTER TABLE {table} ADD CONSTRAINT full CHECK 0")


def accept_inserts(data: Path) -> None:
    for table in TABLES:
        query(data, f"ALTER TABLE {table} DROP CONSTRAINT full")


def processes(supervisor: int) -> Iterator[int]:
    """The supervisor and all below it."""
    yield supervisor
    for child in children(supervisor):
        yield from processes(child)


def test_kill_9_of_everything_while_the_store_refuses_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    events_of(COUNT, 21, tmp_path / "events")
    with up(data) as running:
        refuse_inserts(data)
        cxb("publish", "--backfill", str(tmp_path / "events"), variables={"CXB_DATA": str(data)})
        killed = list(processes(running.pid))
        for pid in killed:
            with suppress(ProcessLookupError):  # it has ended with its parent
                os.kill(pid, signal.SIGKILL)
        running.wait()
        eventually(lambda: not any(runs(pid) for pid in killed), "all have ended")
    with up(data) as running:
        accept_inserts(data)
        eventually(lambda: query(data, LANDED) == ALL, "all have landed", 60)
        stop(running)
        assert running.returncode == 0
