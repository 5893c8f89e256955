import io
import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from streams.cli import output

COLUMNS: dict[str, Any] = {"who": lambda row: row["who"], "n": lambda row: output.number(row["n"])}


class Terminal(io.StringIO):
    """A stdout that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


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
