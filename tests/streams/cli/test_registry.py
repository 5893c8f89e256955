"""`cxb registry show` and `cxb registry diff`, as they are called."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.errors import ConfigurationError
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY, event, facts_of

PROPOSAL = REGISTRY.replace('policy = "single"', 'policy = "shared"')


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store with twenty answers about the web."""
    answers = [event(n, score=10 if n % 4 else 0, at=datetime(2026, 3, 10, 9, tzinfo=UTC)) for n in range(20)]
    store.insert_facts(facts_of(answers, compiled))
    return environment_of(engine, store, registry_path)


def test_the_registry_of_a_file_is_shown_without_an_instance(registry_path: Path) -> None:
    rows = json.loads(cxb("registry", "show", "--registry", str(registry_path), "--at", "2026-03-01", "--json").stdout)
    assert ("web.checkout", "marketing") in {(row["touchpoint"], row["owner"]) for row in rows}
    shown = cxb("registry", "show", "--registry", str(registry_path), "--at", "2026-05-01").stdout.splitlines()
    assert shown[0].startswith("touchpoint\tname\tstage\tchannel")
    assert any(line.startswith("web.checkout") and "\tsales\t" in line for line in shown)


def test_the_registry_in_force_is_shown(server: dict[str, str]) -> None:
    rows = json.loads(cxb("registry", "show", "--json", **server).stdout)
    assert {row["touchpoint"] for row in rows} == {"web.checkout"}


def test_a_difference_is_shown_and_none_is_reported(registry_path: Path, tmp_path: Path) -> None:
    proposal = tmp_path / "proposal.toml"
    proposal.write_text(PROPOSAL)
    rows = json.loads(cxb("registry", "diff", str(registry_path), str(proposal), "--json").stdout)
    assert rows == [{"what": "policy", "which": "", "before": "single", "after": "shared"}]
    result = cxb("registry", "diff", str(registry_path), str(proposal))
    assert "policy\t\tsingle\tshared" in result.stdout
    assert "1 difference" in result.output
    assert "no difference" in cxb("registry", "diff", str(registry_path), str(registry_path)).output
    assert "in words alone, events and figures are not looked at: no instance runs" in " ".join(result.output.split())


def test_a_difference_is_shown_in_effect_where_there_are_events(
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
    assert "1 difference\n" in shown.output


def test_a_registry_that_is_wrong_is_rejected(registry_path: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("version = 1")
    done = cxb("registry", "diff", str(registry_path), str(wrong))
    assert isinstance(done.exception, ConfigurationError)
