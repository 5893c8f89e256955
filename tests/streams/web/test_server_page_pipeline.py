"""The pipeline in a real Chromium: rates and percentiles are the differences of what was read while it was open."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from streams.ingest.telemetry import Telemetry
from tests.streams.web.page_of import Reader, reading, registry_of, serving, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
QUANTILE = """({ before, after }) => import('/static/parts/rates.js').then(({ quantile }) => {
  const series = (rows) => rows.map(([le, value]) => ({ name: 'x_bucket', labels: { le }, value }));
  return quantile(series(before), series(after), 'x', 0.95);
})"""
VALUES = "all => all.map(one => Number(one.dataset.value))"


async def test_a_percentile_is_of_what_came_between_two_scrapes(reader: Reader) -> None:
    await reader.open(page="pipeline")
    before = [["0.1", 1000], ["0.5", 1000], ["1.0", 1000], ["+Inf", 1000]]
    for after, wanted in (
        ([["0.1", 1080], ["0.5", 1090], ["1.0", 1100], ["+Inf", 1100]], 0.75),  # 95 of 100: half of the third bucket
        ([["0.1", 1100], ["0.5", 1100], ["1.0", 1100], ["+Inf", 1100]], 0.095),
        ([["0.1", 1000], ["0.5", 1000], ["1.0", 1000], ["+Inf", 1100]], 1.0),  # beyond all bounds: the greatest
        (before, None),
        ([["0.1", 1], ["0.5", 1], ["1.0", 1], ["+Inf", 1]], None),  # the worker began again
    ):
        found = await reader.page.evaluate(QUANTILE, {"before": before, "after": after})
        assert found == (None if wanted is None else pytest.approx(wanted, abs=1e-9)), after


@pytest.mark.long
async def test_rates_lag_and_booleans_are_those_of_the_worker_while_it_is_looked_at(
    browser: Browser, open_module_store: Any, tmp_path: Path
) -> None:
    telemetry = Telemetry()
    with serving(open_module_store(), registry_of(tmp_path), telemetry=telemetry) as (_, home):
        async with reading(browser, home) as reader:
            await reader.open(page="pipeline")
            await reader.until("document.querySelectorAll('#line-events circle').length > 0")
            assert await reader.page.locator("#line-insert circle").count() == 0
            telemetry.insert_seconds.observe(0.2)
            await reader.until("document.querySelectorAll('#line-insert circle').length > 0")
            assert set(await reader.page.locator("#line-events circle").evaluate_all(VALUES)) == {0}
            p95 = (await reader.page.locator("#line-insert circle").evaluate_all(VALUES))[0]
            assert 0 < p95 <= 1
            assert await reader.page.locator("#line-landing circle").count() == 0
            assert "It reads no partition" in await reader.page.locator("#lag").inner_text()
            await reader.page.locator("#line-insert summary").click()
            rows = {row[1] for row in await reader.cells("#line-insert table")}
            assert rows <= {shown(p95, 2), shown(None)}
            assert shown(p95, 2) in rows
            assert reader.complaints == []
