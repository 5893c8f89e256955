"""`cxb annotations` and `cxb responses`, as they are called."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from streams.figures.minutes import refresh
from streams.figures.refresh import OVERLAP
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import NOON, event, facts_of

PERIOD = ("--from", "2026-03-01", "--to", "2026-04-02")
FORMULA = "=1+1 \x1b[31m"


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A note, and ten invitations of which four were answered."""
    early = NOON - timedelta(days=20)
    sent = [event(f"s{n}", "survey_sent", early, customer=f"c{n}") for n in range(10)]
    sent += [event(f"a{n}", at=early + timedelta(days=1), customer=f"c{n}") for n in range(4)]
    sent += [event("n1", "note", NOON, text=FORMULA, touchpoint=None)]
    store.insert_facts(facts_of(sent, compiled))
    list(refresh(store, OVERLAP))
    return environment_of(engine, store, registry_path)


def test_what_happened_is_listed_and_a_note_gives_neither_terminal_nor_spreadsheet_an_order(
    server: dict[str, str],
) -> None:
    table = cxb("annotations", *PERIOD, **server).stdout.splitlines()
    assert table[1].split("\t") == [
        "2026-04-01 00:00", "ownership", "sales", "web.checkout", "Owner: Marketing to Sales: Checkout",
    ]  # fmt: skip
    assert table[2].endswith("=1+1 \\x1b[31m")
    rows = json.loads(cxb("annotations", *PERIOD, "--json", **server).stdout)
    assert [row["text"] for row in rows] == ["Owner: Marketing to Sales: Checkout", FORMULA]
    sheet = list(csv.DictReader(io.StringIO(cxb("annotations", *PERIOD, "--csv", **server).stdout)))
    assert [row["text"] for row in sheet] == ["Owner: Marketing to Sales: Checkout", f"'{FORMULA}"]
    assert "nothing happened" in cxb("annotations", "--from", "2020-01-01", "--to", "2020-02-01", **server).stderr


def test_response_rates_are_shown_with_intervals_and_as_data(server: dict[str, str]) -> None:
    table = cxb("responses", *PERIOD, "--by", "touchpoint", **server).stdout.splitlines()
    assert table[1].split("\t") == [
        "marketing", "web.checkout", "~40.0 % (16.8 to 68.7)", "4", "10", "0", "customers",
    ]  # fmt: skip
    rows = json.loads(cxb("responses", *PERIOD, "--department", "marketing", "--json", **server).stdout)
    assert [(row["value"], row["n"]) for row in rows] == [(40.0, 10)]
    sheet = list(csv.DictReader(io.StringIO(cxb("responses", *PERIOD, "--csv", **server).stdout)))
    assert [row["department"] for row in sheet] == ["company", "marketing"]
    assert "survey_sent" in cxb("responses", "--from", "2020-01-01", "--to", "2020-02-01", **server).stderr


@pytest.mark.parametrize("command", ["annotations", "responses"])
def test_what_has_no_meaning_is_a_wrong_usage(command: str, server: dict[str, str]) -> None:
    for options in (("--department", "nosuch"), ("--json", "--csv"), ("--to", "2100-01-01")):
        assert cxb(command, *options, **server).exit_code == 2
