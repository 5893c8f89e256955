"""`cxb distribution`, as it is called."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.figures.minutes import refresh
from streams.figures.refresh import OVERLAP
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of

PERIOD = ("--department", "sales", "--from", "2026-04-08", "--to", "2026-04-22")


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store: twelve answers of CSAT and of NPS a day, for three days."""
    begin = datetime(2026, 4, 10, 9, tzinfo=UTC)
    sent = [
        event(f"{kind}-{day}-{n}", kind, begin + timedelta(days=day), score=5 if n % 4 else 1)
        for kind in ("csat", "nps") for day in range(3) for n in range(12)
    ]  # fmt: skip
    store.insert_facts(facts_of(sent, compiled))
    list(refresh(store, OVERLAP))
    return environment_of(engine, store, registry_path)


def test_the_same_answers_are_shown_as_shares_as_json_and_as_csv(server: dict[str, str]) -> None:
    rows = json.loads(cxb("distribution", *PERIOD, "--points", "2", "--json", **server).stdout)
    assert [(row["metric"], row["n"], row["suppressed"]) for row in rows] == [
        ("nps", 36, ""), ("nps", 0, "n_eff<5"), ("csat", 36, ""), ("csat", 0, "n_eff<5"),
    ]  # fmt: skip
    lines = list(csv.DictReader(io.StringIO(cxb("distribution", *PERIOD, "--points", "2", "--csv", **server).stdout)))
    assert [(line["metric"], line["answer"], line["answers"]) for line in lines] == [
        (row["metric"], answer["answer"], "" if answer["n"] is None else str(answer["n"]))
        for row in rows
        for answer in row["answers"]
    ]
    shown = cxb("distribution", *PERIOD, "--metric", "csat", "--points", "2", **server).stdout
    assert "1 25%  2 0%  3 0%  4 0%  5 75%" in shown
    assert "n_eff<5" in shown


def test_what_cannot_be_asked_is_said_and_an_empty_period_too(server: dict[str, str]) -> None:
    refused = cxb("distribution", "--department", "nosuch", **server)
    assert refused.exit_code == 2
    assert "one of marketing, sales, logistics" in refused.stderr
    both = cxb("distribution", "--json", "--csv", **server)
    assert both.exit_code == 2
    assert "choose one of --json and --csv" in both.stderr
