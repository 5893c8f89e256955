"""Embedded mode as a user sees it: one running instance, and what is done with it."""

import json
import subprocess
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.registry import parse
from tests.e2e.running import (
    CXB,
    PROJECT,
    SAMPLE,
    cxb,
    environment,
    events_of,
    eventually,
    instance,
    query,
    rows,
    write,
)
from tests.metrics import reference
from tests.metrics.events.test_decoding import POISON

pytestmark = pytest.mark.embedded


def get(data: Path, path: str) -> Any:
    with urllib.request.urlopen(instance(data)["web_url"] + path, timeout=10) as response:
        body = response.read().decode()
    return json.loads(body) if path.startswith("/api") else body


@pytest.mark.long
def test_figures_of_published_events_equal_the_slow_reference_now_then_and_what_if(
    data: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    events = events_of(1500, 11, tmp_path / "events.ndjson")
    said = cxb("publish", "--backfill", "--wait", str(tmp_path / "events.ndjson"), variables=variables).stderr
    assert "landed 1,500, rejected 0" in said
    everything = "SELECT count() AS n, sum(cityHash64(*)) AS hash FROM events"
    facts = query(data, everything)
    other = SAMPLE.replace('owner = "sales"', 'owner = "it"')
    assert other != SAMPLE
    (tmp_path / "other.toml").write_text(other)
    for at in (datetime(2026, 9, 15, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)):
        for view in ("as_was", "as_is"):
            reading = ("balances", "--at", f"{at:%F}", "--view", view)
            assert _differences(rows(*reading, variables=variables), events, SAMPLE, at, view) == []
            for flag in ("--what-if", "--registry"):
                actual = rows(*reading, flag, str(tmp_path / "other.toml"), variables=variables)
                assert _differences(actual, events, other, at, view) == []
    assert facts[0]["n"] >= 1500
    assert query(data, everything) == facts


def _differences(
    got: list[dict[str, Any]], events: list[dict[str, Any]], registry: str, at: datetime, view: str
) -> list[str]:
    assert {row.pop("at") for row in got} == {f"{at:%FT%TZ}"}
    return reference.differences(got, reference.balances(events, parse(registry), at, view))


def test_an_event_is_in_the_api_seconds_after_it_was_published(
    variables: dict[str, str], data: Path, tmp_path: Path, record_property: Any
) -> None:
    before = _nps_answers(data)
    now = datetime.now(UTC).isoformat()
    cxb("publish", str(write([answer("fresh", now)], tmp_path / "one")), variables=variables)
    seconds = eventually(lambda: _nps_answers(data) == before + 1, "the event counts", 15)
    record_property("seconds", seconds)
    print(f"in the API {seconds:.1f} s after it was published")


def answer(event_id: str, occurred_at: str) -> bytes:
    """An answer to a survey, as a line."""
    event = {"source": "e2e", "kind": "nps", "touchpoint": "web.site", "score": 9}
    return json.dumps({**event, "event_id": event_id, "occurred_at": occurred_at}).encode()


def _nps_answers(data: Path) -> int:
    balances = get(data, "/api/v1/balances?department=company&metric=nps&horizon=long")
    return int(balances[0]["n"]) if balances else 0


def test_every_kind_of_bad_input_is_rejected_for_its_reason_and_the_good_lands(
    variables: dict[str, str], tmp_path: Path
) -> None:
    # As lines of a file: without those that hold a line's end or are no line at all.
    cases = [(value, reason) for _, value, reason in POISON if value and value.strip() and b"\n" not in value]
    good = [json.dumps(event).encode() for event in events_of(20, 12, tmp_path / "good")]
    fixed = [(value, reason) for value, reason in cases if reason not in ("too_old", "in_future")]
    lines = [*good[:10], *(value for value, _ in fixed), *good[10:]]
    mixed = str(write(lines, tmp_path / "mixed"))
    said = cxb("publish", "--backfill", "--wait", mixed, variables=variables, expect=1).stderr
    assert f"landed 20, rejected {len(fixed)}" in said
    counts: dict[str, int] = {}
    for _, reason in fixed:
        counts[reason.value] = counts.get(reason.value, 0) + 1
    listed = rows("rejected", "--limit", "100000", variables=variables)
    reasons: dict[str, int] = {}
    for row in listed:
        reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
    assert reasons == counts


def test_a_rejected_event_goes_through_again_once_it_can(data: Path, variables: dict[str, str], tmp_path: Path) -> None:
    old = (datetime.now(UTC) - timedelta(days=500)).isoformat()
    event = {"event_id": "old", "source": "e2e", "kind": "contact", "touchpoint": "web.site", "occurred_at": old}
    said = cxb(
        "publish", "--wait", str(write([json.dumps(event).encode()], tmp_path / "old")), variables=variables, expect=1
    ).stderr
    assert "1 too_old" in said
    [listed] = rows("rejected", "--reason", "too_old", variables=variables)
    assert "cxb publish --backfill" in listed["detail"]
    assert rows("redrive", "--reason", "too_old", "--dry-run", variables=variables) == [
        {"reason": "too_old", "chosen": 1, "sent": 0, "erased": 0, "not_kept": 0, "missing": 0}
    ]
    assert rows("redrive", "--reason", "too_old", variables=variables)[0]["sent"] == 1

    def rejected_again() -> bool:
        again = rows("rejected", "--reason", "too_old", variables=variables)
        return len(again) == 1 and again[0]["offset"] != listed["offset"]

    eventually(rejected_again, "it is rejected again as what it is now, and once on the list")


@pytest.mark.long
def test_a_changed_registry_is_in_force_and_a_broken_one_is_rejected(
    data: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    def version_stored_with(event_id: str) -> str:
        line = answer(event_id, datetime.now(UTC).isoformat())
        cxb("publish", "--wait", str(write([line], tmp_path / event_id)), variables=variables)
        [row] = query(data, f"SELECT registry_version FROM events_latest WHERE event_id = '{event_id}'")
        return str(row["registry_version"])

    file = data.parent / "registry.toml"
    version = parse(SAMPLE).version
    file.write_text(SAMPLE.replace(f'version = "{version}"', 'version = "next"'))
    eventually(lambda: get(data, "/api/v1/registry")["version"] == "next", "the new version is in force")
    assert version_stored_with("under-the-next") == "next"
    file.write_text("version = ")
    eventually(lambda: not get(data, "/api/v1/registry")["valid"], "the broken one is rejected")
    state = get(data, "/api/v1/registry")
    assert (state["version"], "is wrong" in state["error"]) == ("next", True)
    eventually(lambda: "cx_registry_valid 0.0" in get(data, "/metrics"), "the metric says so")
    assert "is not valid, version next stays" in (data / "logs" / "worker.log").read_text()
    assert version_stored_with("while-broken") == "next"
    file.write_text(SAMPLE)
    eventually(lambda: get(data, "/api/v1/registry")["valid"], "it is fixed")
    assert get(data, "/api/v1/registry")["version"] == version
    eventually(lambda: "cx_registry_valid 1.0" in get(data, "/metrics"), "the metric says so again")


@pytest.mark.long
def test_a_person_is_erased_and_does_not_come_back(variables: dict[str, str], tmp_path: Path) -> None:
    events = events_of(300, 13, tmp_path / "events")
    cxb("publish", "--backfill", "--wait", str(tmp_path / "events"), variables=variables)
    customer = next(event["customer"] for event in events if "customer" in event)
    theirs = sum(event.get("customer") == customer for event in events)
    receipt = json.loads(cxb("erase", "--customer", "-", "--json", variables=variables, input=f"{customer}\n").stdout)
    assert (receipt["facts"], customer in json.dumps(receipt)) == (theirs, False)
    cxb("publish", "--backfill", "--wait", str(tmp_path / "events"), variables=variables)
    again = json.loads(cxb("erase", "--customer", "-", "--json", variables=variables, input=f"{customer}\n").stdout)
    assert again["facts"] == 0


@pytest.mark.long
def test_a_dead_letter_that_stays_is_said_and_so_is_a_person_who_was_not_found(
    variables: dict[str, str], tmp_path: Path
) -> None:
    event = {"event_id": "typo", "source": "e2e", "kind": "NPS", "touchpoint": "web.site", "customer": "c-of-a-letter"}
    typo = str(write([json.dumps(event).encode()], tmp_path / "typo"))
    cxb("publish", "--wait", typo, variables=variables, expect=1)
    # The broker of an instance deletes nothing.
    said = cxb("erase", "--customer", "c-of-a-letter", variables=variables, expect=1)
    assert "1 dead letters, until its retention removes them: the broker does not delete" in " ".join(
        said.stdout.split()
    )
    assert "not all of it is known to be gone" in said.stderr
    receipt = json.loads(cxb("erase", "--customer", "c-of-a-letter", "--json", variables=variables, expect=1).stdout)
    assert (receipt["dead_letters"], receipt["dead_letters_left"]) == (0, 1)
    assert "nothing of this customer was found" in cxb("erase", "--customer", "nobody", variables=variables).stderr


@pytest.mark.long
def test_rebuilding_changes_nothing_that_was_right(variables: dict[str, str]) -> None:
    before = rows("balances", "--at", "2026-11-02", variables=variables)
    assert "computed again" in cxb("rebuild", variables=variables).stderr
    after = rows("balances", "--at", "2026-11-02", variables=variables)
    assert reference.differences(after, before, 1e-9) == []  # sums in another order


def test_the_doctor_finds_everything_well_and_names_what_is_not(variables: dict[str, str], data: Path) -> None:
    assert {row["check"]: row["state"] for row in rows("doctor", variables=variables)} == dict.fromkeys(
        (
            "kafka and topics",
            "clickhouse",
            "tables",
            "clock",
            "freshness",
            "parts",
            "cells",
            "day cells",
            "names",
            "series",
            "copies",
            "customer keys",
            "placeholders",
            "commits",
            "registry",
            "reader",
            "spool",
        ),
        "ok",
    )
    elsewhere = {
        "CXB_CLICKHOUSE_URL": "http://127.0.0.1:1",
        "CXB_KAFKA_BOOTSTRAP_SERVERS": instance(data)["kafka"],
        "CXB_KAFKA_TOPIC": "nowhere",
    }
    sick = cxb("doctor", "--json", variables=elsewhere, expect=1).stdout
    states = {row["check"]: row["state"] for row in json.loads(sick)}
    assert (states["kafka and topics"], states["clickhouse"], states["registry"]) == ("failed", "failed", "ok")


def test_reads_are_tab_separated_in_a_pipe(variables: dict[str, str]) -> None:
    for command, heading in (
        ("balances", "department\tmetric"),
        ("scorecards", "department\tshort"),
        ("doctor", "check\t"),
    ):
        first, *rest = cxb(command, variables=variables).stdout.splitlines()
        assert first.startswith(heading)
        assert {line.count("\t") for line in rest} == {first.count("\t")}


@pytest.mark.long
def test_what_comes_in_gradually_is_sent_as_it_comes(data: Path, variables: dict[str, str]) -> None:
    how: dict[str, Any] = {
        "cwd": PROJECT,
        "env": environment(variables),
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
    assert b"landed 2, rejected 0" in said
    assert query(data, landed) == [{"n": 2}]
