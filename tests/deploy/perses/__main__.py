"""Makes the pictures of docs/dashboards.md: make dashboard-pictures.

A real worker with a simulated company's history and some minutes of live events is scraped by a real Prometheus; Perses
draws the dashboards' panels from it in Chromium. A panel without data is an error.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, Route, TimeoutError, sync_playwright

from tests.deploy.observed.conftest import SAMPLE, SOONER, SOURCES, come_by_http, publish, send_by_http
from tests.deploy.observing import Prometheus, prometheus, until
from tests.deploy.perses.mapping import drawn
from tests.e2e.running import instance, up
from tests.kafka.libraries import PROJECT

BOARDS: Final = PROJECT / "deploy" / "grafana" / "dashboards"
PICTURES: Final = PROJECT / "docs" / "images"
HERE: Final = Path(__file__).parent
TOOLS: Final = PROJECT / ".venv-perses"
HISTORY: Final = ("--events", "60000", "--days", "90", "--governance", "1500")
LIVE_S: Final = 270.0
"""So long live events are published: a little longer than the pictures show."""
PAST, SCRAPE = "4m", "5s"
WIDTH: Final = 1280
SLOWEST_MS: Final = 90_000
SETTLED_MS: Final = 1_500
"""How long an animation of a chart lasts, and some more."""
SEVERAL: Final = {"department": ("service|sales|marketing", "Several"), "metric": (".*", "All")}
ONE: Final = {"department": ("sales", "Sales"), "metric": ("nps", "NPS"), "horizon": ("long", "long")}
ADDRESS: Final = "/dashboards"
"""Of the page, as if Prometheus served it: a browser lets a page of another host ask nothing of this machine."""
CHOSEN: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "pipeline": {}, "governance": {}, "department": ONE, "drift": SEVERAL,
}  # fmt: skip
"""The dashboards of which a picture is made, and what is chosen on each."""
STYLE: Final = """
    body { margin: 0; background: #f4f5f5; font-family: Lato, sans-serif; }
    h1 { font-size: 20px; margin: 12px 16px 0; } h2 { font-size: 16px; margin: 8px 0 0; }
    #board { display: grid; grid-template-columns: repeat(24, 1fr); gap: 8px; padding: 8px 16px 16px; }
"""
HTML: Final = f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style><h1></h1><div id="board"></div>'


@contextmanager
def observed(directory: Path) -> Iterator[Prometheus]:
    """A Prometheus with minutes of series of a real worker, of all that the dashboards ask for."""
    (directory / "sources.toml").write_text(SOURCES)
    data = directory / "data"
    variables = {"CXB_DATA": str(data)}
    with ExitStack() as stack:
        settings = SOONER | {"CXB_SOURCES": str(directory / "sources.toml")}
        stack.enter_context(up(data, "--registry", str(SAMPLE), variables=settings))
        publish(directory, variables, *HISTORY, backfill=True)
        worker, gateway = (instance(data)[name].removeprefix("http://") for name in ("web_url", "gateway_url"))
        server = stack.enter_context(prometheus(directory / "prometheus", [worker, gateway]))
        until(lambda: server.query("cx_open_cases"), "governance is computed", 180)
        come_by_http(f"http://{gateway}", server)
        began_s, turn = time.monotonic(), 3
        while time.monotonic() < began_s + LIVE_S:
            count = 60 + 37 * turn % 80
            bad = ("--bad", "0.2") if turn % 3 == 0 else ()
            live = ("--events", str(count), "--seed", str(turn), "--days", "1", *bad)
            publish(directory, variables, *live, backfill=False)
            send_by_http(f"http://{gateway}", turn)
            turn += 1
        yield server


def photograph(browser: Browser, name: str, server: Prometheus) -> bytes:
    """A picture of the panels of a dashboard; says which were left out, and fails where one has no data."""
    board = json.loads((BOARDS / f"{name}.json").read_text())
    mapped = drawn(board, CHOSEN[name])
    for title, reason in mapped.left_out.items():
        sys.stdout.write(f"{name}: not drawn: {title}: {reason}\n")
    page = browser.new_page(viewport={"width": WIDTH, "height": 400}, locale="en-US", timezone_id="UTC")
    page.set_default_timeout(SLOWEST_MS)
    try:
        page.route("**/*", lambda route: _answer(route, server.url))
        page.goto(server.url + ADDRESS)
        page.add_script_tag(path=TOOLS / "page.js")
        page.evaluate("title => { document.querySelector('h1').textContent = title }", board["title"])
        cells = {"prometheus": server.url, "scrape": SCRAPE, "past": PAST, "cells": mapped.cells}
        page.evaluate("board => window.draw(board)", cells)
        _settle(page, sum("panel" in cell for cell in mapped.cells))
        return page.screenshot(full_page=True)
    finally:
        page.close()


def _answer(route: Route, prometheus_url: str) -> None:
    """The page itself, and what Prometheus answers; nothing else is fetched."""
    if route.request.url == prometheus_url + ADDRESS:
        route.fulfill(body=HTML, content_type="text/html")
    elif route.request.url.startswith((prometheus_url, "data:", "blob:")):
        route.continue_()
    else:
        sys.stdout.write(f"not fetched: {route.request.url}\n")
        route.abort()


def _settle(page: Page, count: int) -> None:
    """Waits until each panel shows data."""
    page.wait_for_function("count => document.querySelectorAll('.cell').length === count", arg=count)
    try:
        page.wait_for_function("window.empty().length === 0", polling=500)
    except TimeoutError as error:
        raise SystemExit(f"panels without data: {page.evaluate('window.empty()')}") from error
    page.wait_for_timeout(SETTLED_MS)


def main() -> None:
    """Makes all pictures."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None or shutil.which("prometheus") is None:
        raise SystemExit("needs Chromium and Prometheus: run make test-tools")
    if subprocess.run([HERE / "tools.sh"], check=False).returncode:
        raise SystemExit("the page that draws panels could not be built, see above")
    with (
        tempfile.TemporaryDirectory() as directory,
        observed(Path(directory)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in CHOSEN:
            picture = photograph(browser, name, server)
            path = PICTURES / f"dashboard-{name}.png"
            path.write_bytes(picture)
            subprocess.run(["node", HERE / "palette.mjs", TOOLS, path], check=True)
            sys.stdout.write(f"written: {path.name}, {path.stat().st_size:,} bytes\n")
        browser.close()


if __name__ == "__main__":
    main()
