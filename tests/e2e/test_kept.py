"""What the embedded broker has acknowledged is kept on disk: it survives kill -9 of every process, and of each."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.embedded.instance import read
from tests.e2e.running import cxb, events_of, eventually, query, stop, up, usual_ports_taken, write
from tests.known import known
from tests.streams.embedded.processes_of import children, runs

pytestmark = pytest.mark.embedded
COUNT = 3000
LANDED = "SELECT count() AS n, uniqExact(event_id) AS ids FROM events_latest"
ALL = [{"n": COUNT, "ids": COUNT}]


TABLES = ("events", "rejected")


@pytest.fixture(autouse=True)
def _ports_of_our_own() -> Iterator[None]:
    with usual_ports_taken():
        yield


def refuse_inserts(data: Path) -> None:
    """Has the engine refuse every insert of the worker, until `accept_inserts`."""
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


def publish(data: Path, events: Path) -> None:
    cxb("publish", "--backfill", str(events), variables={"CXB_DATA": str(data)})


def kill(pids: list[int]) -> None:
    """kill -9 of each; waits until all have ended."""
    for pid in pids:
        with suppress(ProcessLookupError):  # it has ended with its parent
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not any(runs(pid) for pid in pids), "all have ended")


def all_land(data: Path) -> None:
    accept_inserts(data)
    all_landed(data)


def all_landed(data: Path) -> None:
    eventually(lambda: query(data, LANDED) == ALL, "all have landed", 120)


def holds_nothing(data: Path) -> bool:
    """Whether the spool has given back what has landed."""
    return not any(path.stat().st_size for path in (data / "spool" / "cx.touchpoints").glob("*.log"))


@pytest.mark.long
def test_kill_9_of_everything_while_the_store_refuses_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    events_of(COUNT, 21, tmp_path / "events")
    with up(data) as running:
        refuse_inserts(data)
        publish(data, tmp_path / "events")
        killed = list(processes(running.pid))
        kill(killed)
        running.wait()
    # The power went while one more was being written.
    [segment] = (data / "spool" / "cx.touchpoints").glob("*.log")
    with segment.open("ab") as file:
        file.write(segment.read_bytes()[:100])
    said: list[str] = []
    with up(data, said=said) as running:
        assert any("had not landed: 3,000; " in line for line in said), said
        assert any("damaged or half-written, and left out: 100" in line for line in said), said
        all_land(data)
        eventually(lambda: holds_nothing(data), "what has landed is kept no longer")
        stop(running)
        assert running.returncode == 0
    said.clear()
    with up(data, said=said):
        assert not any("brought back" in line for line in said), said
        assert query(data, LANDED) == ALL


@pytest.mark.long
def test_kill_9_of_the_broker_and_of_its_front_while_the_store_refuses_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    events_of(COUNT, 22, tmp_path / "events")
    half = COUNT // 2
    lines = (tmp_path / "events").read_bytes().splitlines()
    with up(data) as running:
        refuse_inserts(data)
        publish(data, write(lines[:half], tmp_path / "first"))
        [front] = children(running.pid, "front_server")
        kill(children(front, "tansu"))
        eventually(lambda: children(running.pid, "front_server") not in ([], [front]), "another one has been started")
        publish_until_it_succeeds(data, write(lines[half:], tmp_path / "second"))
        [front] = children(running.pid, "front_server")
        kill([front, *children(front)])
        all_land(data)
        stop(running)
        assert running.returncode == 0


def publish_until_it_succeeds(data: Path, events: Path) -> None:
    """As its message advises: nothing answers between two lives of the broker."""
    eventually(
        lambda: (
            not cxb("publish", "--backfill", str(events), variables={"CXB_DATA": str(data)}, expect=None).returncode
        ),
        "it is published",
    )


@pytest.mark.long
def test_the_event_topic_cannot_be_deleted_so_that_offsets_never_begin_again(tmp_path: Path) -> None:
    """Else the group's commits of the old log would count for the new one: events lost, and said to have landed."""
    data = tmp_path / "data"
    events_of(COUNT, 23, tmp_path / "events")
    with up(data) as running:
        refuse_inserts(data)
        publish(data, tmp_path / "events")
        assert asyncio.run(deleted(read(data).kafka, "cx.touchpoints")) == TOPIC_DELETION_DISABLED
        all_land(data)
        stop(running)
        assert running.returncode == 0


TOPIC_DELETION_DISABLED = 73


async def deleted(address: str, topic: str) -> int:
    """The error code of a deletion, as anybody can ask for it who may use the broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        answer = await admin.delete_topics([topic])
        return int(answer.topic_error_codes[0][1])
    finally:
        await admin.close()


@pytest.mark.long
def test_entries_that_are_gone_are_said_at_the_start_by_the_doctor_and_by_the_stop_until_dealt_with(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    events_of(COUNT, 24, tmp_path / "events")
    with up(data) as running:
        refuse_inserts(data)
        publish(data, tmp_path / "events")
        killed = list(processes(running.pid))
        kill(killed)
        running.wait()
    for segment in (data / "spool" / "cx.touchpoints").glob("*.log"):
        segment.unlink()
    said: list[str] = []
    with up(data, said=said) as running:
        assert any("accepted and are lost: " in line for line in said), said
        checks = json.loads(cxb("doctor", "--json", variables={"CXB_DATA": str(data)}, expect=1).stdout)
        assert [check["state"] for check in checks if check["check"] == "spool"] == ["failed"]
        accept_inserts(data)
        running.send_signal(signal.SIGINT)
        ended = known(running.stderr).read()
        assert running.wait() == 1
        assert "all that was accepted has landed" not in ended
    (data / "spool" / "losses.json").unlink()
    with up(data) as running:
        publish(data, tmp_path / "events")
        all_landed(data)
        checks = json.loads(cxb("doctor", "--json", variables={"CXB_DATA": str(data)}, expect=None).stdout)
        assert [check["state"] for check in checks if check["check"] == "spool"] == ["ok"]
        stop(running)
        assert running.returncode == 0
