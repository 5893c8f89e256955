"""The view Ownership in a real Chromium: the map, owners over time and the flow of hand-offs are the API's."""

from typing import Any

import pytest

from tests.streams.web.page_of import Reader

pytestmark = pytest.mark.asyncio(loop_scope="session")
DATA = "all => all.map(one => ({...one.dataset}))"


async def marks(reader: Reader, selector: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = await reader.page.locator(selector).evaluate_all(DATA)
    return found


def portions(row: dict[str, Any]) -> list[tuple[str, float]]:
    total = sum(part["events"] for part in row["slices"])
    return [
        (owner, (part["events"] / total if total else 1 / len(row["slices"])) * share)
        for part in row["slices"]
        for owner, share in sorted(
            (part["shares"] or {part["owner"]: 1.0}).items(), key=lambda item: (-item[1], item[0])
        )
    ]


async def test_the_map_the_history_and_the_flow_are_the_apis_and_their_tables_say_the_same(reader: Reader) -> None:
    await reader.open(page="touchpoints")
    rows = {row["touchpoint"]: row for row in await reader.told("touchpoints")}
    tiles = {mark["touchpoint"]: int(mark["value"]) for mark in await marks(reader, ".tile")}
    assert tiles == {name: row["events"] for name, row in rows.items()}
    for name, row in rows.items():
        strip = await marks(reader, f"[data-touchpoint='{name}'] .strip .owner")
        assert [(one["owner"], pytest.approx(float(one["weight"]), abs=1e-9)) for one in strip] == portions(row)
    # What the registry does not declare has a lane of its own, and so has what nobody owns.
    assert await marks(reader, "[data-office=none] [data-stage=none] .tile") == [
        {"touchpoint": "fair.stand", "value": str(rows["fair.stand"]["events"])}
    ]
    assert await reader.page.locator("[data-office=front] [data-stage=during] .tile").count() == 1
    assert "1 of 2 touchpoints has no owner" in await reader.page.locator("#map .judgement").inner_text()
    bars = await marks(reader, ".timeline .owner")
    [checkout] = rows["web.checkout"]["slices"]
    assert [(one["owner"], one.get("from"), one.get("to")) for one in bars] == [
        (period["owner"], period["from"], period["to"]) for period in checkout["periods"]
    ]
    [change] = await marks(reader, ".timeline .occurrence")
    assert change["at"] == "2026-04-01T00:00:00Z"
    assert (
        "Checkout went from Marketing to Sales"
        in await reader.page.locator("#owners-over-time ul:not(.legend) li").inner_text()
    )
    await reader.page.wait_for_selector(".flow .ribbon", state="attached")
    figures = {(row["measure"], row["subject"]): row["value"] for row in await reader.told("governance")}
    drawn = await marks(reader, ".flow .ribbon")
    assert drawn
    for one in drawn:
        subject = f"{one['from']} > {one['to']}"
        assert float(one["value"]) == pytest.approx(figures["transitions", subject], abs=1e-9)
        gap = figures.get(("hand_off_like_gap", subject))
        assert (float(one["gap"]) if "gap" in one else None) == (None if gap is None else pytest.approx(gap, abs=1e-9))
    assert len(drawn) == sum(
        measure == "transitions" and len({*subject.split(" > ")}) == 2 and value > 0
        for (measure, subject), value in figures.items()
    )
    await reader.page.locator("#flow summary").click()
    assert len(await reader.cells("#flow table")) == len(drawn)


async def test_who_owns_which_part_is_read_by_keyboard_and_fits_a_phone(reader: Reader) -> None:
    await reader.page.set_viewport_size({"width": 320, "height": 640})
    await reader.open(page="touchpoints", lang="it")
    await reader.page.locator(".tile[data-touchpoint='web.checkout']").focus()
    words = await reader.page.locator("#map .readout").inner_text()
    assert words.startswith("Cassa: Sales. eventi: 114")
    await reader.page.locator(".timeline .occurrence").first.focus()
    assert "è passato da Marketing a Sales" in await reader.page.locator("#owners-over-time .readout").inner_text()
    await reader.page.wait_for_selector(".flow .ribbon", state="attached")
    assert await reader.page.evaluate("document.documentElement.scrollWidth") <= 320
