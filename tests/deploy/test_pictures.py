import json
import re
from pathlib import Path

import pytest

from deploy.pictures import (
    BEGINS,
    ENDS,
    FOLDER,
    LONGEST_PAUSE_S,
    MOST_BYTES,
    README,
    Recording,
    environment,
    with_table,
)
from streams.cli.scorecards import SCORECARD_COLUMNS

PICTURES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".png", ".svg", ".cast"})


def test_a_recording_is_an_asciicast_without_what_nobody_wants_to_wait_for(tmp_path: Path) -> None:
    recording = Recording()
    recording.type("ls")
    recording.show("a file\r\n", 99.0)
    recording.pause()
    recording.save(tmp_path / "x.cast")
    head, *events = map(json.loads, (tmp_path / "x.cast").read_text().splitlines())
    assert head["version"] == 2
    texts = "".join(text for _, _, text in events)
    assert re.sub(r"\x1b\[\d+m", "", texts) == "$ ls\r\na file\r\n"
    times = [at for at, _, _ in events]
    assert times == sorted(times)
    assert times[-2] - times[-3] == LONGEST_PAUSE_S


def test_a_recorded_command_is_told_nothing_by_the_outer_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXB_KAFKA_TOPIC", "another")
    assert {name for name in environment() if name.startswith("CXB_")} == {"CXB_REGISTRY"}


def test_the_table_of_the_readme_has_the_columns_of_the_command() -> None:
    text = README.read_text()
    table = text.partition(BEGINS)[2].partition(ENDS)[0]
    head, rule, *rows = table.strip().splitlines()
    shown = [cell.strip() for cell in head.strip("|").split("|")]
    assert shown == list(SCORECARD_COLUMNS)
    assert rule.count("|") == head.count("|")
    assert [row for row in rows if row.count("|") != head.count("|")] == []
    assert any(row.startswith("| sales |") for row in rows)


def test_a_table_is_written_between_its_marks_and_nowhere_else() -> None:
    written = with_table(f"a\n{BEGINS}old\n{ENDS}\nb\n", "name\tlong\tnote\nx\t1.5\t\ny\t-\t1 of 6\n")
    table = "| name | long | note |\n| --- | ---: | --- |\n| x | 1.5 |  |\n| y | - | 1 of 6 |\n"
    assert written == f"a\n{BEGINS}{table}{ENDS}\nb\n"
    with pytest.raises(ValueError, match="marks"):
        with_table("a README without them", "new")


def test_the_pictures_of_the_documents_are_there() -> None:
    assert [path.name for path in PICTURES] == [
        "dashboard-department.png", "dashboard-drift.png", "dashboard-governance.png", "dashboard-pipeline.png",
        "demo.cast", "demo.svg", "department.png", "governance.png", "overview.png",
    ]  # fmt: skip


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_shows_no_path_of_the_machine_it_was_made_on(path: Path) -> None:
    content = path.read_bytes()
    assert 1_000 < len(content) <= (2 if path.suffix == ".svg" else 1) * MOST_BYTES
    assert re.findall(rb"/(?:tmp|home|root|work|Users)/", content) == []
