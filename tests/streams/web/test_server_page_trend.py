"""A metric's trend in a real Chromium: the picture, its table and the API say the same."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from metrics.catalogue import METRICS
from tests.streams.web.page_of import AT, Reader, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")
PERIOD = {"from": "2026-01-02T12:00:00Z", "to": f"{AT}:00Z"}
MARKS = """all => all.map(({ dataset: { at, value, low, high } }) =>
  [at, Number(value), low === undefined ? null : Number(low), high === undefined ? null : Number(high)])"""


async def points_of(reader: Reader, **query: str) -> list[dict[str, Any]]:
    url = f"{reader.home}/api/v1/trends?{urlencode(PERIOD | query)}"
    points: list[dict[str, Any]] = json.loads(await asyncio.to_thread(lambda: urlopen(url).read()))
    return points


async def test_every_mark_and_every_row_is_a_point_of_the_api_and_gaps_are_not_bridged(reader: Reader) -> None:
    for metric in ("nps", "traffic"):
        await reader.open(page="department", department="sales", metric=metric)
        term = METRICS[metric].term
        points = await points_of(reader, department="sales", metric=metric, horizon=term)
        marks = await reader.page.locator("#trend circle").evaluate_all(MARKS)
        drawn = [point for point in points if point["value"] is not None]
        assert marks == [[point["at"], *(point[name] for name in ("value", "ci_low", "ci_high"))] for point in drawn]
        assert bool(drawn) == (metric == "nps")  # visits began three hours ago
        runs = sum(
            point["value"] is not None and (place == 0 or points[place - 1]["value"] is None)
            for place, point in enumerate(points)
        )
        assert await reader.page.locator("#trend path.strong").count() == runs
        await reader.page.locator("#trend summary").click()
        rows = await reader.cells("#trend table")
        assert len(rows) == len(points)
        for (_, value, interval, n_eff), point in zip(rows, points, strict=True):
            bounds = f"{shown(point['ci_low'])} … {shown(point['ci_high'])}"
            assert interval == (shown(None) if point["ci_low"] is None else bounds)
            assert n_eff == shown(point["n_eff"])
            assert ("no figure" in value) if point["suppressed"] else value == shown(point["value"])


async def test_another_metric_is_chosen_in_the_address_and_one_that_never_was_has_no_picture(reader: Reader) -> None:
    await reader.open(page="department", department="sales")
    names = await reader.page.locator("#trend [name=metric] option").evaluate_all("all => all.map(one => one.value)")
    assert names == list(METRICS)
    await reader.page.locator("#trend [name=metric]").select_option("retention")
    await reader.until("document.querySelector('#trend h2').textContent.startsWith('Retention')")
    assert "metric=retention" in reader.page.url
    assert await reader.page.locator("#trend svg").count() == 0
    assert "No observation of this metric" in await reader.page.locator("#trend").inner_text()


async def test_the_picture_can_be_read_by_a_screen_reader_and_fits_a_phone(reader: Reader) -> None:
    await reader.page.set_viewport_size({"width": 320, "height": 640})
    await reader.open(page="department", department="sales")
    label = await reader.page.locator("#trend svg").get_attribute("aria-label") or ""
    assert label.startswith("NPS of Sales: ")
    assert label in await reader.page.locator("#trend").inner_text()
    assert await reader.page.evaluate("document.documentElement.scrollWidth") <= 320
