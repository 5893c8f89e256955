"""What short-term metrics foretell, on a department's page in a real Chromium: a sentence where it can be told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from playwright.async_api import Browser

from metrics.governance.weeks import SurrogateReading
from streams.figures import minutes
from tests.streams.given import facts_of
from tests.streams.governance.test_surrogates import AT, busy_weeks
from tests.streams.web.page_of import one_language, reading, registry_of, serving, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
SENTENCES = {
    "en": "With Traffic at +10.0 %, NPS has moved by +{} points (95 % interval {} … {}) 3 weeks later: "
    "the long term follows.",
    "it": "Con Visite a +10,0 %, NPS ha avuto 3 settimane dopo una variazione di +{} punti "
    "(intervallo al 95 %: {} … {}): il lungo termine segue.",
    "es": "Con Visitas a +10,0 %, NPS ha variado 3 semanas después en +{} puntos (intervalo del 95 %: {} … {}): "
    "el largo plazo lo sigue.",
}


@pytest.fixture(scope="module")
def busy(open_module_store: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with eighty weeks, in which answers follow visits."""
    store = open_module_store()
    with serving(store, registry_of(tmp_path_factory.mktemp("page"))) as (site, address):
        store.insert_facts(facts_of(busy_weeks(), site.registry_watcher.current))
        list(minutes.refresh(store, timedelta(seconds=3)))
        yield address


@pytest.mark.parametrize("lang", one_language(SENTENCES))
async def test_what_can_be_told_is_a_sentence_with_its_interval_under_the_departments_balance(
    browser: Browser, busy: str, lang: str
) -> None:
    async with reading(browser, busy) as reader:
        await reader.open(page="department", department="sales", at=f"{AT:%FT%R}", lang=lang)
        [pair] = (await reader.told("surrogates", at=f"{AT:%FT%TZ}", department="sales"))["pairs"]
        figures = [shown(pair[name]) for name in ("effect", "effect_low", "effect_high")]
        figures = figures if lang == "en" else [figure.replace(".", ",") for figure in figures]
        sentence = SENTENCES[lang].format(*figures)
        assert await reader.page.locator("#card + .foretold").all_inner_texts() == [sentence]
        assert reader.complaints == []


@pytest.mark.long
async def test_what_cannot_be_told_stays_silent(browser: Browser, busy: str) -> None:
    async with reading(browser, busy) as reader:
        for department, at in (("marketing", AT), ("sales", AT - timedelta(weeks=30))):
            await reader.open(page="department", department=department, at=f"{at:%FT%R}")
            assert await reader.page.locator(".foretold").count() == 0
        assert reader.complaints == []


@pytest.mark.long
async def test_every_reading_that_can_be_told_has_a_sentence(browser: Browser, busy: str) -> None:
    async with reading(browser, busy) as reader:
        await reader.open()
        texts = await reader.page.evaluate("import('/static/texts.js').then(m => Object.keys(m.TEXTS))")
        assert {f"reads_{name}" for name in get_args(SurrogateReading)} - set(texts) == {"reads_cannot_be_told"}
