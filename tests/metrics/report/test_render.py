"""Markdown and HTML say the same, and whatever people wrote stays text."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.governance.estimates import Estimate
from metrics.report.assembly import Report, ReportSection, make
from metrics.report.findings import Finding
from metrics.report.localise import LANGUAGES, LocalisedReport, localise
from metrics.report.render import escaped, html, markdown, safe
from metrics.report.texts_en import ENGLISH
from tests.metrics.report.calm import REGISTRY, calm
from tests.metrics.report.given import AT_S, SINCE_S, registry

EVIL = '<script>hacked=1</script>"><img src=x onerror=hacked=1> '
EVIL += "[a](javascript:b) ![c](d) `e` **f** | www.g.h {i}\n# j\n- k"


class Reader(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def told_of(role: str) -> LocalisedReport:
    finding = Finding("mistaken_owner", "it", "web", "sales", role=role, estimate=Estimate(0.2, (0.1, 0.3), 90, 90.0))
    return localise(Report(SINCE_S, AT_S, role, 1, (ReportSection("perception", (finding,), 0),)), registry(), ENGLISH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_and_html_have_the_same_sentences_and_figures(language: str) -> None:
    report = localise(make(calm(1)), REGISTRY, LANGUAGES[language])
    text = re.sub(r"\\(.)", r"\1", markdown(report))
    reader = read(html(report))
    for paragraph in report.paragraphs:
        assert paragraph.title in text
        assert paragraph.title in reader.text
        for one in paragraph.statements:
            for form in (text, reader.text):
                assert one.text in form
                assert one.evidence in form
            assert f"({one.link})" in text
            assert ("href", one.link) in reader.attributes
    assert report.note in text
    assert report.note in reader.text
    assert ("lang", language) in reader.attributes


def test_the_languages_make_the_same_statements_with_the_same_figures() -> None:
    report = make(calm(1))
    languages = [localise(report, REGISTRY, one) for one in LANGUAGES.values()]
    findings = [
        [one.finding for paragraph in localised.paragraphs for one in paragraph.statements] for localised in languages
    ]
    assert findings[0] == findings[1] == findings[2] != []
    digits = [
        [re.sub(r"\D", "", one.evidence) for paragraph in localised.paragraphs for one in paragraph.statements]
        for localised in languages
    ]
    # "100" stands in every language alike.
    assert digits[0] == digits[1] == digits[2]


@given(st.text(max_size=60))
@settings(deadline=None)
def test_whatever_a_role_is_called_the_page_has_the_same_elements(role: str) -> None:
    assert read(html(told_of(role))).tags == read(html(told_of("clerk"))).tags


def test_a_hostile_text_is_shown_as_it_is() -> None:
    page = read(html(told_of(EVIL)))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert EVIL.replace("\n", " ") in page.text
    line = next(line for line in markdown(told_of(EVIL)).splitlines() if "hacked" in line and line.startswith("- "))
    assert not re.search(r"(?<!\\)[<`]|(?<!\\)\[(?!details\])|(?<!\\)!", line)
    assert r"www\.g" in line


@given(st.text(max_size=60))
@settings(deadline=None)
def test_no_text_leaves_its_line_of_markdown_or_begins_a_list(text: str) -> None:
    found = escaped(text)
    assert len(found.splitlines()) <= 1
    assert not re.match(r"[-+*>#=]|\d{1,2}[.)]", found)


def test_characters_that_turn_the_direction_of_writing_are_taken_out() -> None:
    assert safe("a\u202eb\u2066c\x00d") == "a b c d"


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    page = html(told_of("clerk"))
    assert "default-src 'none'" in page
    assert not re.search(r"<script|src=|@import|url\(|\bon\w+=", page)
