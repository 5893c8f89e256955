"""`cxb drivers`, as it is called."""

import json
from pathlib import Path

import pytest

from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import facts_of
from tests.streams.governance.test_drivers import answered

PERIOD = ("--from", "2026-03-20", "--to", "2026-04-20")


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store with journeys that have answers at three touchpoints."""
    store.insert_facts(facts_of(answered(4, 200), compiled))
    return environment_of(engine, store, registry_path)


def test_touchpoints_are_rows_and_what_is_not_proved_says_so(server: dict[str, str]) -> None:
    done = cxb("drivers", *PERIOD, **server)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert lines[1][:3] == ["web.checkout", "sales", ""]
    assert lines[2][:3] == ["delivery.parcel", "logistics", "not proved"]
    assert "200 journeys of 150 customers answered before their last nps." in done.stderr


def test_json_has_everything(server: dict[str, str]) -> None:
    driven = json.loads(cxb("drivers", *PERIOD, "--json", **server).stdout)
    assert driven["metric"] == "nps"
    assert driven["drivers"][0]["touchpoint"] == "web.checkout"


def test_too_little_says_what_it_needs(server: dict[str, str]) -> None:
    done = cxb("drivers", "--metric", "csat", *PERIOD, **server)
    assert done.stdout == ""
    assert "cannot be told: 0 journeys of 0 customers" in done.stderr
    assert "100 customers" in done.stderr


def test_another_metric_is_a_usage_error(server: dict[str, str]) -> None:
    done = cxb("drivers", "--metric", "ces", COLUMNS="400", **server)
    assert done.exit_code == 2
    assert "nps, csat" in " ".join(done.output.split())
