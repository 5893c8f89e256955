"""The view Governance in a real Chromium: its figures are the API's, each explains itself, and texts stay texts."""

import asyncio
import csv
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Route

from tests.streams.web.page_of import AT, Reader, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
SECTIONS = ("lines", "dispersion", "terms", "handoffs", "credit", "perceived", "coverage", "cases", "spending")
FIGURES = (
    "all => Object.fromEntries(all.map(b => [b.dataset.measure, b.dataset.value ? Number(b.dataset.value) : null]))"
)


async def opened(reader: Reader, **state: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Opens the view; what the API says of the same question."""
    await reader.open(page="governance", **state)
    await reader.page.locator("#all > summary").click()
    query = {name: f"{state[name]}:00Z" for name in ("since",) if name in state}
    figures = await reader.told("governance", view=state.get("view", "as_was"), **query)
    return {(row["measure"], row["subject"]): row for row in figures}


@pytest.mark.parametrize(
    "state",
    [
        {"since": "2026-04-01T00:00", "view": "as_is"},
        *(pytest.param(one, marks=pytest.mark.long) for one in ({}, {"view": "as_is"}, {"since": "2026-04-01T00:00"})),
    ],
    ids=str,
)
async def test_every_figure_is_the_apis_for_the_period_and_the_view(reader: Reader, state: dict[str, str]) -> None:
    rows = await opened(reader, **state)
    figures = await reader.page.locator("#figures [data-measure]").evaluate_all(FIGURES)
    assert figures == {f"{measure}|{subject}": row["value"] for (measure, subject), row in rows.items()}
    above = await reader.page.locator("section:not(#figures) [data-measure]").evaluate_all(FIGURES)
    assert above.items() <= figures.items()
    # What is to be seen without asking: all but what a section has no room for.
    missing = {key.partition("|")[0] for key in figures.keys() - above.keys()}
    assert missing <= {"ei_index", "hand_off_satisfaction_gap", "completeness"}


@pytest.mark.long
async def test_every_sentence_of_the_report_is_in_sight_without_scrolling_across(reader: Reader) -> None:
    for width in (390, 1280):
        await reader.page.set_viewport_size({"width": width, "height": 844})
        await reader.open(page="governance")
        await reader.until("document.querySelectorAll('.finding').length > 3")
        findings = reader.page.locator(".findings")
        assert await findings.evaluate(
            "one => one.scrollHeight <= one.clientHeight && one.scrollWidth <= one.clientWidth"
        )
        box = await findings.bounding_box()
        assert box
        for one in await reader.page.locator(".finding").all():
            place = await one.bounding_box()
            assert place
            assert place["x"] + place["width"] <= width
            assert place["y"] + place["height"] <= box["y"] + box["height"] + 1


MARKS = """all => all.map(({ dataset: { measure, value, low, high } }) =>
  [measure, Number(value), low === undefined ? null : Number(low), high === undefined ? null : Number(high)])"""


@pytest.mark.parametrize("lang", ["en", pytest.param("es", marks=pytest.mark.long)])
async def test_the_reports_sentences_come_first_and_their_pictures_are_the_apis(reader: Reader, lang: str) -> None:
    await reader.open(page="governance", lang=lang)
    report = await reader.told("report", lang=lang)
    for section in report["sections"]:
        shown_text = await reader.page.locator(f"#said-{section['section']}").inner_text()
        assert section["title"] in shown_text
        for part in [one["text"] for one in section["statements"]]:
            assert part in shown_text
        has_picture = await reader.page.locator(f"#said-{section['section']} svg").count()
        if not section["statements"]:
            assert (section["nothing"] in shown_text) == (not has_picture)
    figures = {f"{row['measure']}|{row['subject']}": row for row in await reader.told("governance")}
    wanted = {"lines": "effective_owners", "terms": "long_term_weight_lived", "perception": "perception_agreement"}
    for section, measure in wanted.items():
        marks = await reader.page.locator(f"#said-{section} svg [data-measure]").evaluate_all(MARKS)
        rows = {key: row for key, row in figures.items() if row["measure"] == measure and row["value"] is not None}
        assert rows
        assert {key: numbers for key, *numbers in marks} == {
            key: [row["value"], row["ci_low"], row["ci_high"]] for key, row in rows.items()
        }
    declared = await reader.page.locator("#said-terms [data-declared]").first.get_attribute("data-declared")
    assert float(declared or "") == pytest.approx(figures["long_term_weight_declared|"]["value"], abs=1e-9)
    assert not await reader.page.locator("#figures").is_visible()  # the long list is a detail
    await reader.page.locator("#said-perception svg circle.to").first.click()
    assert await reader.page.locator("dialog[open]").count() == 1


@pytest.mark.long
async def test_each_question_has_its_section_with_figures(reader: Reader) -> None:
    figures = await opened(reader)
    for name in SECTIONS:
        assert await reader.page.locator(f"#{name} [data-measure]").count(), name
    lines = await reader.page.locator("#lines").inner_text()
    assert "Orphan events: 2.6%" in lines
    assert "Owned by nobody: events · fair.stand: 3" in lines
    assert "Responsible for nothing · Marketing: yes" in lines
    matrix = await reader.cells("#handoffs table")
    share = figures["transitions", "marketing > sales"]["value"]
    gap = figures["hand_off_like_gap", "marketing > sales"]["value"]
    marketing = next(row for row in matrix if row[0] == "Marketing")
    assert marketing[1].splitlines()[0] == f"{round(100 * share)}%"
    assert marketing[1].splitlines()[1] == f"{shown(gap, 2)} uncertain"  # ten answers inside
    [(_, *numbers)] = [row for row in await reader.cells("#dispersion table") if row[0] == "events"]
    assert numbers == [shown(figures[measure, "events"]["value"], 2) for measure in ("effective_owners", "entropy")]
    [terms] = await reader.cells("#terms table")
    assert terms[:3] == ["NPS", "40.0", "60.0"]
    assert terms[3].startswith(shown(figures["success_learnt", "nps"]["value"]))
    [case] = await reader.cells("#cases table")
    assert case[:2] == ["Sales", "2"]
    coverage = await reader.page.locator("#coverage").inner_text()
    assert "fair.stand: 3" in coverage
    assert "not heard" in coverage.partition("fair.stand")[2].splitlines()[0]


@pytest.mark.long
async def test_a_figure_explains_itself_by_keyboard_with_formula_interval_n_and_certainty(reader: Reader) -> None:
    figures = await opened(reader)
    await reader.page.locator("#lines [data-measure='orphan_events|']").focus()
    await reader.page.keyboard.press("Enter")
    text = await reader.page.locator("dialog[open]").inner_text()
    row = figures["orphan_events", ""]
    for part in ("Orphan events", "Wilson", "n_eff of 30 or more", str(row["n"]), "Jan 2, 2026", "at the time"):
        assert part in text
    await reader.page.keyboard.press("Escape")
    assert await reader.page.evaluate("document.activeElement.dataset.measure") == "orphan_events|"
    await reader.page.locator("#perceived [data-measure='dont_know|web.checkout']").click()
    assert "uncertain: n_eff below 30, too few to act on" in await reader.page.locator("dialog[open]").inner_text()


@pytest.mark.long
async def test_the_period_and_the_view_are_in_the_address_and_a_wrong_period_is_said(reader: Reader) -> None:
    await opened(reader)
    assert await reader.page.locator("main [name=since]").input_value() == "2026-01-02T12:00"
    await reader.page.locator("main [name=since]").fill("2026-03-15T00:00")
    await reader.until("location.search.includes('since=2026-03-15')")
    await reader.until("document.querySelector('[data-measure=\"answers|web.checkout\"]').dataset.value === '60'")
    assert f"at={AT.replace(':', '%3A')}" in reader.page.url
    await reader.page.goto(f"{reader.home}/?page=governance&at={AT}&since=2027-01-01T00:00&lang=en")
    await reader.until("document.querySelector('#state').textContent.includes('from: give an instant before to')")
    assert [text for text in reader.complaints if "400" not in text] == []
    reader.complaints.clear()


@pytest.mark.long
async def test_what_is_shown_is_exported(reader: Reader) -> None:
    figures = list((await opened(reader)).values())
    for kind in ("json", "csv"):
        async with reader.page.expect_download() as coming:
            await reader.page.locator(f"[data-export={kind}]").click()
        download = await coming.value
        assert download.suggested_filename == f"cx-balance-governance.{kind}"
        text = await asyncio.to_thread(Path(await download.path()).read_text)
        if kind == "json":
            assert json.loads(text) == figures
        else:
            rows = list(csv.DictReader(text.splitlines()))
            assert [(row["measure"], row["subject"]) for row in rows] == [
                (one["measure"], one["subject"]) for one in figures
            ]


@pytest.mark.parametrize(
    ("lang", "word"),
    [("it", "Linee di responsabilità"), pytest.param("es", "Líneas de responsabilidad", marks=pytest.mark.long)],
)
async def test_it_speaks_the_readers_language(reader: Reader, lang: str, word: str) -> None:
    rows = await opened(reader, lang=lang)
    assert word in await reader.page.locator("#lines").inner_text()
    assert ("Cassa" if lang == "it" else "Checkout") in await reader.page.locator("#coverage").inner_text()
    await reader.page.locator("#figures summary").click()
    shown_names = {row[0] for row in await reader.cells("#figures table")}
    # Every measure has a name and an explanation of its own.
    assert shown_names.isdisjoint(measure for measure, _ in rows)


async def test_a_period_without_journeys_and_answers_says_what_to_publish(reader: Reader) -> None:
    await opened(reader, at="2026-03-01T00:00", since="2026-02-01T00:00")
    text = await reader.page.locator("main").inner_text()
    for part in ("No journeys in the period", "cxb simulate --governance 500", "Responsible for nothing"):
        assert part in text


READ = """text => [...document.querySelectorAll('main p')].filter(one => one.textContent.includes(text))
  .map(one => Boolean(one.closest('[aria-busy=true]')))"""


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("governance", "report"),
        pytest.param("touchpoints", "governance", marks=pytest.mark.long),
        pytest.param("drift", "trends", marks=pytest.mark.long),
    ],
)
async def test_what_is_still_being_read_is_busy(reader: Reader, page: str, path: str) -> None:
    arrived = asyncio.Event()

    async def held(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    pattern = f"**/api/v1/{path}?*"
    await reader.page.route(pattern, held)
    await reader.page.goto(f"{reader.home}/?page={page}&at={AT}&lang=en")
    await reader.page.wait_for_selector(f"main[data-page={page}] >> text=Being read")
    assert await reader.page.evaluate(READ, "Being read") == [True]
    arrived.set()
    await reader.shows(page)
    assert await reader.page.evaluate(READ, "Being read") == []
    await reader.page.unroute(pattern)
