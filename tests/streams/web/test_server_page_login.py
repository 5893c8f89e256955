"""The login in a real Chromium: to the form, in, back to where the reader was, and out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser

from streams.settings.settings import HttpSettings
from tests.streams.web.page_of import Reader, fill, reading, registry_of, serving
from tests.streams.web.served import TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="session")
VIEW = "/?page=drift&lang=it&at=2026-04-02T12%3A00"


@pytest.fixture(scope="module")
def door(open_module_store: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with figures and a token."""
    store = open_module_store()
    http = HttpSettings(port=0, token=TOKEN)
    with serving(store, registry_of(tmp_path_factory.mktemp("door")), http=http) as (site, address):
        fill(store, site)
        yield address


@asynccontextmanager
async def visiting(browser: Browser, door: str, **how: Any) -> AsyncIterator[Reader]:
    """A tab in which nothing goes wrong but that a token is missing."""
    async with reading(browser, door, **how) as reader:
        yield reader
        assert [text for text in reader.complaints if "401" not in text] == []
        assert reader.foreign == []


async def log_in(reader: Reader, token: str = TOKEN) -> None:
    # The form takes the focus by itself, a moment after it is in sight: what is typed before that goes nowhere.
    await reader.page.wait_for_selector("input[name=token]:focus")
    await reader.page.keyboard.type(token)
    await reader.page.keyboard.press("Enter")


async def test_by_keyboard_alone_a_reader_comes_in_to_the_view_of_the_address_and_goes_out_again(
    browser: Browser, door: str
) -> None:
    async with visiting(browser, door) as reader:
        await reader.page.goto(door + VIEW)
        await log_in(reader)
        await reader.shows("drift")
        assert reader.page.url == door + VIEW
        cookies = {cookie["name"]: cookie for cookie in await reader.page.context.cookies()}
        mark = cookies.pop("cxb-until")
        [session] = cookies.values()
        assert (session["httpOnly"], session["sameSite"], mark["httpOnly"]) == (True, "Strict", False)
        assert TOKEN not in str(cookies)
        assert session["value"] not in await reader.page.evaluate("document.cookie")
        await reader.page.locator("#logout").focus()
        await reader.page.keyboard.press("Enter")
        await reader.page.wait_for_selector("input[name=token]")
        assert await reader.page.locator("h1").inner_text() == "Accedi"
        assert await reader.page.context.cookies() == []
        await reader.page.go_back()
        await reader.page.goto(door + VIEW)
        await log_in(reader)
        await reader.shows("drift")


@pytest.mark.long
async def test_where_a_session_has_ended_the_form_leads_back_to_where_the_reader_was(
    browser: Browser, door: str
) -> None:
    async with visiting(browser, door) as reader:
        await reader.page.goto(door)
        await log_in(reader)
        await reader.shows("overview")
        await reader.page.context.clear_cookies()
        await reader.page.locator("nav a[href*='page=touchpoints']").click()
        await log_in(reader)
        await reader.shows("touchpoints")
        assert "page=touchpoints" in reader.page.url
        assert await reader.page.locator("#logout").is_visible()


@pytest.mark.long
async def test_a_link_on_another_site_opens_the_page_for_whoever_has_logged_in(browser: Browser, door: str) -> None:
    async with reading(browser, door) as reader:  # not `visiting`: the other site is foreign
        await reader.page.goto(door)
        await log_in(reader)
        await reader.shows("overview")
        other = door.replace("127.0.0.1", "localhost")
        await reader.page.goto(f"{other}/login")
        await reader.page.evaluate("address => { location.href = address }", door + VIEW)
        await reader.shows("drift")
        assert reader.page.url == door + VIEW


@pytest.mark.long
async def test_a_wrong_token_is_said_next_to_the_field_which_keeps_the_focus(browser: Browser, door: str) -> None:
    async with visiting(browser, door) as reader:
        await reader.page.goto(door + VIEW)
        await log_in(reader, "wrong")
        await reader.page.wait_for_selector("#problem:has-text('Il token non è corretto.')")
        assert await reader.page.evaluate("document.activeElement.id") == "token"
        assert await reader.page.locator("#token").get_attribute("aria-invalid") == "true"
        assert "wrong" not in reader.page.url + await reader.page.content()
        await log_in(reader)
        await reader.shows("drift")


@pytest.mark.parametrize(
    "address",
    [
        "/\\localhost:1/",
        *(
            pytest.param(one, marks=pytest.mark.long)
            for one in ("//localhost:1/", "https://localhost:1/", "/\t/localhost:1/")
        ),
    ],
)
async def test_no_address_in_the_form_leads_to_another_host(browser: Browser, door: str, address: str) -> None:
    async with visiting(browser, door) as reader:
        await reader.page.goto(f"{door}/login?next={quote(address, safe='')}")
        await log_in(reader)
        await reader.shows("overview")
        assert reader.page.url == f"{door}/"
        await reader.page.goto(f"{door}/login?next={quote(address, safe='')}")
        assert reader.page.url == f"{door}/"


async def test_hostile_texts_in_the_address_stay_text(browser: Browser, door: str) -> None:
    hostile = "\"'><script>hacked=1</script><img src=x onerror=hacked=1>"
    async with visiting(browser, door) as reader:
        for query in (f"next=/?department={quote(quote(hostile))}", f"lang={quote(hostile)}", f"next={quote(hostile)}"):
            await reader.page.goto(f"{door}/login?{query}")
            assert await reader.page.evaluate("typeof hacked") == "undefined"
            assert await reader.page.locator("script, img").count() == 0
        await reader.page.goto(f"{door}/?department={quote(hostile)}")
        await log_in(reader)
        await reader.shows("overview")
        assert await reader.page.evaluate("typeof hacked") == "undefined"


@pytest.mark.parametrize(
    ("lang", "theme"),
    [
        ("en", "light"),
        pytest.param("it", "dark", marks=pytest.mark.long),
        pytest.param("es", "auto", marks=pytest.mark.long),
    ],
)
async def test_the_form_fits_a_phone_has_no_serious_fault_of_accessibility_and_the_readers_colours(
    browser: Browser, door: str, lang: str, theme: str
) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    for width in (320, 1920):
        async with visiting(browser, door, viewport={"width": width, "height": 700}, color_scheme="dark") as reader:
            await reader.page.goto(f"{door}/?lang={lang}&theme={theme}")
            await log_in(reader, "wrong")
            await reader.page.wait_for_selector("#problem:not(:empty)")
            assert await reader.page.evaluate("document.documentElement.scrollWidth") <= width
            assert await reader.page.evaluate("document.documentElement.lang") == lang
            assert (await reader.page.evaluate(ground) == "rgb(255, 255, 255)") == (theme == "light")
            await reader.page.evaluate(AXE_FILE_PATH.read_text())
            found = await reader.page.evaluate("axe.run()")
            serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
            assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []
            assert found["passes"]


@pytest.mark.long
async def test_without_a_token_the_page_has_no_way_out_to_show(reader: Reader) -> None:
    await reader.open()
    assert not await reader.page.locator("#logout").is_visible()
