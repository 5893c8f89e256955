"""The rows of a workbook: cells as they are, dates with a source's zone, and nothing that fills memory."""

import json
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from metrics.sources.inference import guesses, proposal
from metrics.sources.mapping import SourceMapping
from metrics.sources.model import CsvFormat, Source
from metrics.sources.parsing import parse_sources
from metrics.sources.trial import judged
from streams.errors import ConfigurationError
from streams.sources.documents import looks_like_csv, records_in
from streams.sources.named import mapping_named

CSV = Source("s", (), format="csv")
AT = datetime(2026, 11, 22, 10, 59, 30)  # noqa: DTZ001  # as a spreadsheet has it
MAPPED = """
[[source]]
name = "survey"
format = "csv"

[source.fields]
event_id = { path = "Id" }
touchpoint = "web.checkout"
occurred_at = { path = "At", time = "TIME", zone = "Europe/Rome" }

[[source.event]]
kind = "nps"
score = { path = "Score" }
"""


def workbook(path: Path, *rows: list[Any], before: int = 0) -> Path:
    book = Workbook()
    for _ in range(before):
        book.create_sheet()
    sheet = book.worksheets[-1]
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def read(path: Path, source: Source = CSV) -> list[tuple[str, Any]]:
    return [(located.place, located.record) for located in records_in(path, source)]


def test_cells_are_texts_numbers_truths_and_dates_and_empty_rows_are_left_out(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", ["Id", " Score ", "At", "Ok"], [" r-1 ", 9, AT, True], [],
        [7, 0.5, date(2026, 11, 22), None], [0, None, time(9, 30), False], before=1,
    )  # fmt: skip
    assert read(path) == [
        ("row 2", {"Id": "r-1", "Score": 9, "At": AT, "Ok": True}),
        ("row 4", {"Id": 7, "Score": 0.5, "At": datetime(2026, 11, 22)}),  # noqa: DTZ001
        ("row 5", {"Id": 0, "Score": "", "At": "09:30:00", "Ok": False}),
    ]


def test_the_header_is_where_the_source_says_and_rows_after_it_are_skipped(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Title"], ["Score"], ["no record"], [9])
    assert read(path, Source("s", (), format="csv", csv=CsvFormat(header_row=2, skip_rows=1))) == [
        ("row 4", {"Score": 9})
    ]


@pytest.mark.parametrize("form", ["excel", "%d/%m/%Y %H:%M", "rfc3339"])
def test_a_date_cell_is_read_with_the_sources_zone_whatever_its_time_is_written_like(form: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Id", "Score", "At"], ["r-1", 9, AT])
    (source,) = parse_sources(MAPPED.replace("TIME", form))
    [located] = records_in(path, source)
    trial = judged(SourceMapping(source), located.record, {})
    assert [(event["occurred_at"], event["score"]) for event in trial.events] == [("2026-11-22T09:59:30+00:00", 9)]


def test_a_date_cell_without_a_zone_says_what_to_write(tmp_path: Path) -> None:
    (source,) = parse_sources(MAPPED.replace(', time = "TIME", zone = "Europe/Rome"', ""))
    [located] = records_in(workbook(tmp_path / "a.xlsx", ["Id", "Score", "At"], ["r-1", 9, AT]), source)
    rejected = judged(SourceMapping(source), located.record, {}).rejected
    assert rejected is not None
    assert 'is a date of a spreadsheet, which has no zone: give one, with time = "excel"' in rejected.detail


def test_a_ready_made_source_of_a_csv_reads_the_same_rows_of_a_workbook(tmp_path: Path) -> None:
    mapping = mapping_named("delighted-csv", None, {"touchpoint": "web.checkout"})
    path = workbook(tmp_path / "a.xlsx", ["Score", "Comment", "Response Date", "Email"], [9, "x", AT, "a@b.it"])
    [located] = records_in(path, mapping.source)
    [event] = judged(mapping, located.record, {}).events
    assert (event["score"], event["customer"], event["occurred_at"]) == (9, "a@b.it", "2026-11-22T10:59:30+00:00")


def test_a_mapping_is_proposed_from_a_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Id", "Score", "Submitted"], *([f"r-{n}", n, AT] for n in range(5)))
    guessed = guesses([located.record for located in records_in(path, CSV)])
    assert 'time = "excel"' in proposal("s", guessed, "csv")


def test_what_is_no_workbook_has_no_row_or_is_of_json_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"Score\n9\n")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("x.xml", "<x/>")
    workbook(tmp_path / "c.xlsx")
    workbook(tmp_path / "d.xlsx", ["Score", "Score"])
    workbook(tmp_path / "e.xlsx", ["Score"], [9, 1])
    for name, source, message in (
        ("a", CSV, "no zip archive"), ("b", CSV, "no workbook that can be read"), ("c", CSV, "no sheet of"),
        ("d", CSV, "the sheet has two columns of one name"), ("e", CSV, "row 2 of the sheet has 2 cells"),
        ("e", Source("s", ()), "takes JSON"),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match=message):
            read(tmp_path / f"{name}.xlsx", source)


def test_a_far_cell_and_a_bomb_fill_no_memory(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"], book.active["XFD3000"] = "Score", 9  # type: ignore[index]
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(ConfigurationError, match="row 3000 of the sheet has 16384 cells"):
        read(tmp_path / "far.xlsx")
    path = workbook(tmp_path / "bomb.xlsx", ["Score"], [9])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b" " * (300 << 20))
    with pytest.raises(ConfigurationError, match="unpacks to more than is read"):
        read(path)


def test_entities_of_xml_are_not_expanded_without_end(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["Score"], [9])
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>' + sheet.partition("?>")[2].replace("<v>9</v>", "<v>&l11;</v>")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, bomb if name == "xl/worksheets/sheet1.xml" else content)
    with pytest.raises(ConfigurationError, match="no workbook that can be read"):
        read(tmp_path / "b.xlsx")


def test_files_in_an_archive_are_read_each_with_its_header_and_its_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b.csv", "Score\n7\n")
        archive.writestr("a.csv", "Score;x\n9;1\n")
    assert read(tmp_path / "a.zip") == [
        ("a.csv, line 2", {"Score": "9", "x": "1"}), ("b.csv, line 2", {"Score": "7"}),
    ]  # fmt: skip
    assert looks_like_csv(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.ndjson", json.dumps({"a": 1}))
    assert not looks_like_csv(tmp_path / "b.zip")
    assert read(tmp_path / "b.zip", Source("s", ())) == [("a.ndjson, record 1", {"a": 1})]
