"""What an earlier version left behind works on: its data directory, its settings and its spellings.

The earlier version is run for real, from the project's own history; without that history the tests are skipped.
"""

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from streams.figures.edition import EDITION
from tests.e2e.running import CXB, PROJECT, cxb, environment, eventually, query, rows, stop, up

pytestmark = [pytest.mark.embedded, pytest.mark.long]

BEFORE = "66341115df8aa2b63df61ee12e3b36ac9eda9a1e"
"""The last commit before the modules moved into rooms (step 6)."""

AT = "2026-11-02"
READS = {
    "balances": ("balances", "--at", AT),
    "balances as_is": ("balances", "--at", AT, "--view", "as_is"),
    "scorecards": ("scorecards", "--at", AT),
    "governance": ("governance", "--since", "2026-09-01", "--at", AT),
    "rejected": ("rejected",),
    "owners": ("registry", "show", "--at", AT),
    "drift": ("drift", "--at", AT),
}


OTHER_FORMULAS = {"balances", "balances as_is", "scorecards"}
"""What the second edition of the figures computes otherwise."""

OF_OTHER_N = ("long_term_weight_declared", "long_term_weight_lived", "long_term_weight_gap")
"""What the earlier version gave on one observation, whatever it rested on; now it has its n, or no value. Declared is
the weight of the company's targets; the earlier version counted those of departments as well."""
OF_CUSTOMERS = ("hand_off_satisfaction_gap", "hand_off_like_gap")
"""Whose interval took steps of one customer for independent; the values and n are the same."""
OF_A_CHANGE = "change_"
"""Begins measures whose interval came from a rounded quantile of Student's distribution: with few weeks that shows."""
NEW_MEASURES = ("change_synthetic", "change_placebo_p", "change_week", "change_leads_p")


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the earlier version."""
    folder = tmp_path_factory.mktemp("earlier")
    git = ["git", "-C", str(PROJECT), "archive", BEFORE, "streams", "metrics", "deploy"]
    packed = subprocess.run(git, capture_output=True, check=False)
    if packed.returncode:
        pytest.skip(f"no history here that holds commit {BEFORE}: {packed.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def at_earlier(folder: Path, *arguments: str, data: Path) -> str:
    """Runs a command of the earlier version; its standard output."""
    variables = environment({"CXB_DATA": str(data), "PYTHONPATH": str(folder)})
    done = subprocess.run(
        [*CXB, *arguments], cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def left_behind(earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A data directory that the earlier version has filled and left, and what it answered before it ended."""
    folder = tmp_path_factory.mktemp("upgrade")
    data, events = folder / "data", folder / "events.ndjson"
    simulated = ("simulate", "--events", "3000", "--seed", "7", "--until", "2026-11-01", "--bad", "0.02")
    events.write_text(at_earlier(earlier, *simulated, data=data))
    with up(data, tree=earlier) as running:
        at_earlier(earlier, "publish", "--backfill", "--wait", str(events), data=data)
        alarms = "SELECT count() AS n FROM drift"
        eventually(lambda: query(data, alarms)[0]["n"] > 0, "drift has been looked for: some figures count its alarms")
        answers = {name: json.loads(at_earlier(earlier, *read, "--json", data=data)) for name, read in READS.items()}
        stop(running)
        assert running.returncode == 0
    return data, answers


@pytest.fixture(scope="module")
def taken_over(earlier: Path, left_behind: tuple[Path, dict[str, Any]]) -> Any:
    """The same directory and registry, running under the version at hand."""
    registry = str(earlier / "deploy" / "registry.toml")
    with up(left_behind[0], "--registry", registry):
        renewed = "SELECT max(edition) AS n FROM editions"
        eventually(lambda: query(left_behind[0], renewed)[0]["n"] == EDITION, "cells are of today's edition")
        yield {"CXB_DATA": str(left_behind[0]), "CXB_REGISTRY": registry}


@pytest.mark.parametrize("read", sorted(OTHER_FORMULAS))
def test_figures_of_an_earlier_data_directory_are_computed_again_with_the_formulas_of_today(
    left_behind: tuple[Path, dict[str, Any]], taken_over: dict[str, str], read: str
) -> None:
    before, now = left_behind[1][read], rows(*READS[read], variables=taken_over)
    names = [[row.get(name) for name in ("department", "metric", "horizon")] for row in before]
    assert [[row.get(name) for name in ("department", "metric", "horizon")] for row in now] == names
    assert now
    cxb("rebuild", variables=taken_over)
    assert [approximately(row) for row in rows(*READS[read], variables=taken_over)] == now


