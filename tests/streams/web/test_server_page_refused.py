"""Rejected events in a real Chromium: counts as the API has them, a search, and the command that sends them again."""

import asyncio
import json
from urllib.request import urlopen

import pytest

from tests.streams.web.page_of import Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_counts_by_reason_and_source_come_first_and_are_the_apis(reader: Reader) -> None:
    await reader.open(page="refused")
    url = f"{reader.home}/api/v1/rejected/summary"
    counts = json.loads(await asyncio.to_thread(lambda: urlopen(url).read()))
    assert [row[:2] for row in await reader.cells("#by-reason table")] == [[one["reason"], "1"] for one in counts]
    assert [row[:2] for row in await reader.cells("#by-source table")] == [["cx.touchpoints[0]", "2"]]
    values = await reader.page.locator("#by-source [data-value]").evaluate_all(
        "all => all.map(one => one.dataset.value)"
    )
    assert values == [str(sum(one["events"] for one in counts))]
    says = await reader.page.locator("main section").first.inner_text()
    assert "2 events were rejected and have not been sent again; the most frequent reason is not_json (50%)." in says
    assert "All come from cx.touchpoints[0]." in says


async def test_a_reason_and_a_text_narrow_the_list_and_the_command_says_the_reason(reader: Reader) -> None:
    await reader.open(page="refused")
    assert len(await reader.cells("#latest table")) == 2
    await reader.page.locator("#by-reason a").get_by_text("too_old").click()
    await reader.until("location.search.includes('reason=too_old')")
    await reader.until("document.querySelectorAll('#latest tbody tr').length === 1")
    codes = await reader.page.locator("#latest p code").all_inner_texts()
    assert codes == ["cxb redrive --reason too_old --dry-run", "cxb redrive --reason too_old"]
    await reader.page.locator("[name=contains]").fill("nowhere to be found")
    await reader.page.keyboard.press("Enter")
    await reader.until("document.querySelector('#latest').innerText.includes('None is like that')")
    assert "contains=nowhere" in reader.page.url
    await reader.open(page="refused", contains="WHY")
    assert len(await reader.cells("#latest table")) == 2


async def test_what_sources_sent_that_is_unknown_is_listed_below(reader: Reader) -> None:
    await reader.open(page="refused")
    assert await reader.cells("#seen table") == [["eventId", "event_id", "crm", "1,204"]]
