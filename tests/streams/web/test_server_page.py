"""The page in a real Chromium: its numbers are the API's, and everybody can read it."""

import asyncio
import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser

from metrics.events.rejection import Reason
from streams.figures import snapshot
from streams.figures.snapshot import Snapshot
from streams.store.client import Store
from streams.timestamps import parse_instant
from tests.streams.engine import EngineProcess
from tests.streams.given import REGISTRY
from tests.streams.web.page_of import (
    AT,
    PAGES,
    Reader,
    difference_interval,
    fill,
    reading,
    registry_of,
    serving,
    shown,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVIL = "<script>hacked=1</script>{n}<img src=x onerror=hacked=1>"


async def test_every_figure_of_a_department_is_the_apis_and_attainments_make_its_index(reader: Reader) -> None:
    for view in ("as_was", "as_is"):
        await reader.open(page="department", department="sales", view=view)
        rows = await reader.told("balances", department="sales", view=view)
        script = (
            "all => Object.fromEntries(all.map(b => [b.dataset.explain, b.dataset.value && Number(b.dataset.value)]))"
        )
        figures = await reader.page.locator("[data-explain]").evaluate_all(script)
        assert figures == {f"sales|{row['metric']}|{row['horizon']}": row["value"] for row in rows}
        cells = {row[0].split(" ")[0]: row for row in await reader.cells("#figures table")}
        [nps] = [row for row in rows if (row["metric"], row["horizon"]) == ("nps", "long")]
        wanted = [shown(nps["value"]), f"{shown(nps['ci_low'])} … {shown(nps['ci_high'])}"]
        assert cells["NPS"][5:8] == [*wanted, f"{nps['n']} / {shown(nps['n_eff'])}"]
        [card] = await reader.told("scorecards", department="sales", view=view)
        assert cells["NPS"][9] == shown(card["long_index"])
        assert cells["Traffic"][9] == shown(card["short_index"])


async def test_a_figure_explains_itself_by_keyboard_and_gives_the_focus_back(reader: Reader) -> None:
    await reader.open(page="department", department="sales")
    await reader.page.locator("#figures [data-explain='sales|nps|long']").focus()
    await reader.page.keyboard.press("Enter")
    text = await reader.page.locator("dialog[open]").inner_text()
    for part in ("share of promoters", "adjusted Wald", "n_eff", "90 days", "Sales, owner at the time", "40.0", "60.0"):
        assert part in text
    await reader.page.keyboard.press("Escape")
    assert await reader.page.locator("dialog[open]").count() == 0
    assert await reader.page.evaluate("document.activeElement.dataset.explain") == "sales|nps|long"


async def test_touchpoints_drift_and_refusals_are_the_apis(reader: Reader) -> None:
    await reader.open(page="touchpoints")
    answer = await reader.told("touchpoints")
    await reader.page.locator("#map summary").click()
    rows = await reader.cells()
    assert [row[0].split("\n")[1] for row in rows] == [one["touchpoint"] for one in answer]
    assert [row[6] for row in rows] == [str(one["events"]) for one in answer]
    assert rows[1][7] == "Marketing 40, Sales 74"
    await reader.open(page="drift")
    [one] = await reader.told("drift/now")
    await reader.page.locator("summary").first.click()
    [part] = one["contributions"]["touchpoint"]
    row = (await reader.cells(".contributions table"))[0]
    assert row[1:4] == ["Checkout", shown(part["before"]), shown(part["after"])]
    await reader.page.locator("#history summary").click()
    assert (await reader.cells("#history table"))[0][5:] == ["40.0", "30.0"]
    await reader.open(page="refused", reason="too_old")
    [[_, reason, detail, source, _]] = await reader.cells("#latest table")
    assert (reason, detail, source) == ("too_old", "why", "cx.touchpoints[0]@1")
    options = await reader.page.locator("[name=reason] option").evaluate_all("all => all.map(one => one.value)")
    assert options == ["", *Reason]


async def test_two_instants_are_compared_and_told_apart_by_the_interval_of_their_difference(reader: Reader) -> None:
    await reader.open(page="compare", other="2026-03-11T00:00", department="company")
    kept = {}
    for at in (AT, "2026-03-11T00:00"):
        for row in await reader.told("balances", department="company", metric="nps", horizon="long", at=f"{at}:00Z"):
            kept[at] = row
    after, before = kept.values()
    [nps] = [row for row in await reader.cells() if row[0].startswith("NPS")]
    difference = after["value"] - before["value"]
    assert (nps[2], nps[4], nps[6]) == (shown(before["value"]), shown(after["value"]), f"{difference:+.1f}")
    low, high = difference_interval(before, after)
    assert nps[7] == f"{shown(low)} … {shown(high)}"
    assert nps[8] == ("yes" if low > 0 or high < 0 else "no")


async def test_the_pipeline_is_the_workers_series(reader: Reader) -> None:
    await reader.open(page="pipeline")
    rows = {row[2]: row[1] for row in await reader.cells("#standing table")}
    assert rows["cx_events_total"] == "0"
    assert (rows["cx_ingest_stalled"], rows["cx_registry_valid"]) == ("no", "yes")
    assert float(rows["process_resident_memory_bytes"].replace(",", "")) > 10
    assert "This worker: ready" in await reader.page.locator("main").inner_text()


async def test_what_is_shown_is_exported_as_it_is(reader: Reader) -> None:
    await reader.open(page="department", department="sales")
    answer = await reader.told("balances", department="sales")
    for kind in ("json", "csv"):
        async with reader.page.expect_download() as coming:
            await reader.page.locator(f"[data-export={kind}]").click()
        text = await asyncio.to_thread(Path(await (await coming.value).path()).read_text)
        if kind == "json":
            assert json.loads(text) == answer
        else:
            rows = list(csv.DictReader(text.splitlines()))
            assert [float(row["value"]) if row["value"] else None for row in rows] == [row["value"] for row in answer]
    module = "import('/static/export.js').then(m => m.csv([{a: '=1+1', b: -1, c: 'x\"y', d: null}]))"
    assert await reader.page.evaluate(module) == 'a,b,c,d\r\n\'=1+1,-1,"x""y",\r\n'


@pytest.mark.long
async def test_the_address_holds_the_state_and_the_way_back(reader: Reader) -> None:
    await reader.open()
    await reader.page.locator("#departments").get_by_role("link", name="Sales").first.click()
    await reader.shows("department")
    await reader.page.locator("#question [name=view]").select_option("as_is")
    await reader.until("location.search.includes('view=as_is')")
    assert f"at={AT.replace(':', '%3A')}" in reader.page.url
    assert "department=sales" in reader.page.url
    await reader.page.go_back()
    await reader.page.go_back()
    await reader.shows("overview")
    assert await reader.page.locator("#question [name=view]").input_value() == "as_was"
    await reader.page.locator("#question [name=at]").fill("2026-03-11T10:00")
    await reader.until("document.querySelector('#asof').textContent.includes('Mar 11, 2026, 10:00')")
    await reader.page.goto(f"{reader.home}/?page=nowhere&view=%27&at=yesterday&lang=xx&theme=%3Cb%3E")
    await reader.shows("overview")
    assert await reader.page.evaluate("document.documentElement.dataset.theme") == "auto"


@pytest.mark.long
async def test_the_keyboard_alone_reaches_every_view(reader: Reader) -> None:
    await reader.open()
    for wanted in PAGES[1:]:
        await reader.page.evaluate("document.activeElement.blur()")
        for _ in range(40):
            await reader.page.keyboard.press("Tab")
            if await reader.page.evaluate("document.activeElement.search ?? ''") and f"page={wanted}" in (
                await reader.page.evaluate("document.activeElement.search")
            ):
                break
        await reader.page.keyboard.press("Enter")
        await reader.shows(wanted)
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert await reader.page.evaluate(outline) == "solid"


@pytest.mark.long
@pytest.mark.parametrize(("lang", "theme"), [("en", "light"), ("it", "dark"), ("es", "auto")])
async def test_every_view_fits_a_phone_and_has_no_serious_fault_of_accessibility(
    browser: Browser, home: str, lang: str, theme: str
) -> None:
    async with reading(browser, home, viewport={"width": 320, "height": 700}) as reader:
        for page in PAGES:
            await reader.open(page=page, lang=lang, theme=theme, department="sales")
            assert await reader.page.evaluate("document.documentElement.scrollWidth") <= 320, page
            if theme == "auto":
                continue
            await reader.page.evaluate(AXE_FILE_PATH.read_text())
            found = await reader.page.evaluate("axe.run()")
            serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
            assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == [], page
            assert found["passes"]
        assert await reader.page.evaluate("document.documentElement.lang") == lang
        assert reader.complaints == []
        assert reader.foreign == []


@pytest.mark.long
async def test_dark_and_light_follow_the_system_and_the_switch(browser: Browser, home: str) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    found = {}
    for system in ("dark", "light"):
        async with reading(browser, home, color_scheme=system) as reader:
            for theme in ("auto", "light" if system == "dark" else "dark"):
                await reader.open(theme=theme)
                found[system, theme] = await reader.page.evaluate(ground)
    assert found["dark", "auto"] == found["light", "dark"]
    assert found["light", "auto"] == found["dark", "light"]
    assert found["dark", "auto"] != found["light", "auto"]


async def test_it_prints_the_figures_without_the_controls(reader: Reader) -> None:
    await reader.open()
    await reader.page.emulate_media(media="print")
    assert not await reader.page.locator("nav").is_visible()
    assert await reader.page.locator("main table").first.is_visible()


@pytest.mark.long
async def test_new_figures_come_in_place_and_leave_the_focus_where_it_is(
    browser: Browser, open_module_store: Any, tmp_path: Path
) -> None:
    store = open_module_store()
    latest: list[Snapshot | None] = [None]
    with serving(store, registry_of(tmp_path), latest=lambda: latest[0]) as (site, home):
        fill(store, site)
        early, late = (
            snapshot.compute(store, site.registry_watcher.current, parse_instant(at))
            for at in ("2026-03-20", f"{AT}:00Z")
        )
        latest[0] = early
        async with reading(browser, home) as reader:
            await reader.page.clock.install()
            await reader.open(at="")
            await reader.page.locator("#departments").get_by_role("link", name="Whole company").focus()
            await reader.page.evaluate("kept = document.activeElement")
            latest[0] = late
            await reader.page.clock.fast_forward(6000)
            await reader.until("document.querySelector('#asof').textContent.includes('Apr 2')")
            assert await reader.page.evaluate("kept === document.activeElement && kept.isConnected")
            [card] = [one for one in late.scorecards["as_was"] if one.department == "company"]
            now = await reader.page.locator("#departments tr.company .now").all_inner_texts()
            assert now == [shown(card.short_index), shown(card.long_index)]
            assert reader.complaints == []


async def test_without_events_every_view_says_what_to_do_next(
    browser: Browser, open_module_store: Any, tmp_path: Path
) -> None:
    with serving(open_module_store(), registry_of(tmp_path)) as (_, home):
        async with reading(browser, home) as reader:
            for page, command in (
                ("overview", "cxb publish FILE"), ("department", "cxb publish FILE"), ("drift", "cxb drift plan"),
                ("compare", "cxb publish FILE"), ("refused", "cxb simulate --bad 0.05"),
            ):  # fmt: skip
                await reader.open(page=page)
                assert command in await reader.page.locator("main").inner_text(), page
            assert reader.complaints == []


@pytest.mark.long
async def test_hostile_texts_stay_texts_in_every_view(browser: Browser, open_module_store: Any, tmp_path: Path) -> None:
    evil = json.dumps(EVIL)
    hostile = re.sub(r'"(Marketing|Sales|Logistics|Checkout|Cassa|cmo|v1)"', lambda _: evil, REGISTRY)
    store = open_module_store()
    with serving(store, registry_of(tmp_path, hostile), ready=lambda: EVIL) as (site, home):
        fill(store, site, EVIL)
        async with reading(browser, home) as reader:
            for page in PAGES:
                await reader.open(page=page, department="sales" if page == "department" else EVIL)
                assert EVIL in await reader.page.locator("main").inner_text(), page
                assert await reader.page.locator("main script, main img").count() == 0
                assert await reader.page.evaluate("'hacked' in window") is False
            site.registry_watcher.path.write_text(EVIL)
            site.registry_watcher.check()
            await reader.open()
            await reader.until("document.querySelector('#state').textContent !== ''")
            assert await reader.page.locator("#state *").count() == 0
            assert [text for text in reader.complaints if "503" not in text] == []


async def test_a_store_that_is_away_is_told_in_place_of_figures(browser: Browser, tmp_path: Path) -> None:
    away = Store(EngineProcess(1, "x").settings("cx"))
    with serving(away, registry_of(tmp_path)) as (_, home):
        async with reading(browser, home) as reader:
            await reader.page.goto(f"{home}/?lang=en")
            await reader.until("document.querySelector('#state').textContent !== ''")
            text = await reader.page.locator("#state").inner_text()
            assert "could not be read" in text
            assert "cxb doctor" in text


async def test_figures_are_live_only_while_the_server_answers(reader: Reader) -> None:
    await reader.open(at="")
    stand = reader.page.locator("#asof")
    assert "live" in await stand.inner_text()
    await reader.page.route("**/api/**", lambda route: route.abort())
    await reader.page.click("#now")  # at once: by itself a slow page asks less often
    alarm = reader.page.locator("#state.alarm")
    await alarm.wait_for(timeout=15_000)
    assert "live" not in await stand.inner_text()
    assert "Figures" in await stand.inner_text()
    await reader.page.unroute("**/api/**")
    await reader.page.click("#now")
    await alarm.wait_for(state="hidden", timeout=15_000)
    assert "live" in await stand.inner_text()
    assert set(reader.complaints) == {"Failed to load resource: net::ERR_FAILED"}
    reader.complaints.clear()
