"""Embedded mode as a user meets it: one running instance, and what is done to it."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.registry import parse
from tests.e2e.running import CXB, PROJECT, cxb, environment, eventually, rows, stop, up, write
from tests.metrics import reference
from tests.metrics.test_decoding import POISON

pytestmark = pytest.mark.embedded
SAMPLE = (PROJECT / "deploy" / "registry.toml").read_text()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of an instance that runs while this module's tests do."""
    directory = tmp_path_factory.mktemp("embedded")
    (directory / "registry.toml").write_text(SAMPLE)
    with up(directory / "data", "--registry", str(directory / "registry.toml")):
        yield directory / "data"


@pytest.fixture(scope="module")
def told(data: Path) -> dict[str, str]:
    return {"CXB_DATA": str(data)}


def instance(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "instance.json").read_text())
    return found


def get(data: Path, path: str) -> Any:
    with urllib.request.urlopen(instance(data)["web_url"] + path, timeout=10) as response:
        body = response.read().decode()
    return json.loads(body) if path.startswith("/api") else body


def events_of(count: int, seed: int, path: Path) -> list[dict[str, Any]]:
    """A simulated company's events, also as a file."""
    lines = cxb("simulate", "--events", str(count), "--seed", str(seed), "--until", "2026-11-01", told={}).stdout
    path.write_text(lines)
    return [json.loads(line) for line in lines.splitlines()]


def test_figures_of_published_events_equal_the_slow_reference_now_then_and_what_if(
    told: dict[str, str], tmp_path: Path
) -> None:
    events = events_of(1500, 11, tmp_path / "events.ndjson")
    said = cxb("publish", "--backfill", "--wait", str(tmp_path / "events.ndjson"), told=told).stderr
    assert "landed 1,500, refused 0" in said
    facts = rows("rejected", told=told), cxb("doctor", "--json", told=told).stdout
    other = SAMPLE.replace('owner = "sales"', 'owner = "it"')
    assert other != SAMPLE
    (tmp_path / "other.toml").write_text(other)
    for at in (datetime(2026, 9, 15, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)):
        for view in ("as_was", "as_is"):
            asked = ("balances", "--at", f"{at:%F}", "--view", view)
            assert _differences(rows(*asked, told=told), events, SAMPLE, at, view) == []
            for flag in ("--what-if", "--registry"):
                found = rows(*asked, flag, str(tmp_path / "other.toml"), told=told)
                assert _differences(found, events, other, at, view) == []
    assert facts[0] == rows("rejected", told=told)


def _differences(
    got: list[dict[str, Any]], events: list[dict[str, Any]], registry: str, at: datetime, view: str
) -> list[str]:
    assert {row.pop("at") for row in got} == {f"{at:%FT%TZ}"}
    return reference.differences(got, reference.balances(events, parse(registry), at, view))


def test_an_event_is_in_the_api_seconds_after_it_was_published(
    told: dict[str, str], data: Path, tmp_path: Path, record_property: Any
) -> None:
    before = _nps_answers(data)
    now = datetime.now(UTC).isoformat()
    event = {
        "event_id": "fresh",
        "source": "e2e",
        "kind": "nps",
        "touchpoint": "web.site",
        "occurred_at": now,
        "score": 9,
    }
    cxb("publish", str(write([json.dumps(event).encode()], tmp_path / "one")), told=told)
    record_property("seconds", eventually(lambda: _nps_answers(data) == before + 1, "the event counts", 20))


def _nps_answers(data: Path) -> int:
    found = get(data, "/api/v1/balances?department=company&metric=nps&horizon=long")
    return int(found[0]["n"]) if found else 0


def test_every_kind_of_bad_input_is_refused_for_its_reason_and_the_good_lands(
    told: dict[str, str], tmp_path: Path
) -> None:
    # As lines of a file: without those that hold a line's end or are no line at all.
    cases = [(value, reason) for _, value, reason in POISON if value and value.strip() and b"\n" not in value]
    good = [json.dumps(event).encode() for event in events_of(20, 12, tmp_path / "good")]
    fixed = [(value, reason) for value, reason in cases if reason not in ("too_old", "in_future")]
    lines = [*good[:10], *(value for value, _ in fixed), *good[10:]]
    said = cxb("publish", "--backfill", "--wait", str(write(lines, tmp_path / "mixed")), told=told).stderr
    assert f"landed 20, refused {len(fixed)}" in said
    counts: dict[str, int] = {}
    for _, reason in fixed:
        counts[reason.value] = counts.get(reason.value, 0) + 1
    refused = rows("rejected", "--limit", "100000", told=told)
    found: dict[str, int] = {}
    for row in refused:
        found[row["reason"]] = found.get(row["reason"], 0) + 1
    assert found == counts


