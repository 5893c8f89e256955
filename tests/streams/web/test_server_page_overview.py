"""The first screen in a real Chromium: what it draws and says is the API's, and it fits without scrolling."""

import pytest

from tests.streams.web.page_of import AT, Reader, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
TERMS = ("short", "long")
DRAWN = (
    "all => all.map(({ dataset }) => Object.fromEntries(Object.entries(dataset).map(([name, text]) => [name, text])))"
)
BOXES = """all => all.map(one => { const { x, y, width, height } = one.getBBox(); return [x, y, width, height]; })"""
PLACES = """async ({ points, frame }) => {
  const { labelPlaces } = await import("/static/charts/labels.js");
  return labelPlaces(points, frame);
}"""


async def test_every_dot_tail_and_line_is_the_apis(reader: Reader) -> None:
    await reader.open()
    cards = {card["department"]: card for card in await reader.told("scorecards")}
    history = await reader.told("scorecards/history")
    dots = await reader.page.locator(".map .dot").evaluate_all(DRAWN)
    placed = {
        name
        for name, card in cards.items()
        if name != "unowned" and (card["short_index"], card["long_index"]) != (None, None)
    }
    assert {dot["department"] for dot in dots} == placed
    for dot in dots:
        card = cards[dot["department"]]
        for mark, column in (
            ("short", "short_index"), ("long", "long_index"), ("shortLow", "short_ci_low"),
            ("shortHigh", "short_ci_high"), ("longLow", "long_ci_low"), ("longHigh", "long_ci_high"),
        ):  # fmt: skip
            assert (None if mark not in dot else float(dot[mark])) == card[column], (dot, column)
        tail = [week for week in history if week["department"] == dot["department"]][-9:]
        stops = await reader.page.locator(f"[data-tail={dot['department']}] circle").evaluate_all(DRAWN)
        # Of a department without a figure of one term, along the axis of the other.
        assert [(stop["at"], *(float(stop[term]) if term in stop else None for term in TERMS)) for stop in stops] == [
            (week["at"], week["short_index"], week["long_index"])
            for week in tail
            if all((week[f"{term}_index"] is None) == (card[f"{term}_index"] is None) for term in TERMS)
        ]
    rows = await reader.page.locator("#departments tbody tr").all()
    names = {"Whole company": "company", "Sales": "sales", "Nobody": "unowned", "Marketing": "marketing"}
    for row in rows[: len(cards)]:
        department = names[await row.locator("th a").first.inner_text()]
        for term in ("short", "long"):
            weeks = [*(one for one in history if one["department"] == department), cards[department]]
            marks = await row.locator(f".spark.{term} circle").evaluate_all(DRAWN)
            assert [(mark["at"], float(mark["value"])) for mark in marks] == [
                (one["at"], one[f"{term}_index"]) for one in weeks if one[f"{term}_index"] is not None
            ]


async def test_it_says_what_the_report_says_and_whose_it_is_without_scrolling_or_a_click(reader: Reader) -> None:
    await reader.open()
    look = await reader.told("overview")
    report = await reader.asked("report", to=f"{AT}:00Z", all="true")
    sentences = [one for part in report["sections"] for one in part["statements"]]
    assert [one["kind"] for one in look["statements"]] == ["moved_down"] or look["statements"]
    assert all(one in sentences for one in look["statements"])
    said = await reader.page.locator(".statements a").all_inner_texts()
    assert said == [one["text"] for one in look["statements"]]
    assert "Sales" in said[0]
    assert "since" in said[0]
    marks = await reader.page.locator("#departments tr", has_text="Sales").locator(".marks .down").all_inner_texts()
    assert marks == ["▼ NPS"]
    bottom = "document.querySelector('#departments table').getBoundingClientRect().bottom"
    assert await reader.page.evaluate(bottom) <= 800
    changes = await reader.page.locator("#departments [data-change]").evaluate_all(DRAWN)
    of = {(one["department"], one["term"]): one for one in look["changes"]}
    assert sorted(float(one["change"]) for one in changes) == sorted(one["change"] for one in of.values())
    assert sum(one["beyond"] == "true" for one in changes) == sum(one["beyond_noise"] for one in of.values())


