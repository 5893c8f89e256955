"""`cxb drift` and `cxb baseline`, as they are called."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.drift.detection import Alarm
from metrics.drift.onset import Onset
from streams.drift import repository
from streams.errors import ConfigurationError
from streams.figures import minutes
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of, on_a_terminal
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of

BEGIN = datetime(2026, 4, 2, tzinfo=UTC)
END = BEGIN + timedelta(days=14)
PERIOD = ("--from", "2026-04-02", "--to", "2026-04-12")
SALES = ("--department", "sales", "--metric", "csat")
SCORES = random.Random(3).choices((2, 4, 5), k=1400)


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store with a fortnight of answers about the web: worse ones from the eleventh day on."""
    answers = [
        event(n, "csat", BEGIN + timedelta(minutes=14 * n), score=SCORES[n] if n < 1050 else 2 + n % 2)
        for n in range(1400)
    ]
    store.insert_facts(facts_of(answers, compiled))
    list(minutes.refresh(store, timedelta(0)))
    return environment_of(engine, store, registry_path)


@pytest.fixture
def alarmed(server: dict[str, str], store: Store) -> dict[str, str]:
    """The same with a baseline and an alarm."""
    assert cxb("baseline", "create", *SALES, *PERIOD, **server).exit_code == 0
    at_s, since_s = (int((BEGIN + timedelta(days=days)).timestamp()) for days in (11.5, 10.25))
    repository.save_alarms(store, [Alarm(at_s, "sales", "csat", "down", since_s, 41.0, 30.0, "sales/csat/1")], 0)
    return server


def rows(*arguments: str, **variables: str) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = json.loads(cxb(*arguments, "--json", **variables).stdout)
    return answer


def test_a_baseline_is_made_on_request_listed_and_shown(server: dict[str, str]) -> None:
    assert rows("baseline", "list", **server) == []
    [made] = rows("baseline", "create", *SALES, *PERIOD, **server)
    assert (made["id"], made["reason"], made["start_at"]) == ("sales/csat/1", "request", "2026-04-02T00:00:00Z")
    usual = [score for score, n in zip(SCORES, range(1400), strict=True) if n * 14 < 10 * 1440]
    assert made["exposure"] == len(usual)
    assert made["level"] == pytest.approx(100 * sum(score >= 4 for score in usual) / len(usual))
    cxb("baseline", "create", *SALES, *PERIOD, **server)
    assert [row["version"] for row in rows("baseline", "list", **server)] == [1, 2]
    assert rows("baseline", "show", *SALES, **server) == rows("baseline", "list", **server)
    assert rows("baseline", "show", "--department", "marketing", "--metric", "csat", **server) == []
    [first, *_] = cxb("baseline", "list", **server).stdout.splitlines()[1:]
    assert first.split("\t")[:2] == ["sales/csat/1", "request"]


def test_what_is_drifting_is_shown_with_since_owner_and_what_contributes(alarmed: dict[str, str]) -> None:
    [row] = rows("drift", "--at", "2026-04-16", **alarmed)
    assert (row["department"], row["metric"], row["state"]) == ("sales", "csat", "down")
    assert (row["since"], row["at"]) == ("2026-04-12T06:00:00Z", "2026-04-13T12:00:00Z")
    assert row["after"] < row["before"] - 20
    [part] = row["contributions"]["touchpoint"]
    assert (part["group"], part["share"]) == ("web.checkout", pytest.approx(1))
    [shown] = cxb("drift", "--at", "2026-04-16", **alarmed).stdout.splitlines()[1:]
    assert shown.split("\t")[:5] == ["sales", "csat", "down", "2026-04-12 06:00", "2026-04-13 12:00"]
    assert (row["explained_by"], shown.split("\t")[5]) == ("none", "none")
    assert "csat of sales down since" in shown


