"""`cxb trends`, as it is called."""

import csv
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from datetime import UTC, datetime, timedelta
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest

from streams.cli.sparkline import BARS, GAP
from streams.figures.minutes import refresh
from streams.figures.refresh import OVERLAP
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.cli.calling import cxb, environment_of
from tests.streams.engine import EngineProcess
from tests.streams.given import event, facts_of

PERIOD = ("--from", "2026-04-08", "--to", "2026-05-20")
FORMULA = "=1+1"


@pytest.fixture
def server(engine: EngineProcess, store: Store, compiled: CompiledRegistry, registry_path: Path) -> dict[str, str]:
    """A configured store: answers and visits of two weeks, then silence until others come; one segment is a formula."""
    begin = datetime(2026, 4, 10, 9, tzinfo=UTC)
    days = [*(begin + timedelta(days=day) for day in range(12)), datetime(2026, 5, 18, 9, tzinfo=UTC)]
    sent = [event(f"{at}-{n}", score=10 if n % 3 else 0, at=at, segment=FORMULA) for at in days for n in range(9)]
    sent += [event(f"v-{at}", "visit", at, count=23_456) for at in days]
    store.insert_facts(facts_of(sent, compiled))
    list(refresh(store, OVERLAP))
    return environment_of(engine, store, registry_path)


def on_a_terminal(columns: int, *arguments: str, **environment: str) -> str:
    """What a command writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    running = subprocess.Popen(
        [sys.executable, "-m", "streams.cli", *arguments],
        stdout=theirs, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[3],
        env={**os.environ, **environment, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 4096):
            written += piece
    except OSError:  # Linux says so when the other end is closed
        pass
    finally:
        os.close(ours)
    assert running.wait() == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", written.decode()).replace("\r", "")


def test_a_table_of_eighty_columns_has_lines_with_gaps_and_figures_with_intervals(server: dict[str, str]) -> None:
    shown = on_a_terminal(80, "trends", *PERIOD, "--horizon", "short", **server)
    lines = {line.strip().split(",")[0]: line for line in shown.splitlines()}
    assert max(map(len, shown.splitlines())) <= 80
    bars = re.search(rf"[{BARS}{GAP}]+$", lines["nps"].rstrip())
    # Nothing yet, answers until they are stale, a gap, and answers again.
    assert bars
    assert re.fullmatch(rf"{GAP}+[{BARS}]+{GAP}+[{BARS}]+", bars.group())
    assert re.search(r"nps, points.* - +\S+ \(\S+ to \S+\) ", lines["nps"])
    assert re.search(r"traffic, a day", lines["traffic"])
    assert "2026-04-08" in shown
    assert "2026-05-20" in shown


def test_json_and_csv_have_every_point_of_both_horizons(server: dict[str, str]) -> None:
    rows = json.loads(cxb("trends", *PERIOD, "--metric", "nps", "--json", **server).stdout)
    assert {row["horizon"] for row in rows} == {"short", "long"}
    assert {row["at"] for row in rows} == {
        f"{datetime(2026, 4, 11, tzinfo=UTC) + timedelta(days=n):%FT%TZ}" for n in range(40)
    }
    sheet = list(csv.DictReader(io.StringIO(cxb("trends", *PERIOD, "--metric", "nps", "--csv", **server).stdout)))
    assert sheet == [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def test_a_spreadsheet_runs_no_segment_as_a_formula_and_keeps_numbers(server: dict[str, str]) -> None:
    question = ("trends", *PERIOD, "--metric", "nps", "--by", "segment", "--points", "2")
    [found] = {row["segment"] for row in csv.DictReader(io.StringIO(cxb(*question, "--csv", **server).stdout))}
    assert found == f"'{FORMULA}"
    assert FORMULA in cxb(*question, **server).stdout


def test_each_point_is_what_balances_shows_of_its_instant(server: dict[str, str]) -> None:
    question = ("--department", "sales", "--metric", "nps", "--json")
    points: list[dict[str, Any]] = json.loads(cxb("trends", *PERIOD, "--points", "3", *question, **server).stdout)
    assert len(points) == 4
    for at in {point["at"] for point in points}:
        wanted = json.loads(cxb("balances", "--at", at, *question, **server).stdout)
        found = [point for point in points if point["at"] == at]
        for one, other in zip(found, wanted, strict=True):
            assert one == {
                name: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
                for name, value in other.items()
            }


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--json", "--csv"), "choose one of --json and --csv"),
        (("--points", "61", "--by", "region"), "at most 60 together with by, and 400 without"),
        (("--points", "401"), "less than or equal to 400"),
        (("--department", "nosuch"), "one of marketing, sales, logistics, company, unowned"),
        (("--to", "2100-01-01"), "in the future"),
        (("--from", "2026-05-01", "--to", "2026-04-01"), "give an instant before to"),
    ],
)
def test_a_question_without_meaning_or_bound_is_a_usage_error(
    server: dict[str, str], arguments: tuple[str, ...], problem: str
) -> None:
    said = cxb("trends", *arguments, **server, COLUMNS="200")
    assert (said.exit_code, said.stdout) == (2, "")
    assert problem in said.stderr


def test_without_figures_it_is_said_why(server: dict[str, str]) -> None:
    said = cxb("trends", "--from", "2026-01-01", "--to", "2026-02-01", **server)
    assert (said.exit_code, said.stdout) == (0, "")
    assert "later ones: choose a later one with --to" in said.stderr
