"""Pages that a command writes say what that command would write: only figures may be of another run."""

import re
from collections.abc import Iterable

from bench.calibrate.report import report
from tests.documents import PROJECT

VERDICTS = ("All within", "Not within", "Ours is")


def without_figures(lines: Iterable[str]) -> list[str]:
    """Lines with every number as 0, without rows of tables, verdicts and empty lines: what does not depend on a run."""
    return [re.sub(r"\d[\d,.]*\b", "0", line) for line in lines if line and not line.startswith(("| ", *VERDICTS))]


def test_the_page_of_the_calibration_has_the_words_of_its_template() -> None:
    names = ("minutes", "months", "seed", "echo", "busy", "wanted", "detectors", "rivals", "effort")
    written = report([], [], [], dict.fromkeys(names, 1.0), ([], []))
    page = (PROJECT / "docs" / "drift.md").read_text()
    assert without_figures(page.splitlines()) == without_figures(written.splitlines())
