"""Embedded mode as a user meets it: one running instance, and what is done to it."""

import json
import os
import pty
import re
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.registry import parse
from tests.e2e.running import CXB, PROJECT, cxb, environment, events_of, eventually, instance, query, rows, up, write
from tests.metrics import reference
from tests.metrics.events.test_decoding import POISON

pytestmark = pytest.mark.embedded
SAMPLE = (PROJECT / "deploy" / "registry.toml").read_text()
USUAL_PORTS = (9092, 8123, 6066)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of an instance that runs while this module's tests do, and found the usual ports taken."""
    directory = tmp_path_factory.mktemp("embedded")
    (directory / "registry.toml").write_text(SAMPLE)
    with ExitStack() as stack:
        for port in USUAL_PORTS:
            with suppress(OSError):  # taken already, which is as good
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
        stack.enter_context(up(directory / "data", "--registry", str(directory / "registry.toml")))
        yield directory / "data"


@pytest.fixture(scope="module")
def told(data: Path) -> dict[str, str]:
    return {"CXB_DATA": str(data)}


def get(data: Path, path: str) -> Any:
    with urllib.request.urlopen(instance(data)["web_url"] + path, timeout=10) as response:
        body = response.read().decode()
    return json.loads(body) if path.startswith("/api") else body


def test_figures_of_published_events_equal_the_slow_reference_now_then_and_what_if(
    data: Path, told: dict[str, str], tmp_path: Path
) -> None:
    events = events_of(1500, 11, tmp_path / "events.ndjson")
    said = cxb("publish", "--backfill", "--wait", str(tmp_path / "events.ndjson"), told=told).stderr
    assert "landed 1,500, refused 0" in said
    everything = "SELECT count() AS n, sum(cityHash64(*)) AS hash FROM events"
    facts = query(data, everything)
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
    assert facts[0]["n"] >= 1500
    assert query(data, everything) == facts


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
    cxb("publish", str(write([answer("fresh", now)], tmp_path / "one")), told=told)
    seconds = eventually(lambda: _nps_answers(data) == before + 1, "the event counts", 15)
    record_property("seconds", seconds)
    print(f"in the API {seconds:.1f} s after it was published")


def answer(event_id: str, occurred_at: str) -> bytes:
    """An answer to a survey, as a line."""
    event = {"source": "e2e", "kind": "nps", "touchpoint": "web.site", "score": 9}
    return json.dumps({**event, "event_id": event_id, "occurred_at": occurred_at}).encode()


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
    def version_stored_with(event_id: str) -> str:
        line = answer(event_id, datetime.now(UTC).isoformat())
        cxb("publish", "--wait", str(write([line], tmp_path / event_id)), told=told)
        [row] = query(data, f"SELECT registry_version FROM events_latest WHERE event_id = '{event_id}'")
        return str(row["registry_version"])

    file = data.parent / "registry.toml"
    version = parse(SAMPLE).version
    file.write_text(SAMPLE.replace(f'version = "{version}"', 'version = "next"'))
    eventually(lambda: get(data, "/api/v1/registry")["version"] == "next", "the new version is in force")
    assert version_stored_with("under-the-next") == "next"
    file.write_text("version = ")
    eventually(lambda: not get(data, "/api/v1/registry")["valid"], "the broken one is refused")
    found = get(data, "/api/v1/registry")
    assert (found["version"], "is wrong" in found["error"]) == ("next", True)
    eventually(lambda: "cx_registry_valid 0.0" in get(data, "/metrics"), "the metric says so")
    assert "is not valid, version next stays" in (data / "logs" / "worker.log").read_text()
    assert version_stored_with("while-broken") == "next"
    file.write_text(SAMPLE)
    eventually(lambda: get(data, "/api/v1/registry")["valid"], "it is mended")
    assert get(data, "/api/v1/registry")["version"] == version
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
    after = rows("balances", "--at", "2026-11-02", told=told)
    assert reference.differences(after, before, 1e-9) == []  # sums in another order


