"""What the documents say about facts of governance is what is accepted."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from metrics.catalogue import GOVERNANCE_KINDS
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.governance_fields import FIELDS
from metrics.report.findings import FINDING_KINDS

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "governance.md").read_text()


def test_the_examples_show_every_kind_with_every_field_and_are_accepted() -> None:
    [block] = re.findall(r"```json accepted\n(.*?)```", TEXT, re.DOTALL)
    stamp_ms = int(datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp() * 1000)
    lines = [line.encode() for line in block.splitlines()]
    run = decode_run(lines, [stamp_ms] * len(lines), RecordLimits())
    assert (run.rejected, run.unknown_fields) == ([], 0)
    shown = {event["kind"]: event for event in map(json.loads, block.splitlines())}
    assert shown.keys() == set(GOVERNANCE_KINDS)
    assert all(FIELDS[kind].keys() <= event.keys() for kind, event in shown.items())


def test_the_table_names_every_kind_with_its_fields() -> None:
    for kind, fields in FIELDS.items():
        row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{kind}` |"))
        assert all(f"`{name}`" in row for name in fields), kind


def test_every_kind_of_finding_is_named_and_no_other() -> None:
    [listed] = re.findall(r"`kind` is one of (.*?)\.\n", TEXT, re.DOTALL)
    assert re.findall(r"`(\w+)`", listed) == list(FINDING_KINDS)
