"""Two instants, in a real Chromium: the picture, the table and the sentence say what the API does of both."""

from typing import Any

import pytest

from metrics.catalogue import METRICS
from tests.streams.web.page_of import AT, Reader, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")
OTHER = "2026-03-11T00:00"
MARKS = """all => all.map(({ dataset: d, parentNode, classList }) => [
  parentNode.dataset.metric, classList.contains('was'), d.at, Number(d.value),
  d.low === undefined ? null : Number(d.low), d.high === undefined ? null : Number(d.high)])"""


async def figures_of(reader: Reader, department: str) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = {metric: {} for metric in METRICS}
    for at in (OTHER, AT):
        for row in await reader.told("balances", department=department, at=f"{at}:00Z"):
            if row["horizon"] == row["term"]:
                figures[row["metric"]][at] = row
    return figures


def is_beyond_noise(before: dict[str, Any], after: dict[str, Any]) -> bool:
    bounds = [row[name] for row in (before, after) for name in ("ci_low", "ci_high")]
    return None not in bounds and (before["ci_high"] < after["ci_low"] or after["ci_high"] < before["ci_low"])


async def test_marks_and_sentence_are_the_figures_of_both_instants(reader: Reader) -> None:
    for department, name in (("company", "Whole company"), ("sales", "Sales")):
        await reader.open(page="compare", other=OTHER, department=department)
        figures = await figures_of(reader, department)
        marks = await reader.page.locator("#dumbbells [data-value]").evaluate_all(MARKS)
        wanted = [
            [metric, at == OTHER, row["at"], row["value"], row["ci_low"], row["ci_high"]]
            for metric, rows in figures.items()
            for at, row in rows.items()
            if row["value"] is not None and AT in rows
        ]
        assert sorted(map(str, marks)) == sorted(map(str, wanted))
        assert marks
        judgement = await reader.page.locator(".judgement").inner_text()
        moved = {
            metric: rows[AT]["value"] - rows[OTHER]["value"]
            for metric, rows in figures.items()
            if len(rows) == 2 and is_beyond_noise(rows[OTHER], rows[AT])
        }
        for metric, change in moved.items():
            assert f"({change:+.1f})" in judgement, metric
        assert ("better" in judgement) == any(change > 0 for change in moved.values())
        assert ("worse" in judgement) == any(change < 0 for change in moved.values())
        assert judgement.startswith(name)
        assert "Mar 11, 2026" in judgement
        label = await reader.page.locator("#dumbbells svg").get_attribute("aria-label") or ""
        assert judgement.splitlines()[0] in label
        rows = await reader.cells()
        assert len(rows) == await reader.page.locator("#dumbbells [data-metric]").count()


async def test_both_instants_are_chosen_in_the_view_and_stay_in_the_address(reader: Reader) -> None:
    await reader.open(page="compare", department="sales", lang="es")
    await reader.page.locator("main [name=other]").fill("2026-03-12T00:00")
    await reader.until("location.search.includes('other=2026-03-12T00%3A00')")
    await reader.page.locator("main [name=at]").fill("2026-04-02T06:00")
    await reader.until("location.search.includes('at=2026-04-02T06%3A00')")
    await reader.until("document.querySelector('.judgement')?.textContent.includes('06:00')")
    query = {"department": "sales", "metric": "nps", "horizon": "long", "at": "2026-04-02T06:00:00Z"}
    rows = await reader.told("balances", **query)
    cells = {row[0].split(" ")[0]: row for row in await reader.cells()}
    assert rows
    for row in rows:
        assert cells["NPS"][4] == shown(row["value"]).replace(".", ",")
