"""`cxb balances`, as it is called."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.figures.minutes import refresh
from streams.figures.refresh import OVERLAP
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of

AT = ("--at", "2026-05-20")
BY_MINUTE = "every minute is read"


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store with answers of three days."""
    days = (datetime(2026, 4, day, 9, tzinfo=UTC) for day in (10, 11, 30))
    answers = [event(f"{at}-{n}", score=10 if n % 3 else 0, at=at) for at in days for n in range(20)]
    store.insert_facts(facts_of(answers, compiled))
    list(refresh(store, OVERLAP))
    return environment_of(engine, store, registry_path)


def proposal(path: Path, horizons: str) -> str:
    """A registry that differs in its half-lives."""
    file = path / "proposal.toml"
    file.write_text(REGISTRY.replace('sponsor = "cmo"', f'sponsor = "cmo"\n[horizons]\n{horizons}'))
    return str(file)


def test_other_half_lives_are_said_to_read_every_minute_until_their_days_are_folded(
    server: dict[str, str], tmp_path: Path
) -> None:
    other = proposal(tmp_path, 'short = "3d"\nlong = "30d"')
    reading = ("balances", *AT, "--what-if", other, "--json")
    before = cxb(*reading, **server)
    assert BY_MINUTE in before.stderr
    assert f"cxb rebuild --only-days --registry {other}" in before.stderr
    folded = cxb("rebuild", "--only-days", "--registry", other, **server)
    assert folded.exit_code == 0
    assert "folded: " in folded.stderr
    after = cxb(*reading, **server)
    assert BY_MINUTE not in after.stderr
    expected, actual = json.loads(before.stdout), json.loads(after.stdout)
    assert [row["metric"] for row in actual] == [row["metric"] for row in expected] != []
    for now, then in zip(actual, expected, strict=True):
        assert now["value"] == (then["value"] if then["value"] is None else pytest.approx(then["value"], rel=1e-9))
    assert [row["n"] for row in actual] == [row["n"] for row in expected]


def test_nothing_is_said_of_minutes_where_a_proposal_keeps_the_half_lives(
    server: dict[str, str], tmp_path: Path
) -> None:
    said = cxb("balances", *AT, "--what-if", proposal(tmp_path, 'short = "7d"\nlong = "90d"'), **server)
    assert (said.exit_code, BY_MINUTE in said.stderr) == (0, False)


def test_only_days_goes_with_no_stretch_of_time(server: dict[str, str]) -> None:
    rejected = cxb("rebuild", "--only-days", "--from", "2026-04-01", **server)
    assert rejected.exit_code == 2
    assert "leave out --from and --to" in rejected.stderr


@pytest.mark.parametrize("command", ["balances", "scorecards"])
def test_without_figures_it_is_said_why_and_what_to_do(
    engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path, command: str
) -> None:
    empty = environment_of(engine, store, registry_path)

    def says(text: str, *arguments: str) -> None:
        for flags in ((), ("--json",)):
            said = cxb(command, *arguments, *flags, **empty)
            assert (text in said.stderr, said.exit_code) == (True, 0), said.stderr
        assert said.stdout == "[]\n"

    says("no events have landed yet: send some with cxb publish")
    store.insert_facts(facts_of([event("one", score=10, at=datetime(2026, 4, 10, tzinfo=UTC))], compiled))
    says("their figures are being computed: try again in a few seconds", *AT)
    says("no events up to that instant, but 1 later ones", "--at", "2026-03-01")
    list(refresh(store, OVERLAP))
    assert cxb(command, *AT, **empty).stderr == ""


def test_weeks_of_scorecards_are_those_of_their_instants(server: dict[str, str]) -> None:
    weeks = json.loads(cxb("scorecards", "--at", "2026-05-20T12:00:00Z", "--weeks", "2", "--json", **server).stdout)
    singly = [
        json.loads(cxb("scorecards", "--at", f"2026-05-{day:02}", "--json", **server).stdout) for day in (6, 13, 20)
    ]
    of_instants = [row for rows in singly for row in rows]
    assert len(of_instants) == len(weeks) > 0
    for week, alone in zip(weeks, of_instants, strict=True):
        assert week == {
            name: pytest.approx(value) if isinstance(value, float) else value for name, value in alone.items()
        }
    shown = cxb("scorecards", *AT, "--weeks", "2", "--department", "sales", **server).stdout.splitlines()
    assert [line.split("\t")[:2] for line in shown] == [
        ["at (UTC)", "department"], *([f"2026-05-{day:02}", "sales"] for day in (6, 13, 20)),
    ]  # fmt: skip
    assert cxb("scorecards", *AT, "--weeks", "0", **server).exit_code == 2


def test_a_selection_of_nothing_is_said_to_be_one(server: dict[str, str]) -> None:
    said = cxb("balances", *AT, "--department", "marketing", "--metric", "retention", **server)
    assert "leave --department or --metric away" in said.stderr


@pytest.mark.parametrize(
    "command",
    [
        "balances --at", "scorecards --at", "drift --at", "drift budget --at", "drift replay --to", "surrogates --at",
        "drivers --to", "governance --to", "report --to",
    ],
)  # fmt: skip
def test_a_future_instant_is_refused(server: dict[str, str], command: str) -> None:
    said = cxb(*command.split(), "2100-01-01", **server)
    assert (said.exit_code, said.stdout) == (2, "")
    assert "in the future" in said.stderr


def test_a_figure_whose_answers_stopped_is_marked_as_stale_with_its_newest_answer(server: dict[str, str]) -> None:
    question = ("balances", "--at", "2026-05-21T09:00:00Z", "--metric", "nps", "--department", "company")
    rows = {row["horizon"]: row for row in json.loads(cxb(*question, "--json", **server).stdout)}
    assert (rows["short"]["suppressed"], rows["short"]["value"]) == ("stale", None)
    assert (rows["long"]["suppressed"], rows["long"]["value"] is None) == ("", False)
    assert {row["last_at"] for row in rows.values()} == {"2026-04-30T09:00:00Z"}
    assert re.search(r"short.*stale", cxb(*question, **server, COLUMNS="200").stdout)
    earlier = json.loads(cxb(*question[:2], "2026-05-21T08:59:59Z", *question[3:], "--json", **server).stdout)
    assert [row["suppressed"] for row in earlier] == ["", ""]
