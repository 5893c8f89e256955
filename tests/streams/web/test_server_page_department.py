"""A department's page in a real Chromium: its pictures, their tables and the API say the same."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser

from metrics.catalogue import METRICS
from tests.streams.web.page_of import AT, Reader, reading, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
NOW = f"{AT}:00Z"
MIDNIGHT = datetime.fromisoformat("2026-04-02T00:00:00+00:00")
READY = "['#trends .multiple', '#answers .multiple', '#breakdown tbody tr'].every(one => document.querySelector(one))"
MARKS = """all => all.map(({ dataset: { at, value, low, high } }) =>
  [at, Number(value), low === undefined ? null : Number(low), high === undefined ? null : Number(high)])"""
RECTS = "all => all.map(({ dataset: { from, to, answer, n } }) => [from, to, answer, Number(n)])"


def days_before(days: int, end: datetime = MIDNIGHT) -> str:
    return f"{end - timedelta(days=days):%FT%TZ}"


async def points_of(reader: Reader, days: int, points: int) -> list[dict[str, Any]]:
    """What a tile shows: the figures of midnights, and those of the instant."""
    period = {"from": days_before(days), "to": f"{MIDNIGHT:%FT%TZ}", "points": str(points)}
    return [
        *await reader.asked("trends", department="sales", **period),
        *await reader.asked("balances", department="sales", at=NOW),
    ]


async def test_every_mark_row_and_share_is_the_apis(reader: Reader) -> None:
    for name, days, points, stretches in (("quarter", 91, 92, 13), ("month", 30, 31, 30)):
        await reader.open(page="department", department="sales", range=name)
        await reader.until(READY)
        rows = await points_of(reader, days, points)
        own = {metric: [r for r in rows if r["metric"] == metric and r["horizon"] == r["term"]] for metric in METRICS}
        tiles = await reader.page.locator("#trends .multiple").evaluate_all("all => all.map(one => one.dataset.metric)")
        assert sorted(tiles) == sorted(metric for metric in METRICS if own[metric])
        for metric in tiles:
            tile = reader.page.locator(f"#trends [data-metric={metric}]")
            marks = await tile.locator("circle[data-at]").evaluate_all(MARKS)
            drawn = [row for row in own[metric] if row["value"] is not None]
            assert marks == [[row["at"], *(row[name] for name in ("value", "ci_low", "ci_high"))] for row in drawn]
            hollow = await tile.locator("circle.uncertain").count()
            assert hollow == sum(row["n_eff"] < 30 or row["ci_low"] is None for row in drawn)
            cells = await reader_cells(reader, f"#trends [data-metric={metric}] table")
            assert [(row[1], row[3]) for row in cells] == [(said(row), shown(row["n_eff"])) for row in own[metric]]
        await shares_are_the_apis(reader, days, stretches)


async def reader_cells(reader: Reader, selector: str) -> list[list[str]]:
    """The texts of a table that may be folded away."""
    script = "t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent.trim()))"
    found: list[list[str]] = await reader.page.locator(selector).first.evaluate(script)
    return found


def said(row: dict[str, Any]) -> str:
    if not row["suppressed"]:
        return shown(row["value"])
    why = {
        "stale": "stale: no new observations for a long time", "n_eff<5": "too few: n_eff<5",
        "warming_up": "warming up: less than a day of data", "no_denominator": "nothing to divide by yet",
    }  # fmt: skip
    return f"no figure ({why[row['suppressed']]})"


async def shares_are_the_apis(reader: Reader, days: int, stretches: int) -> None:
    end = datetime.fromisoformat(NOW)
    period = {"from": days_before(days, end), "to": NOW, "points": str(stretches)}
    rows = await reader.asked("distribution", department="sales", **period)
    assert {row["metric"] for row in rows} == {"nps"}
    drawn = await reader.page.locator("#answers [data-answers=nps] rect[data-n]").evaluate_all(RECTS)
    assert drawn == [
        [row["from"], row["to"], one["answer"], one["n"]]
        for row in rows if not row["suppressed"] for one in row["answers"]
    ]  # fmt: skip
    assert drawn
    cells = await reader_cells(reader, "#answers table")
    assert [int(row[-1]) for row in cells] == [row["n"] for row in rows]


async def test_the_first_sentence_says_what_fell_since_when_and_marks_say_why(reader: Reader) -> None:
    await reader.open(page="department", department="sales")
    await reader.until(READY)
    [drift] = await reader.asked("drift/now", at=NOW)
    verdict = await reader.page.locator("#judgement .alarm").inner_text()
    assert verdict == f"NPS fell from {shown(drift['before'])} to {shown(drift['after'])} points since Apr 2, 2026."
    story = reader.page.locator("#trends [data-metric=nps].drifting .told")
    assert "Owner: Sales; on Apr 1, 2026 Checkout went from Marketing to Sales" in await story.inner_text()
    first = await reader.page.locator("#trends .multiple").first.get_attribute("data-metric")
    assert first == "nps"
    rows = await reader.asked("annotations", department="sales", to=NOW, **{"from": days_before(91)})
    marks = await reader.page.locator("#trends [data-metric=nps] .mark").evaluate_all(
        "all => all.map(one => [one.dataset.kind, one.dataset.at])"
    )
    assert sorted(map(tuple, marks)) == sorted(
        {(row["kind"], row["at"]) for row in rows if row["metric"] in ("", "nps")}
    )
    assert {"ownership", "drift_begun"} <= {kind for kind, _ in marks}
    listed = await reader.page.locator("#happened li").evaluate_all("all => all.map(one => one.dataset.at)")
    assert listed == [row["at"] for row in rows][::-1]


@pytest.mark.long
async def test_one_cursor_moves_over_all_pictures_by_keyboard_and_by_pointer(reader: Reader) -> None:
    await reader.open(page="department", department="sales")
    await reader.until(READY)
    await reader.page.locator("#cursor").focus()
    await reader.page.keyboard.press("ArrowLeft")
    assert await reader.page.locator("#cursor").get_attribute("aria-valuetext") == "Apr 2, 2026"
    readouts = "all => [...new Set(all.map(one => one.dataset.at))]"
    tiles = reader.page.locator("#trends .multiple .stands")
    assert "2026-04-02T00:00:00Z" in await tiles.evaluate_all(readouts)
    assert await reader.page.locator("#trends g.cursor").count() >= 1
    row = next(
        row for row in await points_of(reader, 91, 92)
        if (row["metric"], row["horizon"], row["at"]) == ("nps", "long", "2026-04-02T00:00:00Z")
    )  # fmt: skip
    assert said(row) in await reader.page.locator("[data-metric=nps] .stands").inner_text()
    picture = reader.page.locator("#trends [data-metric=nps] svg")
    box = await picture.bounding_box()
    assert box
    await picture.hover(position={"x": box["width"] * 0.962, "y": 60})  # its right end, which is the instant itself
    assert await tiles.evaluate_all(readouts) == [NOW]
    assert await reader.page.locator("#trends g.cursor").count() >= 1
    await reader.page.mouse.move(0, 0)
    assert await reader.page.locator("#trends g.cursor").count() == 0


async def test_the_breakdown_is_the_apis_in_the_order_of_the_address(reader: Reader) -> None:
    await reader.open(page="department", department="sales")
    await reader.until(READY)
    assert "NPS by touchpoint" in await reader.page.locator("#breakdown h2").inner_text()
    await reader.page.locator("#breakdown [name=by]").select_option("region")
    await reader.until("document.querySelector('#breakdown h2').textContent === 'NPS by region'")
    await reader.until(READY)
    assert "by=region" in reader.page.url
    period = {"from": days_before(30, datetime.fromisoformat(NOW)), "to": NOW, "points": "2"}
    rows = await reader.asked("trends", department="sales", metric="nps", by="region", horizon="long", **period)
    last = [row for row in rows if row["at"] == NOW]
    cells = await reader.cells("#breakdown table")
    assert [(row[0], row[2]) for row in cells] == [(row["region"] or "(none given)", said(row)) for row in last]
    marks = await reader.page.locator("#breakdown circle").evaluate_all(MARKS)
    assert [mark[1:] for mark in marks] == [
        [row["value"], row["ci_low"], row["ci_high"]] for row in last if row["value"] is not None
    ]
    await reader.page.locator("#breakdown th a", has_text="Region").click()
    await reader.until("location.search.includes('sort=name')")
    await reader.page.locator("#breakdown [name=metric]").select_option("traffic")
    await reader.until("document.querySelector('#breakdown h2').textContent.startsWith('Traffic')")
    assert "metric=traffic" in reader.page.url


@pytest.mark.long
async def test_pictures_say_what_they_show_and_fit_a_phone_and_paper(browser: Browser, home: str) -> None:
    async with reading(browser, home, viewport={"width": 320, "height": 700}) as reader:
        for lang, word in (("en", "NPS of Sales: "), ("it", "NPS di Sales: "), ("es", "NPS de Sales: ")):
            await reader.open(page="department", department="sales", lang=lang)
            await reader.until(READY)
            label = await reader.page.locator("[data-metric=nps] svg").get_attribute("aria-label") or ""
            assert label.startswith(word)
            assert await reader.page.evaluate("document.documentElement.scrollWidth") <= 320
        await reader.page.emulate_media(media="print")
        assert await reader.page.locator("form.cursor").is_hidden()
        assert await reader.page.locator("[data-metric=nps] svg").is_visible()
        assert reader.complaints == []


ABOVE_PICTURE = """all => all.map(one => {
  const picture = one.querySelector('svg').getBoundingClientRect();
  const text = [...one.querySelectorAll('h3, p')].filter(each => !each.closest('details')).at(-1);
  const { right, bottom } = text.getBoundingClientRect();
  return [one.classList.contains('drifting'), picture.left >= right, picture.top - bottom,
    picture.top - one.getBoundingClientRect().top];
})"""


@pytest.mark.long
async def test_what_a_drift_says_leaves_no_gap_in_the_other_tiles(browser: Browser, home: str) -> None:
    for width in (1280, 1920):
        async with reading(browser, home, viewport={"width": width, "height": 900}) as reader:
            await reader.open(page="department", department="sales")
            await reader.until(READY)
            tiles = await reader.page.locator("#trends .multiple").evaluate_all(ABOVE_PICTURE)
            assert {is_drifting for is_drifting, *_ in tiles} == {True, False}
            for is_drifting, is_beside, below_text, below_top in tiles:
                assert is_beside == is_drifting
                assert (below_top if is_drifting else below_text) < 40, width
