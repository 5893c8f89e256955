"""The report over HTTP, and as a page of its own in a real Chromium."""

import asyncio
import json
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser

from metrics.report.localise import LANGUAGES
from streams.figures import minutes
from streams.governance import report
from streams.governance.counting import Question
from streams.simulate import planted
from streams.store.client import Store
from streams.store.migrations import migrate
from streams.web.answers import Site
from tests.streams import reporting
from tests.streams.engine import EngineProcess
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of
from tests.streams.web.page_of import one_language, reading, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")
PERIOD = {"from": "2026-08-01", "to": "2026-11-29"}
EVIL = "<script>hacked=1</script><img src=x onerror=hacked=1>"


@pytest.fixture(scope="module")
def home(planted_store: Store) -> Iterator[str]:
    """The address of a site with the planted company."""
    with serving(planted_store, planted.registry()) as (_, address):
        yield address


async def ask(home: str, **query: str) -> tuple[int, str, Any]:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{home}/api/v1/report", params=query) as response,
    ):
        return response.status, await response.text(), response.headers


@pytest.mark.long
async def test_json_markdown_and_html_are_those_of_the_command(home: str, planted_store: Store) -> None:
    written = await asyncio.to_thread(report.write, planted_store, reporting.RULES, reporting.QUESTION, "it")
    status, text, _ = await ask(home, **PERIOD, lang="it")
    assert (status, json.loads(text)) == (200, json.loads(json.dumps(report.as_json(written))))
    for form, kind in (("md", "text/markdown"), ("html", "text/html")):
        _, text, headers = await ask(home, **PERIOD, lang="it", format=form)
        assert text == written.text(form)
        assert headers["Content-Type"].startswith(kind)
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.long
async def test_the_page_may_load_nothing_and_no_other_page_may_style_itself(home: str) -> None:
    _, _, headers = await ask(home, **PERIOD, format="html")
    assert headers["Content-Security-Policy"] == report.POLICY
    _, _, headers = await ask(home, **PERIOD)
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"from": "2026-03-20", "to": "2026-03-20"}, "from: give an instant before to"),
        ({"lang": "fr"}, "lang: one of en, it, es"),
        ({"format": "pdf"}, "format: one of json, md, html"),
        ({"all": "maybe"}, "all: true or false"),
        ({"measure": "x"}, "unknown parameters: measure; known: all, format, from, lang, to, view"),
    ],
)
async def test_a_wrong_parameter_is_explained(home: str, query: dict[str, str], problem: str) -> None:
    status, text, _ = await ask(home, **query)
    assert status == 400
    assert problem in json.loads(text)["error"]


@pytest.mark.parametrize("lang", one_language(LANGUAGES))
async def test_it_opens_without_a_complaint_is_accessible_and_prints_on_two_pages(
    browser: Browser, home: str, lang: str
) -> None:
    async with reading(browser, home) as reader:
        await reader.page.goto(f"{home}/api/v1/report?from=2026-08-01&to=2026-11-29&format=html&lang={lang}")
        assert await reader.page.evaluate("document.documentElement.lang") == lang
        written = json.loads((await ask(home, **PERIOD, lang=lang))[1])
        shown = re.sub(r"\s+", " ", await reader.page.inner_text("main"))
        for part in written["sections"]:
            for statement in part["statements"]:
                assert statement["text"] in shown
                assert statement["evidence"] in shown
        printed = await reader.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) in (1, 2)
        assert reader.complaints == []
        assert reader.foreign == []


@pytest.mark.long
@pytest.mark.parametrize("lang", one_language(LANGUAGES))
async def test_a_report_that_was_saved_has_no_serious_violation(
    browser: Browser, home: str, tmp_path: Path, lang: str
) -> None:
    # The page forbids scripts, also those of the examiner: a copy without that line is examined.
    _, text, _ = await ask(home, **PERIOD, format="html", lang=lang)
    saved = tmp_path / "report.html"
    saved.write_text(re.sub(r"<meta http-equiv=.*?>", "", text))
    async with reading(browser, home) as reader:
        await reader.page.goto(saved.as_uri())
        await reader.page.add_script_tag(path=AXE_FILE_PATH)
        result = await reader.page.evaluate("axe.run()")
        serious = [violation for violation in result["violations"] if violation["impact"] in ("serious", "critical")]
        assert [(violation["id"], violation["nodes"][0]["html"]) for violation in serious] == []
        assert result["passes"]


@pytest.mark.long
async def test_a_link_leads_to_the_state_of_the_page_that_it_names(browser: Browser, home: str) -> None:
    async with reading(browser, home) as reader:
        await reader.page.goto(f"{home}/api/v1/report?from=2026-08-01&to=2026-11-29&format=html&lang=es")
        await reader.page.click("a[href*='page=department'][href*='department=sales']")
        await reader.shows("department")
        assert await reader.page.evaluate("document.documentElement.lang") == "es"


async def test_hostile_texts_stay_text(browser: Browser, engine: EngineProcess, tmp_path: Path) -> None:
    store = Store(engine.settings(f"t_report_{secrets.token_hex(4)}"))
    list(migrate(store))
    path = tmp_path / "registry.toml"
    path.write_text(REGISTRY.replace('"Sales"', f"'{EVIL}'").replace('"v1"', f"'{EVIL}'"))
    compiled = rules_of(path.read_text())
    answers = [event(n, at=NOON - timedelta(days=9)) for n in range(3)]
    fact = {"kind": "ownership_answer", "source": "poll", "answer": "logistics", "role": EVIL[:64]}
    opinions = [event(f"g{n}", at=NOON, **fact) for n in range(40)]
    store.insert_facts(facts_of([*answers, *opinions], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    try:
        with serving(store, path) as (site, address):
            assert isinstance(site, Site)
            async with reading(browser, address) as reader:
                await reader.page.goto(f"{address}/api/v1/report?from=2026-02-01&to=2026-05-01&format=html")
                assert await reader.page.locator("script, img").count() == 0
                assert EVIL in await reader.page.inner_text("main")
                assert await reader.page.title() != ""
                assert reader.complaints == []
        question = Question(NOON - timedelta(days=60), NOON + timedelta(days=30))
        assert "<script" not in report.write(store, compiled, question).text("md").replace("\\<", "")
    finally:
        store.command(f"DROP DATABASE IF EXISTS {store.database}", use_database=False)
        store.close()