@pytest.mark.parametrize(
    ("days", "shown"), [((8.0, 11.5), " since 12 April 2026 (between 10 April and 13 April): "), ((10.0, 11.0), "")]
)
def test_between_which_days_a_drift_began_is_shown_where_it_is_more_than_one(
    alarmed: dict[str, str], store: Store, days: tuple[float, float], shown: str
) -> None:
    at_s, since_s, *between = (int((BEGIN + timedelta(days=day)).timestamp()) for day in (11.6, 10.25, *days))
    alarm = Alarm(at_s, "sales", "csat", "down", since_s, 41.0, 30.0, "sales/csat/1", Onset(*between))
    repository.save_alarms(store, [alarm], 0)
    [row] = rows("drift", "--at", "2026-04-16", **alarmed)
    assert [row["since_from"], row["since_to"]] == [f"{BEGIN + timedelta(days=day):%FT%TZ}" for day in days]
    text = cxb("drift", "--at", "2026-04-16", **alarmed).stdout
    assert (shown or " since 12 April 2026: ") in text


def test_at_eighty_columns_no_name_and_no_date_is_cut_off_and_what_has_no_room_is_said(
    alarmed: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for command, words, left_out in (
        (("drift", "--at", "2026-04-16"), ("sales", "csat", "down", "2026-04-12", "06:00", "web.checkout"), ""),
        (("drift", "plan"), ("sales", "csat", "->", "found"), "no room for: tolerance, up (sd), down (sd), a month"),
        (("baseline", "list"), ("sales/csat/1", "request", "2026-04-02"), "no room for: note, hours of, sd"),
        (("balances", "--at", "2026-04-16"), ("company", "sales", "csat", "short", "%"), ""),
    ):
        lines = on_a_terminal(*command, **alarmed)
        assert max(map(len, lines)) <= 80, command
        assert not any("\N{HORIZONTAL ELLIPSIS}" in line for line in lines), command
        shown = {word for line in lines for word in line.split()}
        assert set(words) <= shown, command
        assert left_out in capsys.readouterr().err, command


def test_figures_of_the_plan_have_units(alarmed: dict[str, str]) -> None:
    heading, row = (line.split("\t") for line in cxb("drift", "plan", **alarmed).stdout.splitlines())
    assert row[heading.index("unit")] == "%"
    assert {"up (sd)", "down (sd)"} <= set(heading)
    assert on_a_terminal("drift", "plan", **alarmed)[0].strip() == "Plan for 1 false alarm a month, times of UTC"


def test_before_the_alarm_nothing_is_drifting_and_that_is_said(alarmed: dict[str, str]) -> None:
    assert rows("drift", "--at", "2026-04-13T11:00:00Z", **alarmed) == []
    said = cxb("drift", "--at", "2026-04-13T11:00:00Z", **alarmed)
    # The baseline was made on request, just now: nothing was watched then.
    assert "no metric had a baseline at that instant, so no drift could be seen" in said.stderr
    assert said.exit_code == 0


def test_the_plan_promises_for_each_baseline_and_follows_the_budget(alarmed: dict[str, str]) -> None:
    [plan] = rows("drift", "plan", **alarmed)
    assert (plan["department"], plan["metric"]) == ("sales", "csat")
    [strict] = rows("drift", "plan", **alarmed, CXB_DRIFT_BUDGET="0.1")
    assert strict["threshold_down"] > plan["threshold_down"]
    assert strict["delay_days"] > plan["delay_days"]
    assert plan["delay_p90_days"] > plan["delay_days"]
    assert plan["since"] > "2026-04-12"  # the baseline was made just now
    assert plan["text"] in cxb("drift", "plan", **alarmed).stdout
    [tolerant] = rows("drift", "plan", **alarmed, CXB_DRIFT_TOLERANCE_CSAT="4")
    assert (plan["tolerance"], round(tolerant["tolerance"], 9)) == (0, 4)
    assert tolerant["delay_days"] > plan["delay_days"]


def test_a_reader_is_told_how_many_false_alarms_to_expect_and_how_many_alarms_there_were(
    alarmed: dict[str, str],
) -> None:
    # Detection began when its baseline was made on request: just now.
    spent = json.loads(cxb("drift", "budget", "--json", **alarmed, CXB_DRIFT_BUDGET="2").stdout)
    assert (spent["detectors"], spent["expected_a_month"], spent["explained"]) == (1, 2.0, 0)
    assert "false alarms to expect a month, all departments together: about 2;" in spent["text"]
    then = ("--at", "2026-04-16")
    before = json.loads(cxb("drift", "budget", *then, "--json", **alarmed).stdout)
    assert (before["detectors"], before["expected_a_month"], before["alarms"]) == (0, 0.0, 1)
    assert before["text"] in cxb("drift", "budget", *then, **alarmed).stderr
    assert "alarms in the last 30 days, true and false: 1" in cxb("drift", *then, **alarmed).stderr


def test_a_replay_shows_what_todays_detectors_would_have_said_and_saves_nothing(
    server: dict[str, str], store: Store
) -> None:
    # 1,000 answers are there after ten days, and the fall comes a few hours later.
    replayed = json.loads(cxb("drift", "replay", "--to", "2026-04-16", "--json", **server).stdout)
    [alarm] = replayed["alarms"]
    assert (alarm["department"], alarm["metric"], alarm["state"], alarm["until"]) == ("sales", "csat", "down", None)
    assert "2026-04-12" < alarm["at"] < "2026-04-14"
    assert (replayed["detectors"], replayed["by_month"], replayed["explained"]) == (1, {"2026-04": 1}, 0)
    assert replayed["begin"] < alarm["since"] < alarm["at"]
    assert alarm["since_from"] <= alarm["since"] <= alarm["since_to"] <= alarm["at"]
    assert repository.alarms(store) == []
    assert repository.baselines(store) == {}
    shown = cxb("drift", "replay", "--to", "2026-04-16", **server)
    assert shown.stdout.splitlines()[1].split("\t")[1:4] == ["sales", "csat", "down"]
    heading, row = (line.split("\t") for line in shown.stdout.splitlines())
    for column, field in (("since", "since"), ("since, earliest", "since_from"), ("since, latest", "since_to")):
        assert row[heading.index(column)] == alarm[field][:16].replace("T", " ")
    assert replayed["text"] in shown.stderr
    assert "to 2026-04-15, true and false: 1, or " in replayed["text"]
    none = json.loads(cxb("drift", "replay", "--from", "2026-04-14", "--to", "2026-04-16", "--json", **server).stdout)
    assert none["alarms"] == []
    assert cxb("drift", "replay", "--from", "2026-04-16", "--to", "2026-04-14", **server).exit_code == 2
    calm = json.loads(cxb("drift", "replay", "--to", "2026-04-12T06:00:00Z", "--json", **server).stdout)
    assert (calm["detectors"], calm["alarms"]) == (1, [])
    early = json.loads(cxb("drift", "replay", "--to", "2026-04-05", "--json", **server).stdout)
    assert early["text"] == "nothing was watched by then: no metric had a baseline"


def test_without_a_baseline_it_is_said_how_one_comes(server: dict[str, str]) -> None:
    for arguments, says in (
        (
            ("drift",),
            "no baseline yet, so no drift can be seen: one is created from 1,000 answers over a week",
        ),
        (("drift", "plan"), "or on request, with: cxb baseline create"),
        (("baseline", "list"), "cxb baseline create"),
    ):
        said, as_json = cxb(*arguments, **server), cxb(*arguments, "--json", **server)
        assert (says in said.stderr, said.exit_code) == (True, 0)
        assert (as_json.stdout, as_json.stderr, as_json.exit_code) == ("[]\n", said.stderr, 0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--department", "sales", "--metric", "joy"), "'joy' is not one of"),
        (("--department", "choir", "--metric", "csat"), "'choir' is not one of marketing, sales, logistics"),
        ((*SALES, "--from", "2026-04-12", "--to", "2026-04-02"), "must be before --to"),
        ((*SALES, "--to", "2104-01-01"), "not later than now"),
        ((*SALES, "--from", "soon"), "must be a date such as"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(server: dict[str, str], arguments: tuple[str, ...], says: str) -> None:
    said = cxb("baseline", "create", *arguments, **server)
    assert says in " ".join(said.stderr.replace("│", "").split())
    assert said.exit_code == 2


def test_a_period_with_too_little_makes_no_baseline_and_says_so(server: dict[str, str]) -> None:
    made = cxb("baseline", "create", *SALES, "--from", "2026-03-01", "--to", "2026-03-02", **server)
    assert "csat of sales has too little between 2026-03-01 00:00 and 2026-03-02 00:00" in str(made.exception)
    assert rows("baseline", "list", **server) == []


def test_a_registry_that_is_not_there_is_a_matter_of_configuration(server: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        raise cxb("drift", "--registry", "nowhere.toml", **server).exception or AssertionError
