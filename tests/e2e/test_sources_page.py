"""docs/sources.md's five minutes, as they are written there; the balance is that of the same events in our own JSON."""

import csv
import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metrics.registry import parse
from tests.documents import blocks
from tests.e2e.running import SAMPLE, environment, rows
from tests.metrics import reference

pytestmark = pytest.mark.embedded

AT = datetime(2026, 11, 24, tzinfo=UTC)
STEPS = "".join(block.text for block in blocks("sh") if block.label == "five")
(SURVEY,) = (block.text for block in blocks("text") if block.label == "survey")


@pytest.mark.long
def test_a_csv_of_a_survey_tool_becomes_the_right_balance_in_the_documented_steps(
    variables: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "survey.csv").write_text(SURVEY)
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", STEPS], cwd=tmp_path, env=environment(variables | {"PATH": path}),
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "landed 6, rejected 0" in done.stderr
    assert "sources.toml: 0 errors, 0 warnings" in done.stderr
    assert "6 records: 6 events, 0 rejected, 0 dropped" in done.stderr
    got = rows("balances", "--at", f"{AT:%F}", variables=variables)
    for row in got:
        assert row.pop("at") == f"{AT:%FT%TZ}"
    assert reference.differences(got, reference.balances(_native(), parse(SAMPLE), AT, "as_was")) == []
    assert [row["n"] for row in got if row["metric"] == "nps" and row["department"] == "company"] == [6, 6]


def _native() -> list[dict[str, Any]]:
    """The same answers as events in our own JSON."""
    return [
        {
            "event_id": f"a-{number}", "source": "delighted-csv", "kind": "nps", "touchpoint": "web.site",
            "occurred_at": row["Response Date"].replace(" ", "T") + "Z", "score": int(row["Score"]),
        }
        for number, row in enumerate(csv.DictReader(io.StringIO(SURVEY)))
    ]  # fmt: skip
