"""`cxb governance` and `cxb registry`, as they are called."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, told_of
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of

PROPOSAL = REGISTRY.replace('policy = "single"', 'policy = "shared"')


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store with twenty answers about the web."""
    answers = [event(n, score=10 if n % 4 else 0, at=datetime(2026, 3, 10, 9, tzinfo=UTC)) for n in range(20)]
    store.insert_facts(facts_of(answers, compiled))
    return told_of(engine, store, registry_path)


def test_the_figures_are_rows_and_a_measure_narrows_them(server: dict[str, str]) -> None:
    period = ("--since", "2026-03-01", "--at", "2026-03-20")
    rows = json.loads(cxb("governance", *period, "--json", **server).stdout)
    assert {"clear_lines", "orphan_events", "answers"} <= {row["measure"] for row in rows}
    [row] = json.loads(cxb("governance", *period, "--measure", "orphan_events", "--json", **server).stdout)
    assert (row["value"], row["n"], row["uncertain"]) == (0.0, 20, True)
    shown = cxb("governance", *period, "--measure", "orphan_events", **server).stdout
    assert shown.splitlines()[1].split("\t")[:4] == ["orphan_events", "the company", "uncertain", "0.000"]


def test_another_registry_gives_other_figures_of_the_same_facts(server: dict[str, str], tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.toml"
    nobody.write_text(REGISTRY.replace('touchpoint = "web.*"', 'touchpoint = "webb.*"'))
    period = ("--since", "2026-03-01", "--at", "2026-03-20", "--measure", "orphan_events", "--json")
    [row] = json.loads(cxb("governance", *period, "--what-if", str(nobody), **server).stdout)
    assert row["value"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "2026-04-01", "--at", "2026-03-01"), "is not before"),
        (("--measure", "joy"), "is not one of"),
        (("--conversion", "visit"), "conversion, repeat_purchase, referral"),
        (("--view", "as_if"), "as_was, as_is"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(server: dict[str, str], arguments: tuple[str, ...], says: str) -> None:
    done = cxb("governance", *arguments, COLUMNS="400", **server)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())


def test_the_registry_of_a_file_is_shown_without_an_instance(registry_path: Path) -> None:
    rows = json.loads(cxb("registry", "show", "--registry", str(registry_path), "--at", "2026-03-01", "--json").stdout)
    assert ("web.checkout", "marketing") in {(row["touchpoint"], row["owner"]) for row in rows}
    shown = cxb("registry", "show", "--registry", str(registry_path), "--at", "2026-05-01").stdout.splitlines()
    assert shown[0].startswith("touchpoint\tname\tstage\tchannel")
    assert any(line.startswith("web.checkout") and "\tsales\t" in line for line in shown)


def test_the_registry_in_force_is_shown(server: dict[str, str]) -> None:
    rows = json.loads(cxb("registry", "show", "--json", **server).stdout)
    assert {row["touchpoint"] for row in rows} == {"web.checkout"}


def test_a_difference_is_told_and_none_is_said(registry_path: Path, tmp_path: Path) -> None:
    proposal = tmp_path / "proposal.toml"
    proposal.write_text(PROPOSAL)
    rows = json.loads(cxb("registry", "diff", str(registry_path), str(proposal), "--json").stdout)
    assert rows == [{"what": "policy", "which": "", "before": "single", "after": "shared"}]
    told = cxb("registry", "diff", str(registry_path), str(proposal))
    assert "policy\t\tsingle\tshared" in told.stdout
    assert "1 differences" in told.output
    assert "no difference" in cxb("registry", "diff", str(registry_path), str(registry_path)).output
    assert "in words alone, events and figures are not looked at: no instance runs" in " ".join(told.output.split())


def test_a_difference_is_told_in_effect_where_there_are_events(
    server: dict[str, str], registry_path: Path, tmp_path: Path
) -> None:
    proposal = tmp_path / "proposal.toml"
    proposal.write_text(REGISTRY.replace('owner = "marketing"', 'owner = "logistics"'))
    files = ("registry", "diff", str(registry_path), str(proposal), "--at", "2026-03-20")
    rows = json.loads(cxb(*files, "--json", **server).stdout)
    assert [row["what"] for row in rows[:2]] == ["owner", "events"]
    assert rows[1] == {
        "what": "events", "which": "web.checkout", "before": "marketing", "after": "logistics", "n": 20,
    }  # fmt: skip
    shown = cxb(*files, **server)
    assert "events\tweb.checkout\tmarketing\tlogistics\t20" in shown.stdout
    assert "1 differences\n" in shown.output


def test_a_registry_that_is_wrong_is_refused(registry_path: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("version = 1")
    done = cxb("registry", "diff", str(registry_path), str(wrong))
    assert isinstance(done.exception, ConfigurationError)


def test_the_planted_company_comes_with_its_registry() -> None:
    done = cxb("simulate", "--planted", "--events", "50", "--governance", "50", "--until", "2026-11-01")
    assert len(done.stdout.splitlines()) >= 100
    assert "planted.toml" in done.stderr


def test_facts_about_governance_are_simulated_beside_the_events_in_order_of_time() -> None:
    done = cxb("simulate", "--events", "200", "--governance", "100", "--until", "2026-11-01")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    own = [item for item in events if item["event_id"].startswith("g-")]
    assert len(events) - len(own) == 200
    assert len(own) >= 100
    stamps = [item["occurred_at"] for item in events]
    assert stamps == sorted(stamps)
