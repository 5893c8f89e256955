"""The documents as a site (`make docs`): complete, searchable from a file, and nothing fetched from elsewhere."""

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, sync_playwright

from tests.documents import DOCUMENTS, PROJECT
from tests.tools import chromium_program

MKDOCS = PROJECT / ".venv-docs" / "bin" / "mkdocs"
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|embed|link)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//|url\(["']?https?:"""
)
SHIM_SHA256 = "e8e412dbcfea9b7e31b5ffa288d7b6035915e714c542f4176a0cdbe262fc9609"
"""shim/index.js of iframe-worker 1.0.4, as npm has it."""


def build(to: Path, configuration: Path = PROJECT / "mkdocs.yml") -> subprocess.CompletedProcess[str]:
    """Builds the site; a skip without mkdocs, an error under CXB_REQUIRE_TOOLS=1."""
    if not MKDOCS.exists():
        reason = "no mkdocs: run make docs"
        if os.environ.get("CXB_REQUIRE_TOOLS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    command: list[str | Path] = [MKDOCS, "build", "--strict", "--config-file", configuration, "--site-dir", to]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("site")
    done = build(path)
    assert done.returncode == 0, done.stderr
    return path


def test_every_document_is_a_page_in_the_navigation(site: Path) -> None:
    text = (PROJECT / "mkdocs.yml").read_text()
    named = set(re.findall(r"[\w/-]+\.md$", text, re.MULTILINE))
    inside = {str(path.relative_to(PROJECT / "docs")) for path in DOCUMENTS if path.is_relative_to(PROJECT / "docs")}
    assert named >= inside
    pages = {page.replace("README.md", "index.md").replace(".md", ".html") for page in named}
    assert {page for page in pages if not (site / page).exists()} == set()


def test_the_pages_fetch_nothing_from_another_host(site: Path) -> None:
    files = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert len(files) > 40
    assert {str(path): FETCHED.findall(path.read_text()) for path in files if FETCHED.search(path.read_text())} == {}


def test_what_would_be_fetched_or_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    for path in (
        "docs/hooks.py",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "deploy/README.md",
        "deploy/helm/cx-balance/README.md",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text((PROJECT / path).read_text() if path.endswith(".py") else "A page.")
    configuration = tmp_path / "mkdocs.yml"
    parts = {"site_name": "x", "docs_dir": "docs", "hooks": ["docs/hooks.py"], "exclude_docs": "hooks.py"}
    links = {"links": {"anchors": "warn", "not_found": "warn"}}
    configuration.write_text(
        yaml.safe_dump(parts | {"theme": {"name": "material", "font": False}, "validation": links})
    )
    for text, said in (
        ("fine", ""),
        ("[gone](gone.md)", "gone.md"),
        ("# A\n[gone](#gone)", "#gone"),
        ("![x](https://example.org/x.png)", "fetch from another host"),
    ):
        (docs / "index.md").write_text(text)
        done = build(tmp_path / "site", configuration)
        assert (done.returncode == 0) == (said == ""), done.stderr
        assert said in done.stderr


def test_the_script_for_searching_from_a_file_is_the_published_one() -> None:
    script = PROJECT / "docs" / "assets" / "iframe-worker" / "shim.js"
    assert hashlib.sha256(script.read_bytes()).hexdigest() == SHIM_SHA256
    assert "Permission is hereby granted" in script.with_name("LICENSE.txt").read_text()


def test_a_browser_finds_a_word_and_asks_no_other_host(site: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox"])
        page = browser.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        links = _search(page, site, "myopia", "glossary.html")
        browser.close()
    assert any("glossary.html" in link for link in links)
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert any(url.endswith("search_index.js") for url in requests)


def _search(page: Page, site: Path, word: str, wanted: str) -> list[str]:
    """The addresses of what a search from the first page shows, once a wanted page is among them."""
    page.goto((site / "index.html").as_uri())
    field = page.locator("input.md-search__input")
    field.click()
    field.press_sequentially(word)
    # The list changes with each letter that is typed: it is read at once, when the whole word was looked up.
    page.locator(f'.md-search-result__link[href*="{wanted}"]').first.wait_for(timeout=20_000)
    links: list[str] = page.locator(".md-search-result__link").evaluate_all("links => links.map(link => link.href)")
    return links
