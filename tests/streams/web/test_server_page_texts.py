"""The texts of the page in a real Chromium: in three languages, with dates as each of them says them."""

import re
from pathlib import Path

import pytest

from tests.streams.web.page_of import Reader, one_language

pytestmark = pytest.mark.asyncio(loop_scope="session")
STATIC = Path(__file__).parents[3] / "streams" / "web" / "static"


async def test_every_text_is_there_in_three_languages_with_the_same_blanks(reader: Reader) -> None:
    await reader.open()
    texts = await reader.page.evaluate("import('/static/texts.js').then(m => m.TEXTS)")
    for key, versions in texts.items():
        assert len(versions) == 3, key
        assert all(versions), key
        assert len({tuple(sorted(re.findall(r"\{\w+\}", text))) for text in versions}) == 1, key
    code = [path.read_text() for path in STATIC.rglob("*.js") if path.parent.name != "vendor"]
    named = set(re.findall(r'\bt\("(\w+)"', "".join(code)))
    assert named - set(texts) == set()


SUBJECT = """async ([language, subject]) => {
  const { subjectName } = await import('/static/measures.js');
  const { speak } = await import('/static/texts.js');
  speak(language);
  const touchpoints = [{ id: 'web.checkout', name: { en: 'Checkout', it: 'Cassa' } }];
  const world = { registry: { touchpoints }, state: { lang: language } };
  const name = subjectName(world, { measure: 'change_week', subject });
  speak('en');
  return name;
}"""


@pytest.mark.long
async def test_a_week_around_a_change_is_named_in_the_readers_language(reader: Reader) -> None:
    await reader.open()
    for language, subject, name in (
        ("en", "web.checkout week -3", "Checkout, week -3"),
        ("it", "web.checkout week +0", "Cassa, settimana +0"),
        ("es", "week +2", "la empresa, semana +2"),
    ):
        assert await reader.page.evaluate(SUBJECT, [language, subject]) == name


CHANGES = """async ([language, changes]) => {
  const { number, signed, speak } = await import('/static/texts.js');
  speak(language);
  const written = changes.flatMap(change => [signed(change), number(change)]);
  speak('en');
  return written;
}"""


async def test_what_rounds_to_zero_has_no_sign(reader: Reader) -> None:
    await reader.open()
    changes = [0.26, 0.04, 0, -0.0, -0.04, -0.26, None]
    assert await reader.page.evaluate(CHANGES, ["en", changes]) == [
        "+0.3", "0.3", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0", "-0.3", "-0.3", *[chr(0x2013)] * 2,
    ]  # fmt: skip


WRITTEN = """async ([language, form]) => {
  const { dateIn, speak } = await import('/static/texts.js');
  speak(language);
  const days = [...Array(31).keys()].map(day => dateIn(form, new Date(Date.UTC(2026, 9, day + 1)).toISOString()));
  speak('en');
  return days;
}"""
"""Every day of October 2026 as the page writes it inside a sentence."""
USUAL = {
    "en": {"on": "on ", "since": "since ", "of": "as of ", "from": "", "to": "to "},
    "it": {"on": "il ", "since": "dal ", "of": "del ", "from": "dal ", "to": "al "},
    "es": {"on": "el ", "since": "desde el ", "of": "del ", "from": "del ", "to": "al "},
}
ELIDED = {"on": "l'", "since": "dall'", "of": "dell'", "from": "dall'", "to": "all'"}


@pytest.mark.long
@pytest.mark.parametrize("language", one_language(USUAL, "it"))
async def test_every_day_of_a_month_has_the_words_that_it_needs(reader: Reader, language: str) -> None:
    await reader.open()
    for form, before in USUAL[language].items():
        days = await reader.page.evaluate(WRITTEN, [language, form])
        for number, written in enumerate(days, start=1):
            elided = language == "it" and number in (8, 11)
            day = "1º" if language == "it" and number == 1 else str(number)
            date = f"Oct {day}, 2026" if language == "en" else f"{day} {'ott' if language == 'it' else 'oct'} 2026"
            assert written == (ELIDED[form] if elided else before) + date


@pytest.mark.parametrize(
    ("lang", "story"),
    [
        ("it", "il 1º apr 2026 il punto di contatto «Cassa» è passato da Marketing a Sales"),
        pytest.param(
            "es",
            "el 1 abr 2026 el punto de contacto «Checkout» pasó de Marketing a Sales",
            marks=pytest.mark.long,
        ),
    ],
)
async def test_a_drift_is_told_in_the_readers_language(reader: Reader, lang: str, story: str) -> None:
    await reader.open(page="drift", lang=lang)
    assert story in await reader.page.locator("#drifting").inner_text()


@pytest.mark.parametrize(
    ("lang", "why"),
    [
        ("en", "stale"),
        pytest.param("it", "non aggiornato", marks=pytest.mark.long),
        pytest.param("es", "sin actualizar", marks=pytest.mark.long),
    ],
)
async def test_a_stale_figure_says_so_instead_of_a_number_and_since_when(reader: Reader, lang: str, why: str) -> None:
    await reader.open(page="department", department="sales", at="2026-04-24T12:00", lang=lang)
    shown_as = reader.page.locator("[data-explain='sales|nps|short']")
    assert why in await shown_as.inner_text()
    assert await shown_as.get_attribute("data-value") is None
    await shown_as.click()
    assert re.search(r"\b2\b.*2026", await reader.page.locator("dialog[open]").inner_text())
