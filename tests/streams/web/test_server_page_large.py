"""A large registry in a real Chromium: what-if and ownership show parts of it, and a search finds the others."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from streams.figures import minutes
from tests.streams.databases import Databases
from tests.streams.given import event, facts_of
from tests.streams.web.page_of import LATE, Reader, large_registry, reading, serving

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.long]
DEPARTMENTS, TOUCHPOINTS = 200, 1_000
NODES = "document.querySelectorAll('*').length"
SHOWN = "document.querySelector('#registry').value"
CHECKED = "document.querySelector('#lint-summary').textContent.includes('check finds')"


@pytest.fixture(scope="module")
def large_home(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with a large registry: 5,000 rules, and events at one of its touchpoints."""
    path: Path = tmp_path_factory.mktemp("large") / "registry.toml"
    path.write_text(large_registry(DEPARTMENTS, TOUCHPOINTS))
    with databases.lent() as store, serving(store, path) as (site, address):
        sent = [event(n, score=9 if n % 3 else 2, at=LATE, touchpoint="t17.page") for n in range(40)]
        store.insert_facts(facts_of(sent, site.registry_watcher.current))
        list(minutes.refresh(store, timedelta(seconds=3)))
        yield address


async def sees(reader: Reader, expression: str) -> Any:
    return await reader.page.evaluate(expression)


async def test_a_rule_of_a_large_registry_is_found_changed_and_answered(browser: Browser, large_home: str) -> None:
    async with reading(browser, large_home) as reader:
        await reader.open(page="what_if")
        text = (await reader.asked("registry/text"))["text"]
        assert len(text) > 500_000
        assert await sees(reader, NODES) < 6_000
        assert "1 to 60 of" in await reader.page.locator("[role=search] [role=status]").inner_text()
        await reader.page.locator("#tables_after").click()
        assert "61 to 120 of" in await reader.page.locator("[role=search] [role=status]").inner_text()
        await reader.page.locator("#filter").fill('"t17.page" 2026-03-01 d21')
        await reader.until(f"{SHOWN}.split('[[').length === 2")
        rule = '[[ownership]]\ntouchpoint = "t17.page"\nowner = "d21"\nfrom = 2026-03-01\n'
        area = reader.page.locator("#registry")
        assert await area.input_value() == rule
        line = text[: text.index(rule)].count("\n") + 1
        assert await reader.page.locator(".gutter li").first.inner_text() == str(line)
        async with reader.page.expect_request(lambda one: "effects=true" in one.url) as posting:
            await area.fill(rule.replace("d21", "d150"))
            await reader.until(f"{CHECKED} && !document.querySelector('#compute').disabled")
            await reader.page.locator("#compute").click()
        posted = json.loads((await posting.value).post_data or "")["registry"]
        assert posted == text.replace(rule, rule.replace("d21", "d150"))
        await reader.until("document.querySelector('#effects') !== null")
        assert (await reader.cells("#moved-events table"))[0] == ["Page 17", "Department 21", "Department 150", "40"]
        assert reader.complaints == []


async def test_an_error_that_is_not_shown_leads_to_its_table(browser: Browser, large_home: str) -> None:
    async with reading(browser, large_home) as reader:
        await reader.open(page="what_if")
        await reader.page.locator("#filter").fill('"t500.page" 2026-03-01 from')
        await reader.page.locator("#registry").fill('[[ownership]]\ntouchpoint = "t500.page"\nowner = "nobody"\n')
        await reader.page.locator("#filter").fill('"d1"')
        await reader.until("document.querySelector('.problems li.error [data-line]') !== null")
        button = reader.page.locator(".problems li.error [data-line]").first
        line = await button.get_attribute("data-line")
        await button.click()
        await reader.until("document.activeElement.id === 'registry'")
        marks = "[...document.querySelectorAll('.gutter .error')].map(one => one.innerText)"
        await reader.until(f"{marks}.includes('! {line}')")
        chosen = "({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd)"
        assert await sees(reader, f"({chosen})(document.activeElement)") == 'owner = "nobody"'


async def test_ownership_of_many_touchpoints_is_a_search_and_the_first_of_each_place(
    browser: Browser, large_home: str
) -> None:
    async with reading(browser, large_home) as reader:
        await reader.open(page="touchpoints")
        assert await sees(reader, NODES) < 12_000
        assert f"1,000 of {TOUCHPOINTS:,}" in await reader.page.locator("form[role=search]").inner_text()
        tiles = reader.page.locator(".tile")
        assert await tiles.count() == 24
        assert await tiles.first.get_attribute("data-touchpoint") == "t17.page"
        assert "And 976 more" in await reader.page.locator(".stage").first.inner_text()
        search = reader.page.locator("form[role=search] input")
        await search.fill("d150")
        await search.press("Enter")
        await reader.until("document.querySelectorAll('.tile').length === 5")
        owned = [number for number in range(TOUCHPOINTS) if (number + 4) % DEPARTMENTS == 150]
        names = await tiles.evaluate_all("all => all.map(one => one.dataset.touchpoint)")
        assert set(names) == {f"t{number}.page" for number in owned}
        assert "contains=d150" in reader.page.url
        assert reader.complaints == []
