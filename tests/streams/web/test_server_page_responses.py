"""How many invitations were answered, in a real Chromium: the numbers are the API's, in three languages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from streams.figures import minutes
from streams.store.client import Store
from streams.web.answers import Site
from tests.streams.given import event, facts_of
from tests.streams.web.page_of import AT, EARLY, LATE, Reader, registry_of, serving, shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
NOW = f"{AT}:00Z"
PERIOD = {"from": f"{datetime.fromisoformat(NOW) - timedelta(days=91):%FT%TZ}", "to": NOW}
DAY = timedelta(days=1)
MARKS = """all => all.map(({ dataset: d, classList }) => [
  Number(d.value), Number(d.low), Number(d.high), classList.contains('uncertain')])"""
WHY = {
    "too_recent": "all are still open", "n_eff<5": "too few: n_eff<5",
    "more_answers_than_invitations": "more answers than invitations",
}  # fmt: skip
WORDS = {
    "en": ("Response rate", "Invitations sent Jan 1, 2026 to Mar 26, 2026: 12 of 44 answered within seven days"),
    "it": ("Tasso di risposta", "Inviti inviati dal 1º gen 2026 al 26 mar 2026: 12 su 44 con risposta entro sette"),
    "es": ("Tasa de respuesta", "Invitaciones enviadas del 1 ene 2026 al 26 mar 2026: 12 de 44 respondidas en siete"),
}


def invited(store: Store, site: Site) -> None:
    """Invitations of each sort: answered and not, too few, still open, without a customer; and a department of none."""

    def sent(name: str, count: int, touchpoint: str, at: datetime = EARLY, **who: Any) -> list[dict[str, Any]]:
        return [
            event(f"{name}-{n}", "survey_sent", at, touchpoint=touchpoint, **{"customer": f"{name}-{n}"} | who)
            for n in range(count)
        ]

    events = [
        *sent("web", 40, "web.checkout"),
        *(event(n, at=EARLY + DAY, customer=f"web-{n}") for n in range(12)),
        *sent("few", 4, "web.cart"),
        *sent("young", 3, "web.help", at=LATE - 5 * DAY),
        *sent("box", 20, "delivery.box", customer=None),
        *(event(f"b-{n}", at=EARLY + DAY, touchpoint="delivery.box", customer=None) for n in range(30)),
        *sent("door", 10, "delivery.door", customer=None),
        *(event(f"d-{n}", at=EARLY + DAY, touchpoint="delivery.door", customer=None) for n in range(4)),
    ]
    store.insert_facts(facts_of(events, site.registry_watcher.current))
    list(minutes.refresh(store, timedelta(seconds=3)))


@pytest.fixture(scope="module")
def home(open_module_store: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with invitations."""
    store = open_module_store()
    with serving(store, registry_of(tmp_path_factory.mktemp("page"))) as (site, address):
        invited(store, site)
        yield address


async def rates_of(reader: Reader, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await reader.asked("responses", **PERIOD, **query)
    return found


def said(row: dict[str, Any]) -> list[str]:
    """The cells of a touchpoint, without its name and its picture."""
    value = f"no figure ({WHY[row['suppressed']]})" if row["suppressed"] else shown(row["value"])
    span = "\N{EN DASH}" if row["ci_low"] is None else f"{shown(row['ci_low'])} … {shown(row['ci_high'])}"
    is_uncertain = not row["suppressed"] and row["n_eff"] < 30
    basis = " (by numbers: most name no customer)" if row["basis"] == "counts" else ""
    return [value + " uncertain" * is_uncertain, span, f"{row['answered']} / {row['n']}{basis}", str(row["open"])]


async def test_rates_by_touchpoint_and_in_all_are_the_apis_lowest_first(reader: Reader) -> None:
    for department in ("marketing", "logistics", "company"):
        await reader.open(page="department", department=department)
        await reader.until("document.querySelector('#responses tbody tr')")
        rows = await rates_of(reader, department=department, by="touchpoint")
        assert rows
        rows.sort(key=lambda row: row["value"] if row["value"] is not None else 101)
        assert [row[2:] for row in await reader.cells("#responses table")] == [said(row) for row in rows]
        marks = await reader.page.locator("#responses circle").evaluate_all(MARKS)
        assert marks == [
            [row["value"], row["ci_low"], row["ci_high"], row["n_eff"] < 30] for row in rows if not row["suppressed"]
        ]
        [whole] = await rates_of(reader, department=department, by="department")
        sentence = await reader.page.locator("#responses p").first.inner_text()
        value = said(whole)[0].removesuffix(" uncertain")
        assert f"{whole['answered']} of {whole['n']} answered" in sentence
        assert value in sentence
        assert f"Still open: {whole['open']}." in sentence
        assert ("by numbers" in sentence) == (whole["basis"] == "counts")
    names = [row[0] for row in await reader.cells("#responses table")]
    assert "Checkout · Marketing" in names


@pytest.mark.long
async def test_rates_are_said_in_three_languages_and_fit_a_phone(reader: Reader) -> None:
    await reader.page.set_viewport_size({"width": 320, "height": 700})
    for lang, (title, sentence) in WORDS.items():
        await reader.open(page="department", department="marketing", lang=lang)
        await reader.until("document.querySelector('#responses tbody tr')")
        assert await reader.page.locator("#responses h2").inner_text() == title
        assert sentence in await reader.page.locator("#responses p").first.inner_text()
        assert await reader.page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.long
async def test_a_department_that_invites_nobody_has_no_response_rate(reader: Reader) -> None:
    async with reader.page.expect_response(lambda one: "/responses" in one.url and "by=touchpoint" in one.url):
        await reader.open(page="department", department="sales")
    await reader.until("document.querySelector('#trends')")
    assert await reader.page.locator("#responses").count() == 0
    # By the owner of today, the same invitations are its own.
    await reader.open(page="department", department="sales", view="as_is")
    await reader.until("document.querySelector('#responses tbody tr')")
