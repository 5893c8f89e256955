"""Runs the dashboards' SQL on the real engine and the real tables, with Grafana's macros expanded."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kafka.libraries import PROJECT

# In a process of its own: the engine takes signal handlers and holds one directory a process.
ENGINE = """
import json, sys
from chdb.session import Session
from streams.migrations import known
session = Session(sys.argv[1])
session.query("CREATE DATABASE cx")
session.query("USE cx")
for migration in known():
    for statement in migration.statements:
        session.query(statement)
statements, queries = json.load(sys.stdin)
for statement in statements:
    session.query(statement)
print(json.dumps([[json.loads(row) for row in str(session.query(q, "JSONEachRow")).splitlines()] for q in queries]))
"""
ROWS = [
    "INSERT INTO cx.balances (at, view, department, metric, term, horizon, value, n, n_eff) VALUES"
    " ('2026-01-01 10:00:00', 'as_was', 'sales', 'nps', 'long', 'long', 10, 100, 50),"
    " ('2026-01-01 11:00:00', 'as_was', 'sales', 'nps', 'long', 'long', 20, 100, 50),"
    " ('2026-01-01 11:00:00', 'as_is', 'sales', 'nps', 'long', 'long', 99, 100, 50),"
    " ('2026-01-01 11:00:00', 'as_was', 'it-ops', 'nps', 'long', 'long', 30, 100, 50),"
    " ('2026-01-01 13:00:00', 'as_was', 'sales', 'nps', 'long', 'long', 40, 100, 50)",
    "INSERT INTO cx.scorecards (at, view, department, short_index, long_index, outcome_balance) VALUES"
    " ('2026-01-01 11:00:00', 'as_was', 'sales', 60, 50, -10),"
    " ('2026-01-01 13:00:00', 'as_was', 'sales', 70, 40, -30)",
]


def queries() -> dict[str, str]:
    board = json.loads((PROJECT / "deploy" / "grafana" / "dashboards" / "company.json").read_text())
    targets = {panel["title"]: panel.get("targets", []) for panel in board["panels"]}
    return {title: target["rawSql"] for title, found in targets.items() for target in found if "rawSql" in target}


def expand(sql: str, departments: str) -> str:
    """What Grafana and its plugin make of a query for the time range 09:00 to 12:00."""
    span = "at >= toDateTime('2026-01-01 09:00:00') AND at <= toDateTime('2026-01-01 12:00:00')"
    return sql.replace("$__timeFilter(at)", span).replace("${department:regex}", departments)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[dict[str, Any]]]:
    asked = {(title, names): expand(sql, names) for title, sql in queries().items() for names in (".*", "(sales|web)")}
    command = [sys.executable, "-c", ENGINE, str(tmp_path_factory.mktemp("engine") / "data")]
    text = json.dumps([ROWS, list(asked.values())])
    done = subprocess.run(command, cwd=PROJECT, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(asked, json.loads(done.stdout), strict=True))


def figures(rows: list[dict[str, Any]], column: str) -> dict[str, float]:
    return {row["department"]: row[column] for row in rows}


def test_balances_are_those_of_the_last_snapshot_in_the_time_range(answers: dict[Any, Any]) -> None:
    rows = answers["Balances at the end of the time range", ".*"]
    assert figures(rows, "value") == {"it-ops": 30, "sales": 20}


def test_balances_follow_the_choice_of_departments(answers: dict[Any, Any]) -> None:
    rows = answers["Balances at the end of the time range", "(sales|web)"]
    assert figures(rows, "value") == {"sales": 20}


def test_scorecards_are_those_of_the_last_snapshot_in_the_time_range(answers: dict[Any, Any]) -> None:
    rows = answers["Scorecards at the end of the time range", ".*"]
    assert figures(rows, "outcome_balance") == {"sales": -10}


def test_a_broken_query_would_be_noticed(tmp_path: Path) -> None:
    text = json.dumps([[], ["SELECT nothing FROM cx.balances_latest"]])
    command = [sys.executable, "-c", ENGINE, str(tmp_path / "data")]
    done = subprocess.run(command, cwd=PROJECT, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "nothing" in done.stderr
