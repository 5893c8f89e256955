import gzip
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from metrics.sources.model import CsvFormat, Source
from streams.errors import ConfigurationError
from streams.sources import documents
from streams.sources.documents import delimiter_of, looks_like_csv, records_in

CSV = Source("s", (), format="csv")
JSON = Source("s", ())
TABLE = 'Score;"Why; ""really""?";Date\r\n9;"two\r\nlines";2026-11-22\r\n\r\n;;\r\n 3 ;;2026-11-23\r\n'
ROWS = [
    ("line 3", {"Score": "9", 'Why; "really"?': "two\r\nlines", "Date": "2026-11-22"}),
    ("line 6", {"Score": "3", 'Why; "really"?': "", "Date": "2026-11-23"}),
]


def read(path: Path, source: Source = JSON) -> list[tuple[str, Any]]:
    return [(located.place, located.record) for located in records_in(path, source)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_rows_of_a_csv_are_read_in_each_encoding_with_their_lines(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(TABLE.encode(encoding))
    assert read(path, CSV) == ROWS


def test_packed_files_and_standard_input_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TABLE.encode()))
    (tmp_path / "a.csv.zst").write_bytes(zstandard.compress(TABLE.encode()))
    assert read(tmp_path / "a.csv.gz", CSV) == read(tmp_path / "a.csv.zst", CSV) == ROWS
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    assert read(Path("-"), CSV) == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_by_which_excel_says_its_separator_is_no_header(end: str, tmp_path: Path) -> None:
    for mark, between in (("sep=;", ";"), ("SEP=|", "|"), ("sep=\t", "\t"), ("sep=,", ",")):
        lines = [mark, f"Score{between}Comment, if any" if between != "," else "Score,Comment", f"9{between}x"]
        (tmp_path / "a.csv").write_text(end.join(lines), newline="")
        [(place, record)] = read(tmp_path / "a.csv", CSV)
        assert (place, list(record.values())) == ("line 3", ["9", "x"])
    (tmp_path / "a.csv").write_text("sep=;\nScore,Date\n9,1\n")
    declared = Source("s", (), format="csv", csv=CsvFormat(delimiter=","))
    assert read(tmp_path / "a.csv", declared) == [("line 3", {"Score": "9", "Date": "1"})]


def test_rows_before_and_after_the_header_are_skipped_where_the_source_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Report of today\nScore\tDate\nthe score\tthe\tx\n9\t1\n")
    source = Source("s", (), format="csv", csv=CsvFormat(header_row=2, skip_rows=1))
    assert read(tmp_path / "a.csv", source) == [("line 4", {"Score": "9", "Date": "1"})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "row 1 of the CSV should have the columns' names"),
        ("a,a\n1,2\n", r"two columns of one name \(a\)"),
        ("a,b\n1,2,3\n", "line 2 of the CSV has 3 cells, its header 2"),
        ("a\n" + "x" * 200_000 + "\n", "begins in line 2 of the CSV cannot be read: field larger than field limit"),
        (b"a\n1\n\xff\n", r"line 3 is not UTF-8 \(a byte 0xff\): save the file as UTF-8"),
        (b"a\n" + b"1\n" * 100_000 + b"caff\xe8\n", "line 100002 is not UTF-8"),
        ("a\n1\n".encode("utf-16-le"), "NUL bytes, like UTF-16 without a byte order mark"),
        ("\ufeffa\n1\n".encode("utf-16-le")[:-1], "line 2 is not UTF-16"),
        ("a,b\r1,2\r3,4\r", "with CR alone: save the file as"),
        ('a,b\n1,"2\n3,4\n5,6\n', "begins in line 2 of the CSV cannot be read: .*is a quote not closed"),
        ('a,b\n1,2\n1,"2\n3,"4"\n5,6\n', "begins in line 3 of the CSV cannot be read: .*is a quote not closed"),
        (b"\x1f\x8b", "cannot read records"),
    ],
)
def test_a_csv_that_cannot_be_read_says_where_it_is_wrong(text: str | bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.csv.gz" if text == b"\x1f\x8b" else "a.csv")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError, match=message):
        read(path, CSV)


def test_a_line_without_an_end_fills_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST_DOCUMENT", 1_000_000)
    for name, source in (("a.json.gz", JSON), ("a.csv.gz", CSV)):
        (tmp_path / name).write_bytes(gzip.compress(b"a\n" + b" " * 3_000_000))
        with pytest.raises(ConfigurationError, match=f"{name}: a line is longer than 1,000,000 characters"):
            read(tmp_path / name, source)


def test_an_error_names_the_file_and_in_an_archive_the_member(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1,2\n")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/b.csv", "a\n1\n2,3\n")
    with pytest.raises(ConfigurationError, match=r"/a\.csv: line 2 of the CSV has 2 cells"):
        read(tmp_path / "a.csv", CSV)
    with pytest.raises(ConfigurationError, match=r"/a\.zip: in/b\.csv, line 3 of the CSV has 2 cells"):
        read(tmp_path / "a.zip", CSV)


def test_json_is_an_array_a_document_or_a_record_on_each_line(tmp_path: Path) -> None:
    records = [{"a": 1}, {"b": [2]}]
    path = tmp_path / "a.json"
    for text in (json.dumps(records), json.dumps(records, indent=2)):
        path.write_text(text)
        assert read(path) == [("record 1", {"a": 1}), ("record 2", {"b": [2]})]
        assert read(path, Source("s", (), records="@")) == [("record 1", records)]
    path.write_text('\n{"a": 1}\n\n{"b": [2]}\n')
    assert read(path) == [("line 2", {"a": 1}), ("line 4", {"b": [2]})]
    path.write_text(json.dumps(records[0], indent=1))
    assert read(path) == [("record 1", {"a": 1})]
    path.write_text("\n\n")
    assert read(path) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Score,Date\n9,1\n", "the file is not JSON"),
        ('{"a": 1}\n{"b"\n', "line 2 is not JSON"),
        ("[" * 5000, "not JSON"),
    ],
)
def test_what_is_not_json_says_where(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path / "a.json")


def test_a_file_is_recognised_by_its_name_and_a_delimiter_by_the_header() -> None:
    assert [looks_like_csv(Path(name)) for name in ("a.csv", "A.TSV", "a.csv.gz", "a.json", "a.gz", "-")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert delimiter_of("a|b|c,d") == "|"