@pytest.mark.parametrize("read", sorted(READS.keys() - OTHER_FORMULAS))
def test_every_read_answers_from_an_earlier_data_directory_as_the_earlier_version_did(
    left_behind: tuple[Path, dict[str, Any]], taken_over: dict[str, str], read: str
) -> None:
    before, now = left_behind[1][read], rows(*READS[read], variables=taken_over)
    if read == "rejected":
        before = [row | masked_by_the_migration(row) for row in before]
    assert now or read == "drift"
    if read == "governance":
        before, now = ([as_before(row) for row in answer if is_as_before(row)] for answer in (before, now))
    assert [approximately(row) for row in now] == before


def is_as_before(row: Mapping[str, Any]) -> bool:
    return row["measure"] not in (*OF_OTHER_N, *NEW_MEASURES)


def as_before(row: Mapping[str, Any]) -> dict[str, Any]:
    """A figure of governance without what the earlier version did not say, or computed otherwise."""
    left_out = ["unit", "reason", "week"]
    if row["measure"] in OF_CUSTOMERS:
        left_out += ["ci_low", "ci_high", "n_eff", "uncertain"]
    if row["measure"].startswith(OF_A_CHANGE):
        left_out += ["ci_low", "ci_high"]
    return {name: value for name, value in row.items() if name not in left_out}


def masked_by_the_migration(row: Mapping[str, Any]) -> dict[str, str]:
    quoting = row["reason"] in ("bad_type", "bad_value", "unknown_kind", "score_out_of_range")
    detail = "rejected by an earlier version, whose detail is not kept" if quoting else row["detail"]
    return {"payload": "<not shown: rejected by an earlier version>" if row["payload"] else "", "detail": detail}


def approximately(row: Any) -> Any:
    """Floats to a relative 1e-9: the store may add in another order."""
    if isinstance(row, Mapping):
        return {key: approximately(value) for key, value in row.items()}
    return pytest.approx(row, rel=1e-9, nan_ok=True) if isinstance(row, float) else row


def test_an_earlier_data_directory_takes_in_new_events(
    left_behind: tuple[Path, dict[str, Any]], taken_over: dict[str, str], tmp_path: Path
) -> None:
    data = left_behind[0]
    counted = "SELECT uniqExact(event_id) AS ids FROM events_latest"
    before = query(data, counted)[0]["ids"]
    (tmp_path / "new.ndjson").write_text(cxb("simulate", "--events", "50", "--seed", "8", variables={}).stdout)
    cxb("publish", "--backfill", "--wait", str(tmp_path / "new.ndjson"), variables=taken_over)
    eventually(lambda: query(data, counted)[0]["ids"] == before + 50, "the new events have landed")


CHANGED: dict[str, dict[str, Any]] = {"ingest": {"batch_rows": 60_000}}
"""Defaults that are others on purpose, as the changelog says (ADR 36)."""


def test_every_earlier_setting_is_a_setting_still_with_its_default(earlier: Path) -> None:
    script = (
        "import json; from streams import settings as s; "
        "print(json.dumps([sorted(s.variables()), sorted(s.NOT_SETTINGS), s.Settings("
        "**{n: c.model_construct() for n, c in s.SECTIONS.items()}).model_dump(mode='json')]))"
    )
    now = script.replace("from streams import settings", "from streams.settings import settings")
    old_names, old_others, old_defaults = dumped(script, earlier)
    new_names, new_others, new_defaults = dumped(now, PROJECT)
    assert set(old_names) <= set(new_names)
    assert set(old_others) <= {*new_others, *new_names}
    wanted = {name: value | CHANGED[name] if name in CHANGED else value for name, value in old_defaults.items()}
    assert {name: at_most(new_defaults[name], value) for name, value in old_defaults.items()} == wanted


def at_most(now: Any, before: Any) -> Any:
    """Of a section, the settings that were there before."""
    return {name: now.get(name) for name in before} if isinstance(before, dict) else now


def dumped(script: str, tree: Path) -> Any:
    """What a script prints as JSON, run on a tree."""
    variables = environment({"PYTHONPATH": str(tree)})
    return json.loads(subprocess.check_output([sys.executable, "-c", script], cwd=tree, env=variables, text=True))