def test_the_doctor_finds_everything_well_and_names_what_is_not(told: dict[str, str], data: Path) -> None:
    assert {row["check"]: row["state"] for row in rows("doctor", told=told)} == dict.fromkeys(
        (
            "kafka and topics",
            "clickhouse",
            "tables",
            "clock",
            "freshness",
            "cells",
            "day cells",
            "copies",
            "commits",
            "registry",
        ),
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


def test_on_a_terminal_a_table_is_drawn_and_no_line_is_too_long(told: dict[str, str]) -> None:
    leader, follower = pty.openpty()
    how = {"stdin": follower, "stdout": follower, "stderr": follower, "cwd": PROJECT}
    with subprocess.Popen([*CXB, "scorecards"], env=environment({**told, "COLUMNS": "150"}), **how) as process:  # type: ignore[call-overload]
        os.close(follower)
        shown = b""
        with suppress(OSError):  # how Linux ends a terminal whose other side is closed
            while piece := os.read(leader, 65_536):
                shown += piece
        os.close(leader)
    assert process.returncode == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()
    assert any("department" in line and "┃" in line for line in lines)
    assert max(map(len, lines)) <= 150


def test_a_reader_that_has_seen_enough_is_no_error(told: dict[str, str]) -> None:
    for command in ("balances", "balances --json", "scorecards", "rejected"):
        script = f"set -o pipefail; {' '.join(CXB)} {command} | true"
        how: dict[str, Any] = {"cwd": PROJECT, "env": environment(told), "capture_output": True, "text": True}
        done = subprocess.run(["bash", "-c", script], check=False, timeout=60, **how)
        assert done.returncode == 0, done.stderr
        assert "roken" not in done.stderr


def test_what_comes_in_by_and_by_is_sent_as_it_comes(data: Path, told: dict[str, str]) -> None:
    how: dict[str, Any] = {
        "cwd": PROJECT,
        "env": environment(told),
        "stdin": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    with subprocess.Popen([*CXB, "publish", "--wait", "-"], **how) as process:
        assert process.stdin is not None
        line = answer("first-of-two", datetime.now(UTC).isoformat())
        process.stdin.write(line[:40])
        process.stdin.flush()
        process.stdin.write(line[40:] + b"\r\n\n")
        process.stdin.flush()
        landed = "SELECT count() AS n FROM events_latest WHERE event_id IN ('first-of-two', 'second')"
        eventually(lambda: query(data, landed) == [{"n": 1}], "the first has landed while the second is to come")
        _, said = process.communicate(answer("second", datetime.now(UTC).isoformat()), timeout=60)
    assert b"landed 2, refused 0" in said
    assert query(data, landed) == [{"n": 2}]


def test_a_wrong_password_is_said_in_a_sentence(data: Path) -> None:
    found = instance(data)
    told = {
        "CXB_CLICKHOUSE_URL": found["store_url"],
        "CXB_KAFKA_BOOTSTRAP_SERVERS": found["kafka"],
        "CXB_CLICKHOUSE_PASSWORD": "hush",
    }
    for command in (("balances",), ("rejected",), ("migrate",), ("publish", "--wait", "pyproject.toml"), ("rebuild",)):
        said = cxb(*command, told=told, expect=3).stderr
        assert said.count("\n") == 1
        assert "rejects user 'default': check CXB_CLICKHOUSE_USER, CXB_CLICKHOUSE_PASSWORD" in said
        assert "hush" not in said


def test_what_does_not_exist_cannot_be_asked_for(told: dict[str, str]) -> None:
    for arguments, known in (
        (("balances", "--department", "nobody"), "unowned"),
        (("balances", "--metric", "joy"), "conversion_rate"),
        (("rejected", "--reason", "mood"), "too_large"),
        (("redrive", "--reason", "mood"), "too_large"),
    ):
        done = cxb(*arguments, told={**told, "COLUMNS": "300"}, expect=2)
        assert f"'{arguments[-1]}' is not one of" in done.stderr
        assert known in done.stderr
        assert done.stdout == ""


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
    assert not set(ports) & set(USUAL_PORTS)
    for port in ports:
        with socket.create_server(("127.0.0.2", port)):
            pass  # nobody listens there on all addresses