async def test_what_nobody_owns_and_what_is_wrong_with_the_data_is_the_apis(reader: Reader) -> None:
    await reader.open()
    nobody = await reader.page.locator("#nobody").inner_text()
    assert "3 of 117 events" in nobody
    assert "fair.stand 3 / 3" in nobody
    alarms = await reader.told("data-alarms")
    drawn = await reader.page.locator("#data [data-companion]").count()
    assert drawn == len(alarms["alarms"])
    rejected = await reader.page.locator("#data [data-rejected]").evaluate_all(DRAWN)
    assert [int(one["rejected"]) for one in rejected] == (
        [sum(one["events"] for one in alarms["rejected"])] if alarms["rejected"] else []
    )


@pytest.mark.long
async def test_a_dot_says_what_it_is_by_keyboard_and_leads_to_its_department(reader: Reader) -> None:
    await reader.open()
    [card] = await reader.told("scorecards", department="sales")
    dot = reader.page.locator(".map .dot[data-department=sales]")
    await dot.focus()
    await reader.until("document.querySelector('.readout').textContent.startsWith('Sales: ')")
    words = await reader.page.locator(".readout").inner_text()
    assert f"short {shown(card['short_index'])}" in words
    is_uncertain = any(
        card[f"{term}_index"] is not None and (card[f"{term}_ci_low"] is None or card[f"{term}_n_eff"] < 30)
        for term in ("short", "long")
    )
    assert ("uncertain" in (await dot.get_attribute("class") or "")) == is_uncertain
    await reader.page.keyboard.press("Enter")
    await reader.shows("department")
    assert "department=sales" in reader.page.url


@pytest.mark.long
async def test_both_indices_of_a_department_are_in_sight_on_a_phone(reader: Reader) -> None:
    await reader.page.set_viewport_size({"width": 390, "height": 844})
    for lang in ("en", "it", "es"):
        await reader.open(lang=lang)
        table = reader.page.locator("#departments .wide").first
        assert await table.evaluate("one => one.scrollWidth <= one.clientWidth"), lang
        ends = await table.locator("[data-value]").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().right)"
        )
        assert ends
        assert max(ends) < 390


async def test_what_names_a_row_stays_in_sight_while_a_table_is_scrolled(reader: Reader) -> None:
    await reader.page.set_viewport_size({"width": 390, "height": 844})
    await reader.open(page="compare", department="sales")
    table = reader.page.locator("main .wide").first
    name = table.locator("tbody th").first
    before = await name.bounding_box()
    await table.evaluate("one => { one.scrollLeft = 120; }")
    assert await table.evaluate("one => one.scrollLeft") > 0
    assert await name.bounding_box() == before


@pytest.mark.long
async def test_labels_cover_neither_each_other_nor_a_dot(reader: Reader) -> None:
    await reader.open()
    frame = {"x": 40, "y": 10, "width": 460, "height": 380}
    points = [{"x": 60 + (n * 37) % 400, "y": 30 + (n * n * 53) % 330, "width": 40 + (n * 29) % 110} for n in range(24)]
    points += [{"x": 250 + n % 3, "y": 200 + n, "width": 80} for n in range(6)]
    places = await reader.page.evaluate(PLACES, {"points": points, "frame": frame})
    boxes = [
        (
            place["x"] - {"start": 0, "middle": 0.5, "end": 1}[place["anchor"]] * point["width"],
            place["y"] - 7.5,
            point["width"],
            15,
        )
        for place, point in zip(places, points, strict=True)
        if place is not None
    ]
    assert len(boxes) >= 20
    dots = [(point["x"] - 5, point["y"] - 5, 10, 10) for point in points]
    for number, (x, y, width, height) in enumerate(boxes):
        assert x >= 40
        assert x + width <= 500
        for ox, oy, other, high in boxes[number + 1 :] + dots:
            assert not (x < ox + other and ox < x + width and y < oy + high and oy < y + height)
    written = await reader.page.locator(".map .name").evaluate_all(BOXES)
    for number, (x, y, width, height) in enumerate(written):
        for ox, oy, other, high in written[number + 1 :]:
            assert not (x < ox + other and ox < x + width and y + 2 < oy + high and oy + 2 < y + height)
