import io
import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from streams.cli import output
from tests.streams.cli.calling import Terminal

COLUMNS: dict[str, Any] = {"who": lambda row: row["who"], "n": lambda row: output.number(row["n"])}


def test_in_a_pipe_a_table_is_a_heading_and_lines_split_by_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{"who": "it", "n": 1234.56}, {"who": "sales", "n": None}], COLUMNS, "Title")
    assert capsys.readouterr().out == "who\tn\nit\t1,234.6\nsales\t-\n"


def test_without_rows_the_heading_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([], COLUMNS)
    assert capsys.readouterr().out == "who\tn\n"


@pytest.mark.parametrize("hostile", ["a\tb", "a\nb", "a\rb", "\x1b[2J", "\x1b]0;title\x07", "\x9b2J", "\x00"])
@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_what_a_stranger_sent_neither_breaks_a_line_nor_commands_the_terminal(
    hostile: str, stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", shown := stream())
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    output.table([{"who": f"<{hostile}>", "n": 1.0}], COLUMNS)
    text = shown.getvalue()
    assert hostile not in text
    assert f"<{hostile.encode('unicode_escape').decode()}>" in text


def test_markup_in_a_cell_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", shown := Terminal())
    output.table([{"who": "[bold]x[/bold]", "n": 1.0}], COLUMNS, "Title")
    assert "[bold]x[/bold]" in shown.getvalue()
    assert "Title" in shown.getvalue()


@pytest.mark.parametrize("width", [80, 100, 400])
def test_a_terminal_shows_every_cell_whole_or_says_which_columns_it_has_no_room_for(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", shown := Terminal())
    for name, value in {"COLUMNS": str(width), "LINES": "50", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    columns: dict[str, Any] = {name: lambda row, name=name: row[name] for name in ("who", "since", "what", "n", "m")}
    rows = [
        {
            "who": "administration",
            "since": "2026-04-12 06:00",
            "what": "it fell because " * 9,
            "n": "123",
            "m": "4" * 40,
        }
    ]
    output.table(rows, columns, "Title", numbers=2, spare=["m"], prose=["what"])
    lines = shown.getvalue().splitlines()
    assert all(len(line) <= width for line in lines)
    said = capsys.readouterr().err
    for word in ("administration", "2026-04-12", "06:00", "because", "123"):
        assert any(word in line for line in lines), word
    assert (" m" in said, "4" * 40 in shown.getvalue()) == ((True, False) if width < 100 else (False, True))
    assert "…" not in shown.getvalue()


@pytest.mark.parametrize("rows", [[], [{"a": 1}], [{"a": "\t\n"}, {"a": None}], {"one": "object"}])
def test_json_reads_back_as_it_was(rows: Any, capsys: pytest.CaptureFixture[str]) -> None:
    output.as_json(rows)
    assert json.loads(capsys.readouterr().out) == rows


def test_json_has_a_line_for_each_object_and_instants_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    output.as_json([{"at": datetime(2026, 3, 1, tzinfo=UTC)}] * 3)
    assert capsys.readouterr().out.splitlines() == [
        '[{"at": "2026-03-01T00:00:00Z"},', ' {"at": "2026-03-01T00:00:00Z"},', ' {"at": "2026-03-01T00:00:00Z"}]'
    ]  # fmt: skip


def test_what_json_cannot_say_is_a_bug_and_not_written_as_text() -> None:
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        output.as_json([{"at": b"bytes"}])


def test_messages_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("[red]not markup[/red]")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "[red]not markup[/red]\n")
