"""The table that the documents show of the fault suite."""

import pytest

from tests.faults.report import BEGIN, DOCUMENT, END, replaced, table

LINES = [
    {
        "case": "a | b", "repetitions": 2, "events": 3000, "kills": 1, "lost": 0, "doubled": 0, "recovered_s": 1.25,
        "samples": 9, "peak_mb": 170.4, "notes": ["x", "x", "y"],
    },
    {
        "case": "other", "repetitions": 1, "events": 500, "kills": 2, "lost": 1, "doubled": 0, "recovered_s": 30.0,
        "samples": 0, "peak_mb": 0.0, "notes": [],
    },
]  # fmt: skip


def test_the_table_has_a_line_for_each_case_and_their_sum() -> None:
    text = table(LINES, "today, here.")
    assert "| other | 1 | 500 | 2 | 1 | 0 | 30.0 |  |" in text
    assert "| **all** | 3 | 3,500 | 3 | 1 | 0 | 30.0 | |" in text
    assert "- a | b: x; y" in text


def test_the_document_has_a_place_for_it() -> None:
    text = replaced(DOCUMENT.read_text(), "NEW")
    assert f"{BEGIN}\n\nNEW\n\n{END}" in text
    assert replaced(text, "NEW") == text


def test_a_document_without_a_place_is_told() -> None:
    with pytest.raises(ValueError, match="has no place for the table"):
        replaced("nothing", "NEW")
