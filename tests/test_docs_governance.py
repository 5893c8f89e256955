"""What the documents say about facts of governance is what is accepted."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from metrics.catalogue import CONTEXT_KINDS, GOVERNANCE_KINDS
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.governance_fields import FIELDS
from metrics.governance.measures import MEASURES
from metrics.report.findings import FINDING_KINDS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
TEXT = (DOCS / "governance.md").read_text()
PAGE = (ROOT / "streams" / "web" / "static" / "texts" / "governance.js").read_text()


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
    texts = {**dict.fromkeys(GOVERNANCE_KINDS, TEXT), **dict.fromkeys(CONTEXT_KINDS, (DOCS / "event.md").read_text())}
    assert texts.keys() == FIELDS.keys()
    for kind, fields in FIELDS.items():
        row = next(line for line in texts[kind].splitlines() if line.startswith(f"| `{kind}` |"))
        assert all(f"`{name}`" in row for name in fields), kind


def test_every_measure_is_named_once_in_the_table_as_in_the_output_and_no_other() -> None:
    [table] = re.findall(r"\| measure \| names in the output .*?\n\n", TEXT, re.DOTALL)
    named = [name for row in table.strip().splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[2])]
    assert sorted(named) == sorted(MEASURES)


def test_the_page_has_a_name_and_a_meaning_for_every_measure_and_no_other() -> None:
    for prefix in ("m", "f"):
        assert sorted(re.findall(rf"^  {prefix}_(\w+): ", PAGE, re.MULTILINE)) == sorted(MEASURES)


def test_the_rows_of_the_real_shop_and_the_commands_of_the_documents_name_measures() -> None:
    rows = re.findall(r"^\| ([a-z0-9_]+) \|(?: [^|]* \|){6} ?[^|]*\|$", TEXT, re.MULTILINE)
    texts = [path.read_text() for path in DOCS.rglob("*.md")]
    named = [name for text in texts for name in re.findall(r"(?:--measure |measure=)([a-z]\w+)", text)]
    assert len(rows) > 20
    assert named
    assert set(rows) - {"measure"} | set(named) <= set(MEASURES)


def test_every_kind_of_finding_is_named_and_no_other() -> None:
    [listed] = re.findall(r"`kind` is one of (.*?)\.\n", TEXT, re.DOTALL)
    assert re.findall(r"`(\w+)`", listed) == list(FINDING_KINDS)
