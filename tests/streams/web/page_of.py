"""The page as a reader has it: a served site with figures, in a real Chromium."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from metrics.drift.baselines import Baseline
from metrics.drift.detection import Alarm
from metrics.events.strangers import Stranger
from streams.drift import repository
from streams.figures import minutes
from streams.ingest.strangers import insert_strangers
from streams.ingest.telemetry import Telemetry
from streams.registry.file import RegistryWatcher
from streams.settings.settings import HttpSettings
from streams.store.client import Store
from streams.web.answers import Site
from streams.web.server import serve
from tests.streams.given import REGISTRY, event, facts_of, until

AT = "2026-04-02T12:00"
PAGES = ("overview", "department", "touchpoints", "drift", "governance", "what_if", "compare", "refused", "pipeline")
FLAGS = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic",
)  # fmt: skip
PATIENCE_MS = 120_000
"""Longer than the browser would wait: two files of tests at a time, and others, may hold it up."""
EARLY, LATE = datetime(2026, 3, 10, 9, tzinfo=UTC), datetime(2026, 4, 2, 9, tzinfo=UTC)


def fill(store: Store, site: Site, hostile: str = "") -> None:
    """Journeys through two owners, answers of nobody's, a drift, refused events; texts may be hostile."""
    words = {"segment": hostile[:64], "region": hostile[:64]} if hostile else {}
    sent = [event(n, score=10 if n % 4 else 0, at=EARLY, journey=f"j-{n}", **words) for n in range(40)]
    sent += [
        event(n, score=10 if n % 4 else 0, at=LATE - timedelta(days=1), journey=f"k-{n // 2}", **words)
        for n in range(300, 320)
    ]
    sent += [event(n, score=9 if n % 2 else 3, at=LATE, journey=f"j-{n - 50}", **words) for n in range(50, 90)]
    sent += [
        event(n, "conversion", at=LATE + timedelta(hours=1), journey=f"j-{n - 400}", **words) for n in range(400, 404)
    ]
    sent += governance(hostile)
    sent += [event(n, kind="survey_sent", at=EARLY, customer=f"c-{n}") for n in range(120, 130)]
    sent += [event(n, kind="visit", at=LATE, count=30, **words) for n in range(100, 110)]
    sent += [
        event(n, score=7, at=LATE, touchpoint="fair.stand", source=hostile[:64] or "fair") for n in range(200, 203)
    ]
    store.insert_facts(facts_of(sent, site.registry_watcher.current))
    list(minutes.refresh(store, timedelta(seconds=3)))
    day = 86_400
    first_s = int(LATE.timestamp()) // day * day - day
    baseline = Baseline("sales", "nps", 1, "automatic", first_s, first_s + day, day, 1000.0, 0.2, 0.8, 0.0, 1.0, 150.0)
    repository.save_baselines(store, [(baseline, "")])
    at_s = int(LATE.timestamp())
    repository.save_alarms(store, [Alarm(at_s, "sales", "nps", "down", at_s - 7200, 40.0, 30.0, baseline.id)], 0)
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    insert_strangers(store, {(hostile[:64] or "crm", hostile or "eventId"): Stranger(1204, now_ms, now_ms)})
    row = {"topic": hostile or "cx.touchpoints", "partition": 0, "fingerprint": 1, "customer": ""}
    reasons = enumerate(("not_json", "too_old"))
    store.insert_rejected(
        [
            row | {"offset": n, "reason": why, "detail": hostile or "why", "payload": hostile or "{"}
            for n, why in reasons
        ]
    )


def governance(hostile: str = "") -> list[dict[str, Any]]:
    """Facts about governance: who is said to own it, what success would be, spend, and cases open and closed."""
    role, category = hostile[:64] or "it", hostile[:64] or "rework"
    said = [
        event(f"o-{n}", "ownership_answer", at=LATE, answer="logistics" if n % 4 == 0 else "sales", role=role)
        for n in range(12)
    ]
    said += [event(f"p-{n}", "ownership_answer", at=LATE, answer="sales", role="sales") for n in range(8)]
    said += [event(f"q-{n}", "success_answer", at=LATE, metric="nps", value=40.0 + n) for n in range(20)]
    said += [event("r", "spend", at=LATE, amount="250.00", currency="EUR", category=category)]
    said += [event(f"s-{n}", "case_opened", at=LATE, case_id=f"c-{n}") for n in range(5)]
    closed = {"resolved": True, "confirmed_by_customer": False}
    later = LATE + timedelta(hours=2)
    return said + [event(f"t-{n}", "case_closed", at=later, case_id=f"c-{n}", **closed) for n in range(3)]


def registry_of(directory: Path, text: str = REGISTRY) -> Path:
    """A registry as a file; it says which spend is hidden."""
    path = directory / "registry.toml"
    path.write_text(text + '\n[spend]\nhidden = ["rework"]\n')
    return path


@contextmanager
def serving(store: Store, registry: Path, **parts: Any) -> Iterator[tuple[Site, str]]:
    """Serves from a thread with a loop of its own; gives the site and its address."""
    telemetry, latest = parts.get("telemetry", Telemetry()), parts.get("latest", lambda: None)
    site = Site(store, RegistryWatcher(registry), telemetry, latest, parts.get("ready", lambda: ""))
    site.telemetry.declare(site.registry_watcher.current.registry, time.time())
    with serving_site(site, parts.get("http", HttpSettings(port=0))) as address:
        yield site, address


