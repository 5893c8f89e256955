"""Writes the dashboards and the documents' table of metrics, from the catalogue: make dashboards."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.grafana.company import company
from deploy.grafana.department import department
from deploy.grafana.drift import drift
from deploy.grafana.governance import governance
from deploy.grafana.panels import dashboard
from deploy.grafana.pipeline import pipeline
from deploy.grafana.touchpoint import touchpoint
from metrics.catalogue import METRICS, Metric

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "deploy" / "grafana" / "dashboards"
DOCUMENT = PROJECT / "docs" / "metrics.md"
PAGE = "http://127.0.0.1:6066"
HEAD = "| metric | term | unit | range | from kinds | value | interval (95 %) |\n|---|---|---|---|---|---|---|\n"


def files(page: str = PAGE) -> Mapping[Path, str]:
    """What is generated, by path; `page` is the address at which browsers reach our own page."""
    boards = (company(), department(), touchpoint(), drift(), governance(), pipeline())
    made = {board.uid.removeprefix("cx-"): json.dumps(dashboard(board, page), indent=1) + "\n" for board in boards}
    return {FOLDER / f"{name}.json": text for name, text in made.items()} | {DOCUMENT: document(DOCUMENT.read_text())}


def document(text: str) -> str:
    """A document with its table of metrics made again."""
    before, head, rest = text.partition(HEAD)
    if not head:
        raise SystemExit(f"{DOCUMENT}: the head of the table of metrics is not there: {HEAD}")
    _, _, after = rest.partition("\n\n")
    return before + head + "\n".join(map(row, METRICS.values())) + "\n\n" + after


def row(metric: Metric) -> str:
    """A metric as a row of the table."""
    span = f"{metric.low:g} and more" if metric.high is None else f"{metric.low:g} to {metric.high:g}"
    cells = (metric.term, metric.unit, span, ", ".join(metric.kinds), metric.meaning, metric.interval)
    return f"| `{metric.name}` | {' | '.join(cells)} |"


def main() -> None:
    """Writes every file, and says which have changed; the page's address may be given."""
    page = sys.argv[1] if len(sys.argv) > 1 else PAGE
    for path, text in files(page.rstrip("/")).items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            sys.stdout.write(f"written: {path.relative_to(PROJECT)}\n")


if __name__ == "__main__":
    main()