def test_a_refused_event_goes_through_again_once_it_can(data: Path, told: dict[str, str], tmp_path: Path) -> None:
    old = (datetime.now(UTC) - timedelta(days=500)).isoformat()
    event = {"event_id": "old", "source": "e2e", "kind": "contact", "touchpoint": "web.site", "occurred_at": old}
    said = cxb("publish", "--wait", str(write([json.dumps(event).encode()], tmp_path / "old")), told=told).stderr
    assert "1 too_old" in said
    [listed] = rows("rejected", "--reason", "too_old", told=told)
    assert "cxb publish --backfill" in listed["detail"]
    assert rows("redrive", "--reason", "too_old", "--dry-run", told=told) == [
        {"reason": "too_old", "chosen": 1, "sent": 0, "missing": 0}
    ]
    assert rows("redrive", "--reason", "too_old", told=told)[0]["sent"] == 1

    def refused_again() -> bool:
        again = rows("rejected", "--reason", "too_old", told=told)
        return len(again) == 1 and again[0]["offset"] != listed["offset"]

    eventually(refused_again, "it is refused again as what it is now, and once on the list")


def test_a_changed_registry_is_in_force_and_a_broken_one_is_refused(
    data: Path, told: dict[str, str], tmp_path: Path
) -> None:
    file = data.parent / "registry.toml"
    version = parse(SAMPLE).version
    file.write_text(SAMPLE.replace(f'version = "{version}"', 'version = "next"'))
    eventually(lambda: get(data, "/api/v1/registry")["version"] == "next", "the new version is in force")
    file.write_text("version = ")
    eventually(lambda: not get(data, "/api/v1/registry")["valid"], "the broken one is refused")
    found = get(data, "/api/v1/registry")
    assert (found["version"], "is wrong" in found["error"]) == ("next", True)
    eventually(lambda: "cx_registry_valid 0.0" in get(data, "/metrics"), "the metric says so")
    assert "is refused" in (data / "logs" / "worker.log").read_text()
    file.write_text(SAMPLE)
    eventually(
        lambda: get(data, "/api/v1/registry") | {"version": ""} and get(data, "/api/v1/registry")["valid"], "mended"
    )
    eventually(lambda: "cx_registry_valid 1.0" in get(data, "/metrics"), "the metric says so again")


def test_a_person_is_erased_and_does_not_come_back(told: dict[str, str], tmp_path: Path) -> None:
    events = events_of(300, 13, tmp_path / "events")
    cxb("publish", "--backfill", "--wait", str(tmp_path / "events"), told=told)
    customer = next(event["customer"] for event in events if "customer" in event)
    theirs = sum(event.get("customer") == customer for event in events)
    receipt = json.loads(cxb("erase", "--customer", "-", "--json", told=told, input=f"{customer}\n").stdout)
    assert (receipt["facts"], customer in json.dumps(receipt)) == (theirs, False)
    cxb("publish", "--backfill", "--wait", str(tmp_path / "events"), told=told)
    again = json.loads(cxb("erase", "--customer", "-", "--json", told=told, input=f"{customer}\n").stdout)
    assert again["facts"] == 0


def test_rebuilding_changes_nothing_that_was_right(told: dict[str, str]) -> None:
    before = rows("balances", "--at", "2026-11-02", told=told)
    assert "computed again" in cxb("rebuild", told=told).stderr
    assert rows("balances", "--at", "2026-11-02", told=told) == before


def test_the_doctor_finds_everything_well_and_names_what_is_not(told: dict[str, str], data: Path) -> None:
    assert {row["check"]: row["state"] for row in rows("doctor", told=told)} == dict.fromkeys(
        ("kafka and topics", "clickhouse", "tables", "clock", "freshness", "cells", "copies", "commits", "registry"),
        "ok",
    )
    elsewhere = {
        "CXB_CLICKHOUSE_URL": "http://127.0.0.1:1",
        "CXB_KAFKA_BOOTSTRAP_SERVERS": instance(data)["kafka"],
        "CXB_KAFKA_TOPIC": "nowhere",
    }
    sick = cxb("doctor", "--json", told=elsewhere, expect=1).stdout
    states = {row["check"]: row["state"] for row in json.loads(sick)}
    assert (states["kafka and topics"], states["clickhouse"], states["registry"]) == ("failed", "failed", "ok")