@contextmanager
def serving_site(site: Site, http: HttpSettings) -> Iterator[str]:
    """Serves a site from a thread with a loop of its own; gives its address."""
    ports: list[int] = []
    begun, loop = threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()

    async def run() -> None:
        async with serve(site, http) as port:
            ports.append(port)
            begun.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        assert begun.wait(20)
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(20)
        loop.close()


@dataclass
class Reader:
    """A tab, what it complained of, and what it asked of others."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    async def open(self, **state: str) -> None:
        """Goes to a view, at an instant unless told otherwise, and waits until it shows."""
        await self.page.goto(f"{self.home}/?{urlencode({'at': AT, 'lang': 'en'} | state)}")
        await self.shows(state.get("page", "overview"))

    async def shows(self, page: str) -> None:
        await self.page.wait_for_selector(f"main[data-page={page}] section")
        # What comes later says so.
        await self.until("!document.querySelector('main [aria-busy=true]')")

    async def until(self, expression: str) -> None:
        """Waits for a condition of the page. Asked from here: the page's policy forbids it to evaluate texts."""
        await until(lambda: self.page.evaluate(expression), expression)

    async def asked(self, path: str, **query: str) -> Any:
        """What the API says to a question."""
        url = f"{self.home}/api/v1/{path}?{urlencode(query)}"
        return json.loads(await asyncio.to_thread(lambda: urlopen(url).read()))

    async def told(self, path: str, **query: str) -> Any:
        """What it says of the instant that most tests look at."""
        return await self.asked(path, **{"at": f"{AT}:00Z"} | query)

    async def cells(self, selector: str = "main table") -> list[list[str]]:
        """The texts of a table's body."""
        script = "t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.innerText.trim()))"
        found: list[list[str]] = await self.page.locator(selector).first.evaluate(script)
        return found


@asynccontextmanager
async def chromium(path: str) -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


async def context_of(browser: Browser, **how: Any) -> BrowserContext:
    """A reader's cookies and cache; 1280 by 800 unless options say otherwise."""
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-US", **how})
    context.set_default_timeout(PATIENCE_MS)
    return context


async def reader_in(context: BrowserContext, home: str) -> Reader:
    """A new tab."""
    reader = Reader(await context.new_page(), home)
    reader.page.on("console", lambda one: reader.complaints.append(one.text) if one.type == "error" else None)
    reader.page.on("pageerror", lambda error: reader.complaints.append(str(error)))
    reader.page.on(
        "request", lambda one: None if one.url.startswith((home, "blob:")) else reader.foreign.append(one.url)
    )
    return reader


@asynccontextmanager
async def reading(browser: Browser, home: str, **how: Any) -> AsyncIterator[Reader]:
    """A tab of a reader with cookies and a cache of their own."""
    context = await context_of(browser, **how)
    yield await reader_in(context, home)
    await context.close()


def one_language(languages: Iterable[str], kept: str = "en") -> list[Any]:
    """Parameters of a test in every language, of which `make test` runs one and `make test-long` the others."""
    return [lang if lang == kept else pytest.param(lang, marks=pytest.mark.long) for lang in languages]


def difference_interval(before: dict[str, Any], after: dict[str, Any]) -> tuple[float, float]:
    """The 95 % interval of how far one figure is from another, of rows that have intervals (MOVER)."""
    change = after["value"] - before["value"]
    below = hypot(after["value"] - after["ci_low"], before["ci_high"] - before["value"])
    above = hypot(after["ci_high"] - after["value"], before["value"] - before["ci_low"])
    return change - below, change + above


def shown(value: float | None, digits: int = 1) -> str:
    """A number as the page shows it in English."""
    return "\N{EN DASH}" if value is None else f"{value:,.{digits}f}"


def large_registry(departments: int, touchpoints: int) -> str:
    """A registry of so many departments, and of touchpoints that have had five owners each, one after the other."""
    lines = ['version = "large"', 'policy = "single"', 'sponsor = "ceo"']
    for number in range(departments):
        lines += ["[[department]]", f'id = "d{number}"', f'name = "Department {number}"', 'office = "front"']
    for number in range(touchpoints):
        lines += ["[[touchpoint]]", f'id = "t{number}.page"', f'name = {{ en = "Page {number}" }}']
        lines += ['stage = "during"', 'channel = "online"']
        months = [None, "2025-06-01", "2025-09-01", "2025-12-01", "2026-03-01", None]
        for turn, (begins, ends) in enumerate(pairwise(months)):
            lines += ["[[ownership]]", f'touchpoint = "t{number}.page"', f'owner = "d{(number + turn) % departments}"']
            lines += [f"from = {begins}"] if begins else []
            lines += [f"to = {ends}"] if ends else []
    for metric in ("nps", "traffic"):
        lines += ["[[target]]", f'metric = "{metric}"', "floor = 0", "internal = 40"]
    return "\n".join(lines) + "\n"
