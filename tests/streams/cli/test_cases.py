"""`cxb cases` and the list of open cases, on a real store."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.governance.counting import Question, compute
from streams.governance.open_cases import open_cases
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of

AT = datetime(2026, 4, 10, 12, tzinfo=UTC)
"""The web belongs to Marketing until 1 April, then to Sales."""


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """Four cases: an old one of the web, a new one, one closed at AT, one that two services call by the same id."""
    at = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 20)]
    events = [
        event(1, "case_opened", at[0], case_id="old", touchpoint="web.checkout"),
        event(2, "case_opened", datetime(2026, 4, 10, 6, tzinfo=UTC), case_id="new", touchpoint="web.checkout"),
        event(3, "case_opened", at[1], case_id="closed", touchpoint="web.checkout"),
        event(4, "case_closed", AT, case_id="closed", touchpoint="web.checkout", resolved=True),
        event(5, "case_opened", at[1], case_id="=cmd()", touchpoint="phone"),
    ]
    store.insert_facts(facts_of(events, compiled))
    return environment_of(engine, store, registry_path)


def test_open_cases_are_listed_oldest_first_with_owner_and_age(server: dict[str, str]) -> None:
    rows = json.loads(cxb("cases", "--at", "2026-04-10T12:00:00Z", "--json", **server).stdout)
    assert [(row["case_id"], row["department"], row["age"], row["age_s"]) for row in rows] == [
        ("old", "marketing", "40.0 days", 40 * 86_400), ("=cmd()", "unowned", "21.0 days", 21 * 86_400),
        ("closed", "marketing", "21.0 days", 21 * 86_400), ("new", "sales", "6.0 h", 6 * 3_600),
    ]  # fmt: skip
    assert all("customer" not in row for row in rows)


def test_a_case_is_open_until_the_instant_at_which_it_is_closed(server: dict[str, str]) -> None:
    ids = [
        {row["case_id"] for row in json.loads(cxb("cases", "--at", at, "--json", **server).stdout)}
        for at in ("2026-04-10T12:00:00Z", "2026-04-10T12:00:01Z")
    ]
    assert ids[0] - ids[1] == {"closed"}
    assert json.loads(cxb("cases", "--at", "2026-02-01", "--json", **server).stdout) == []


def test_cases_are_narrowed_by_department_and_touchpoint_under_either_view(server: dict[str, str]) -> None:
    def ids(*more: str) -> list[str]:
        rows = json.loads(cxb("cases", "--at", "2026-04-10T12:00:00Z", *more, "--json", **server).stdout)
        return [row["case_id"] for row in rows]

    assert ids("--department", "sales") == ["new"]
    assert ids("--department", "sales", "--view", "as_is") == ["old", "closed", "new"]
    assert ids("--touchpoint", "phone") == ["=cmd()"]


def test_csv_guards_what_a_spreadsheet_would_run(server: dict[str, str]) -> None:
    text = cxb("cases", "--at", "2026-04-10T12:00:00Z", "--csv", **server).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["case_id"] for row in rows] == ["old", "'=cmd()", "closed", "new"]
    assert rows[0]["age_s"] == str(40 * 86_400)


def test_wrong_options_are_sentences(server: dict[str, str]) -> None:
    for arguments, says in (
        (("--json", "--csv"), "choose one of --json and --csv"),
        (("--department", "nosuch"), "'nosuch' is not one of marketing"),
        (("--touchpoint", "No Such"), "'No Such' is not the id of a touchpoint"),
        (("--at", "2105-01-01"), "in the future"),
    ):
        done = cxb("cases", *arguments, **server)
        assert (done.exit_code, says in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_the_list_is_as_long_as_governance_counts(
    server: dict[str, str], store: Store, compiled: CompiledRegistry
) -> None:
    figures = compute(store, compiled, Question(datetime(2026, 1, 1, tzinfo=UTC), AT))
    counted = {item.subject: item.estimate.value for item in figures if item.measure == "open_cases"}
    listed = [case.department for case in open_cases(store, compiled, AT)]
    assert counted == {name: float(listed.count(name)) for name in set(listed)}