def test_reads_are_tab_separated_in_a_pipe(told: dict[str, str]) -> None:
    for command, heading in (
        ("balances", "department\tmetric"),
        ("scorecards", "department\tshort"),
        ("doctor", "check\t"),
    ):
        first, *rest = cxb(command, told=told).stdout.splitlines()
        assert first.startswith(heading)
        assert {line.count("\t") for line in rest} == {first.count("\t")}


def test_no_web_page_and_nobody_without_the_password_reaches_the_store(data: Path) -> None:
    found = instance(data)
    url, user = found["store_url"], found["user"]
    right = {"X-ClickHouse-User": user, "X-ClickHouse-Key": found["password"]}
    for headers in (
        {},
        {**right, "X-ClickHouse-Key": "guess"},
        {**right, "Origin": url},
        {**right, "Host": "evil.test"},
    ):
        request = urllib.request.Request(f"{url}/?query=SELECT%201", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        assert refused.value.code in (401, 403)
        refused.value.close()
    with urllib.request.urlopen(
        urllib.request.Request(f"{url}/?query=SELECT%201", headers=right), timeout=5
    ) as response:
        assert response.read() == b"1\n"


def test_the_record_of_the_instance_is_for_its_owner_alone(data: Path) -> None:
    for name in ("instance.json", "customer.key"):
        assert (data / name).stat().st_mode & 0o777 == 0o600


def test_a_second_instance_on_the_directory_is_told_in_a_sentence(data: Path) -> None:
    done = cxb("up", "--data", str(data), told={}, expect=3)
    assert f"process {instance(data)['pid']} already runs an instance" in done.stderr
    assert "Traceback" not in done.stderr


def test_ports_that_are_taken_are_avoided_and_all_servers_stay_on_this_machine(data: Path) -> None:
    found = instance(data)
    ports = [int(found[name].rpartition(":")[2]) for name in ("kafka", "store_url", "web_url")]
    with socket.create_server(("127.0.0.1", 0)):
        assert len(set(ports)) == 3
    for port in ports:
        with socket.create_server(("127.0.0.2", port)):
            pass  # nobody listens there on all addresses


def test_ctrl_c_right_after_publishing_loses_nothing_and_a_restart_keeps_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    told = {"CXB_DATA": str(data)}
    events_of(4000, 14, tmp_path / "events")
    with up(data) as running:
        cxb("publish", "--backfill", str(tmp_path / "events"), told=told)
        stop(running)
        assert running.returncode == 0
    assert not (data / "instance.json").exists()
    with up(data):
        eventually(lambda: _answers(told) > 0, "figures")
        landed = rows("doctor", told=told)
        assert {row["check"]: row["state"] for row in landed}["cells"] == "ok"
        said = cxb("publish", "--backfill", "--wait", str(tmp_path / "events"), told=told).stderr
        assert "landed 4,000, refused 0" in said


def _answers(told: dict[str, str]) -> int:
    return sum(row["n"] for row in rows("balances", "--department", "company", told=told))


def test_kill_9_of_the_parent_leaves_no_process_and_the_next_start_works(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as running:
        children = _children(running.pid)
        assert len(children) == 3
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


def test_the_demo_shows_a_company_within_a_minute_and_stops_without_loss(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*CXB, "up", "--demo"],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(PROJECT)}),
        stderr=subprocess.PIPE,
        text=True,
    )
    told = {"CXB_DATA": str(tmp_path / ".cxb")}
    try:
        eventually((tmp_path / ".cxb" / "instance.json").exists, "it is ready", 60)
        eventually(lambda: _answers(told) > 20_000, "the history counts", 60)
        cards = {row["department"]: row for row in rows("scorecards", told=told)}
        assert cards["company"]["short_index"] is not None
        assert cards["sales"]["outcome_balance"] is not None
    finally:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=90)
    assert process.returncode == 0
    assert "stopped: all that was accepted has landed" in said
    assert "Traceback" not in said
