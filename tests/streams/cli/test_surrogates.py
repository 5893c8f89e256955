"""`cxb surrogates`, as it is called."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from streams.figures import minutes
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of, on_a_terminal
from tests.streams.engine import EngineProcess
from tests.streams.given import facts_of
from tests.streams.governance.test_surrogates import AT, WEEKS, busy_weeks

INSTANT = ("--at", f"{AT:%FT%TZ}")


@pytest.fixture
def server(engine: EngineProcess, store: Store, registry_path: Path) -> dict[str, str]:
    """A configured store without events."""
    return environment_of(engine, store, registry_path)


def test_a_rise_is_read_in_words_and_json_has_everything(
    server: dict[str, str], store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of(busy_weeks(), compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    done = cxb("surrogates", *INSTANT, "--department", "sales", **server)
    [_, row] = [line.split("\t") for line in done.stdout.splitlines()]
    assert row[:4] == ["sales", "traffic", "nps", "long will follow"]
    assert re.fullmatch(r"\+\d+\.\d points \(\+\d+\.\d to \+\d+\.\d\)", row[4])
    assert int(row[5]) < WEEKS
    assert "sales: 3 weeks after traffic is up, nps moves by +" in done.stderr
    assert "1 of 1 pairs can be told. 2 were tested in all departments" in done.stderr
    assert "sales: traffic take" in done.stderr
    lines = on_a_terminal("surrogates", *INSTANT, "--department", "sales", **server)
    assert max(map(len, lines)) <= 80
    shown = {word for line in lines for word in line.split()}
    assert {"department", "sales", "traffic", "nps", "long", "will", "follow"} <= shown
    found = json.loads(cxb("surrogates", *INSTANT, "--json", **server).stdout)
    assert [pair["department"] for pair in found["pairs"]] == ["company", "sales"]
    early = cxb("surrogates", "--at", "2025-12-20", **server)
    assert early.stdout == ""
    assert "too few weeks" in early.stderr
    assert "62 weeks" in early.stderr


def test_by_touchpoint_each_is_a_row_and_on_80_columns_no_word_is_broken(
    server: dict[str, str], store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of(busy_weeks(), compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    question = ("surrogates", *INSTANT, "--by", "touchpoint")
    found = json.loads(cxb(*question, "--json", **server).stdout)
    assert found["by"] == "touchpoint"
    names = {(pair["department"], pair["touchpoint"]) for pair in found["pairs"]}
    assert names == {("company", "delivery.(other)"), ("company", "web.checkout"), ("sales", "web.checkout")}
    readable = [pair["touchpoint"] for pair in found["pairs"] if not pair["reason"]]
    assert readable == ["web.checkout", "web.checkout"]
    assert "after traffic at web.checkout is up, nps moves by" in cxb(*question, **server).stderr
    lines = on_a_terminal(*question, **server)
    assert max(map(len, lines)) <= 80
    words = set(" ".join(re.sub("[│┃]", " ", line) for line in lines).split())
    assert {"department", "web.checkout", "delivery.(other)", "traffic", "follow", "reading", "effect"} <= words
    assert "weeks: those with a figure of both metrics" in " ".join(lines)


def test_without_weeks_nothing_can_be_told(server: dict[str, str]) -> None:
    done = cxb("surrogates", "--at", "2024-12-20", **server)
    assert done.stdout == ""
    assert "cannot be told" in done.stderr


def test_a_department_that_never_was_is_a_usage_error(server: dict[str, str]) -> None:
    done = cxb("surrogates", "--department", "choir", COLUMNS="400", **server)
    assert done.exit_code == 2
    assert "'choir' is not one of marketing, sales" in " ".join(done.output.split())
