"""Instances of `cxb up` that end, in every way, and start again."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.running import CXB, PROJECT, cxb, environment, events_of, eventually, instance, query, rows, stop, up

pytestmark = pytest.mark.embedded


@pytest.mark.long
def test_ctrl_c_right_after_publishing_loses_nothing_and_a_restart_keeps_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    variables = {"CXB_DATA": str(data)}
    events_of(4000, 14, tmp_path / "events")
    with up(data) as running:
        cxb("publish", "--backfill", str(tmp_path / "events"), variables=variables)
        stop(running)
        assert running.returncode == 0
    assert not (data / "instance.json").exists()
    with up(data):
        assert query(data, "SELECT count() AS n, uniqExact(event_id) AS ids FROM events_latest") == [
            {"n": 4000, "ids": 4000}
        ]
        counted = "SELECT sum(n) AS n FROM cells_latest"
        eventually(lambda: query(data, counted) == [{"n": 4000}], "the cells count all")


def _answers(variables: dict[str, str]) -> int:
    return sum(row["n"] for row in rows("balances", "--department", "company", variables=variables))


@pytest.mark.long
def test_kill_9_of_the_parent_leaves_no_process_and_the_next_start_works(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as running:
        children = _children(running.pid)
        assert len(children) == 4
        running.kill()
        running.wait()
        eventually(lambda: not any(_alive(child) for child in children), "every child has ended", 10)
    with up(data):
        assert instance(data)["pid"] != running.pid


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True).stdout
    return [int(word) for word in listed.split()]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.long
def test_the_demo_shows_a_company_and_stops_without_loss(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*CXB, "up", "--demo"],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(PROJECT)}),
        stderr=subprocess.PIPE,
        text=True,
    )
    variables = {"CXB_DATA": str(tmp_path / ".cxb")}
    try:
        eventually((tmp_path / ".cxb" / "instance.json").exists, "it is ready", 60)
        eventually(lambda: _answers(variables) > 20_000, "the history counts", 120)
        # While only its oldest months have landed, short-term figures are stale.
        eventually(lambda: _has_a_balance("company", variables) and _has_a_balance("sales", variables), "balances", 180)
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=90)
    assert process.returncode == 0
    assert "stopped: all that was accepted has landed" in said
    assert "Traceback" not in said
    logs = "".join(log.read_text() for log in (tmp_path / ".cxb" / "logs").iterdir())
    assert [line for line in logs.splitlines() if " WARN" in line or " ERROR " in line] == []


def _has_a_balance(department: str, variables: dict[str, str]) -> bool:
    [card] = (row for row in rows("scorecards", variables=variables) if row["department"] == department)
    return card["short_index"] is not None and card["outcome_balance"] is not None
