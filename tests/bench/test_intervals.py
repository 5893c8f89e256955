"""Coverage of intervals in short: the whole is `make intervals`, its figures are in docs/intervals.md."""

import re
from pathlib import Path

import pytest

from bench.intervals import LEAST, coverage, main
from bench.intervals_rows import ROWS
from metrics.catalogue import METRICS

DOCUMENT = Path(__file__).parents[2] / "docs" / "intervals.md"
SHORT = [
    case for case in ROWS
    if case.name in {
        "Poisson, 1 a day", "20 a day, good and bad days (CV² 0.25)", "20 a day, in crowds of 10",
        "30%, not through visits", "70%, 5 like answers a customer", "20, 1 answers a day",
        "6.7, skewed scores, 0.3 a day", "6, equal scores", "30%, 3 like purchases a customer",
    }
]  # fmt: skip


@pytest.mark.parametrize("case", SHORT, ids=[f"{case.metric}: {case.name}" for case in SHORT])
def test_intervals_hold_the_truth_about_as_often_as_they_say(case: object) -> None:
    for found in coverage(case, 60, seed=7).values():  # type: ignore[arg-type]
        assert found.shown > 40
        assert found.percent > 85  # of 95 %, with 60 runs: three standard errors below


def test_every_metric_of_a_shape_of_its_own_has_rows() -> None:
    assert {METRICS[case.metric].shape for case in ROWS} == {metric.shape for metric in METRICS.values()}


def test_the_document_has_every_row_and_each_holds_or_says_why() -> None:
    table = DOCUMENT.read_text().partition("|---|---|---|---|---|---|\n")[2]
    lines = [line.split(" | ") for line in table.splitlines()]
    assert [line[1] for line in lines] == [case.name for case in ROWS]
    for line in lines:
        ends = [float(text) for text in re.findall(r"([\d.]+) %", " ".join(line[2:4]))]
        assert line[5].strip(" |") or LEAST <= min(ends) <= max(ends) <= 99, line


def test_the_document_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.intervals.ROWS", SHORT[:1])
    main(["--runs", "5", "--write", str(tmp_path / "written.md")])
    assert (tmp_path / "written.md").read_text().count("| traffic | ") == 1
