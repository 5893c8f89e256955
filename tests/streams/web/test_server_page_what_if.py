"""What-if in a real Chromium: what is typed is checked as the API checks it, and what would move is what it says."""

import asyncio
import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.async_api import Browser

from tests.streams.web.page_of import AT, Reader, reading, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
IDLE = "document.querySelector('#lint-summary').textContent.includes('check finds')"
MARKS = """all => all.map(({ dataset: d }) => [d.department,
  ...[d.short, d.long, d.shortLow, d.longHigh].map(one => one === undefined ? null : Number(one))])"""
RINGS = """all => all.map(({ parentNode, dataset: d }) => [parentNode.dataset.tail, Number(d.short), Number(d.long)])"""


async def answer_of(reader: Reader, text: str, effects: str = "true") -> Any:
    url = f"{reader.home}/api/v1/what-if?at={AT}:00Z&effects={effects}"
    body, headers = json.dumps({"registry": text}).encode(), {"Content-Type": "application/json"}
    return json.loads(await asyncio.to_thread(lambda: urlopen(Request(url, body, headers)).read()))


async def tables_are(reader: Reader, effects: Any) -> None:
    called = {"marketing": "Marketing", "sales": "Sales", "logistics": "Logistics", "unowned": "Nobody"}
    assert await reader.cells("#moved-events table") == [
        ["Checkout", called[row["before"]], called[row["after"]], str(row["n"])] for row in effects["events"]
    ]
    assert effects["events"]
    figures = [[*row[2:]] for row in await reader.cells("#moved-figures table")]
    assert figures == [
        [{"short": "Short", "long": "Long"}[row["horizon"]], shown(row["before"]), shown(row["after"]), str(row["n"])]
        for row in effects["balances"][:50]
    ]


async def map_is(reader: Reader, effects: Any) -> None:
    before, after = ({card["department"]: card for card in effects[name]} for name in ("before", "after"))
    marks = await reader.page.locator("#effects .map [data-department]").evaluate_all(MARKS)
    names = ("short_index", "long_index", "short_ci_low", "long_ci_high")
    assert {mark[0] for mark in marks} <= set(after)
    assert all(numbers == [after[department][name] for name in names] for department, *numbers in marks)
    rings = await reader.page.locator("#effects [data-tail] circle").evaluate_all(RINGS)
    assert all(numbers == [before[department][name] for name in names[:2]] for department, *numbers in rings)
    assert marks


async def test_the_registry_in_force_is_there_and_a_rule_moves_what_the_api_says(reader: Reader) -> None:
    await reader.open(page="what_if")
    await reader.until(IDLE)
    area = reader.page.locator("#registry")
    in_force = json.loads(await asyncio.to_thread(lambda: urlopen(f"{reader.home}/api/v1/registry/text").read()))
    assert await area.input_value() == in_force["text"] != ""
    await reader.page.locator("#compute").click()
    await reader.until("document.querySelector('#effects') !== null")
    assert "Nothing would change" in await reader.page.locator(".what-if > section > p").first.inner_text()
    forms = reader.page.locator(".rule-form")
    await forms.locator("select").nth(1).select_option("logistics")
    assert await forms.locator("input").input_value() == "2026-01-02"
    await reader.page.locator("#give").click()
    text = await area.input_value()
    assert text.endswith('[[ownership]]\ntouchpoint = "web.checkout"\nowner = "logistics"\nfrom = 2026-01-02\n')
    assert "has been edited since" in await reader.page.locator("#effects").inner_text()
    await reader.page.locator("#compute").click()
    await reader.until("!document.querySelector('#effects').innerText.includes('has been edited since')")
    effects = (await answer_of(reader, text))["effects"]
    await tables_are(reader, effects)
    await map_is(reader, effects)
    moved = sum(row["n"] for row in effects["events"])
    label = await reader.page.locator("#effects .map").get_attribute("aria-label") or ""
    assert f"the owner of {moved} events and {len(effects['balances'])} figures would change" in label


@pytest.mark.long
async def test_lines_of_problems_are_marked_as_one_types_and_lead_there(reader: Reader) -> None:
    await reader.open(page="what_if")
    await reader.until(IDLE)
    area = reader.page.locator("#registry")
    text = (await area.input_value()).replace('owner = "sales"', 'owner = "<b>sails</b>"')
    await area.fill(text)
    await reader.until("document.querySelector('#lint-summary').textContent.includes('1 error')")
    answer = await answer_of(reader, text, "false")
    items = reader.page.locator(".problems li")
    assert await items.count() == len(answer["problems"])
    [error] = [one for one in answer["problems"] if one["severity"] == "error"]
    assert error["message"] in await reader.page.locator(".problems li.error").inner_text()
    assert await reader.page.locator("main b").count() == 0
    assert await reader.page.locator("#compute").is_disabled()
    assert await reader.page.locator(".gutter .error").inner_text() == f"! {error['line']}"
    await reader.page.locator(f".problems li.error [data-line='{error['line']}']").click()
    chosen = "({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd)"
    assert await reader.page.evaluate(f"({chosen})(document.activeElement)") == 'owner = "<b>sails</b>"'
    await area.fill("version = ")
    await reader.until("document.querySelector('.problems').textContent.includes('not TOML')")
    await reader.page.locator("#reset").click()
    await reader.until("!document.querySelector('#compute').disabled")


@pytest.mark.long
async def test_it_fits_a_phone_and_a_text_that_is_too_long_is_said(browser: Browser, home: str) -> None:
    async with reading(browser, home, viewport={"width": 320, "height": 700}) as reader:
        await reader.open(page="what_if", lang="it")
        await reader.until("document.querySelector('#lint-summary').textContent.includes('controllo')")
        await reader.page.locator("#compute").click()
        await reader.until("document.querySelector('#effects .map') !== null")
        assert await reader.page.evaluate("document.documentElement.scrollWidth") <= 320
        await reader.page.locator("#registry").evaluate(
            "area => { area.value = '#'.repeat(4000001); area.dispatchEvent(new Event('input', { bubbles: true })) }"
        )
        await reader.until("document.querySelector('#lint-summary').textContent.includes('4000000')")
        assert [text for text in reader.complaints if "400" not in text] == []
