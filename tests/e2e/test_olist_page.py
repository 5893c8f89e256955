"""The page on real events: what a reader sees is what an independent program computed."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import cxb, instance, up
from tests.streams.web.page_of import Reader, chromium, reading, shown
from tests.tools import chromium_program

pytestmark = [pytest.mark.olist, pytest.mark.embedded]
AT = "2018-01-01T00:00"
FIGURES = (
    "all => Object.fromEntries(all.map(b => [b.dataset.explain, b.dataset.value ? Number(b.dataset.value) : null]))"
)


@pytest.mark.long
async def test_the_page_shows_the_figures_of_a_real_shop(olist: Path, tmp_path: Path) -> None:
    expected = json.loads((olist / "second" / "expected.as_was.2018-01-01.json").read_text())
    data = tmp_path / "data"
    with up(data, "--registry", str(olist / "registry.toml")):
        cxb("publish", "--backfill", "--wait", str(olist / "events.ndjson.gz"), variables={"CXB_DATA": str(data)})
        async with chromium(chromium_program()) as browser, reading(browser, instance(data)["web_url"]) as reader:
            await has_the_scorecards(reader, expected["scorecards"])
            for department in {row["department"] for row in expected["balances"]}:
                await has_the_balances(reader, [row for row in expected["balances"] if row["department"] == department])
            assert reader.complaints == []
            assert reader.foreign == []


async def has_the_scorecards(reader: Reader, expected: list[dict[str, Any]]) -> None:
    await reader.open(at=AT)
    await reader.page.locator("#departments summary").click()
    rows = await reader.cells("#departments details table")
    names = {"Whole company": "company", "Customer service": "service"}
    # Of each department the last row is of the instant.
    cards = {names.get(name, name.lower()): [short, long, gap] for name, _, short, _, long, _, gap in rows}
    columns = ("short_index", "long_index", "outcome_balance")
    assert cards == {row["department"]: [shown(row[column]) for column in columns] for row in expected}


async def has_the_balances(reader: Reader, expected: list[dict[str, Any]]) -> None:
    department = expected[0]["department"]
    await reader.open(at=AT, page="department", department=department)
    shown = await reader.page.locator("[data-explain]").evaluate_all(FIGURES)
    wanted = {f"{department}|{row['metric']}|{row['horizon']}": row["value"] for row in expected}
    assert shown.keys() == wanted.keys()
    wrong = [
        (name, shown[name], value)
        for name, value in wanted.items()
        if not (shown[name] == value or math.isclose(shown[name], value, rel_tol=1e-6, abs_tol=1e-6))
    ]
    assert wrong == []
