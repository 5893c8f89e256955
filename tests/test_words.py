"""Words that readers stumbled over are in no text of the report, the page, the dashboards and the alerts."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from html.parser import HTMLParser
from typing import Any

import pytest

from metrics.catalogue import METRICS
from metrics.report.localise import LANGUAGES
from streams.web.access.texts import LOGIN_TEXTS
from tests.kafka.libraries import PROJECT

STATIC = PROJECT / "streams" / "web" / "static"
TRIPLE = re.compile(r'(\w+|"[^"]+"): \[("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\]')
WORDS_OF_PANELS = ("title", "description", "legendFormat", "label", "text")
BANNED = {
    "en": (
        "mend", "anew", "beside", "seldom", "dear", "thrice", "told", "tells?", "whom people",
        "whose (?:it|they|alert)",
        "since ever", "for good", "is the matter", "bear out", "would tell", "put to chance",
        "questions were", "of a change of owner days", "less content", "take another", "for the owner",
        "what drifts", "less (?:short|long|declared|that|as|share)", "index less", "of that instant",
        "makes? .{1,20} of it", "is away", "away or", "store away", "kafka away", "not yet taken", "lines lack",
        "how far the registry", "colours", "as the system", "that counts", "most that", "thin hours",
        "taken together", "takes no more", "for a name", "way to people", "matters to nobody", "is named by",
        "refus(?:ed|al|als)", "blames? nobody", "a journey$", "sent through again", "stands in other budgets",
    ),
    "it": (
        "efficac[ei]", "bilanci", "credut[oi]", "interrogat[oi]", "nominat[oi] da", "nominano", "breve contro",
        "si muove, e di chi", "cuoc[oh]i?", "dal vivo", "governo", "fedeltà", "interazioni cattive", "inizio [0-9{]+",
        "proprietari", "come il sistema", "quell'istante", "dell'obiettivo [0-9]", "derive", "deriva", "i più credono",
    ),
    "es": (
        "corto contra", "corto frente a largo:", "cociner[oa]s?", "nombra al menos", "nombra a lo sumo", "dueños?",
        "gobierno", "a quién se toma", "más cocineros", "como el sistema", "ese instante", "admite la",
        "rehusad[oa]s?", "alarmas?", "derivas?",
    ),
}  # fmt: skip


def matches(language: str, text: str) -> list[str]:
    """The banned words of a language in a text."""
    found = re.finditer(rf"(?<!\w)(?:{'|'.join(BANNED[language])})(?!\w)", text, re.IGNORECASE)
    return [match.group() for match in found]


def strings(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from strings(part)
    else:
        yield str(value)


def of_report(code: str) -> list[str]:
    language = LANGUAGES[code]
    return [text for field in fields(language) for text in strings(getattr(language, field.name))]


def page_texts() -> dict[str, tuple[str, str, str]]:
    """The page's texts by key: English, Italian, Spanish."""
    source = "".join(path.read_text() for path in (STATIC / "texts.js", *sorted((STATIC / "texts").glob("*.js"))))
    found = ((key, [json.loads(text) for text in texts]) for key, *texts in TRIPLE.findall(source))
    return {key.strip('"'): (en, it, es) for key, (en, it, es) in found}


class Shown(HTMLParser):
    """The texts of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def of_page(code: str) -> list[str]:
    texts = [versions[("en", "it", "es").index(code)] for versions in page_texts().values()]
    shown = Shown()
    shown.feed(STATIC.joinpath("index.html").read_text())
    return [*texts, *(shown.texts if code == "en" else ())]


def panel_texts(value: Any) -> Iterator[str]:
    """What a reader of a dashboard sees."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in WORDS_OF_PANELS and isinstance(part, str):
                yield part
            yield from panel_texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from panel_texts(part)


def dashboards() -> list[str]:
    folder = PROJECT / "deploy" / "grafana" / "dashboards"
    return [text for path in folder.glob("*.json") for text in panel_texts(json.loads(path.read_text()))]


def summaries() -> list[str]:
    rules = (PROJECT / "deploy" / "prometheus" / "rules").glob("*.yml")
    texts = "\n".join(path.read_text() for path in rules)
    looked_up = re.findall(
        r"(?:summary|description): >-\n *\{\{ with query .*?\{\{ else \}\}(\w.*)\{\{ end \}\}", texts
    )
    return [*re.findall(r'(?:summary|description): "(.*)"', texts), *looked_up]


def written_by_the_worker() -> list[str]:
    """The texts in the source of what writes alerts."""
    nodes = ast.walk(ast.parse((PROJECT / "metrics" / "report" / "alert_texts.py").read_text()))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


TEXTS = {
    **{f"report-{code}": (code, of_report(code), 130) for code in LANGUAGES},
    **{f"page-{code}": (code, of_page(code), 250) for code in LANGUAGES},
    **{f"login-{code}": (code, list(strings(asdict(texts))), 9) for code, texts in LOGIN_TEXTS.items()},
    "dashboards-en": ("en", dashboards(), 200),
    "alerts-en": ("en", [*summaries(), *written_by_the_worker()], 120),
}


@pytest.mark.parametrize(("language", "texts", "least"), TEXTS.values(), ids=TEXTS)
def test_no_text_has_a_word_that_readers_stumbled_over(language: str, texts: list[str], least: int) -> None:
    assert len(texts) >= least
    assert [(text, words) for text in texts if (words := matches(language, text))] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Mend the publisher"), ("en", "What drifts, and whose it is"), ("en", "Long less short"),
        ("en", "Switchboard makes 94% of it"), ("en", "Whom people take for the owner"),
        ("en", "None that the figures bear out."), ("en", "it: most take X for the owner of Y"),
        ("en", "Records not yet taken"), ("en", "0 is the floor, 150 the most that counts"),
        ("it", "2,0 responsabili efficaci"), ("it", "sta in altri bilanci"), ("it", "Chi è creduto il responsabile"),
        ("it", "ha più cuochi di quanti"), ("it", "dal vivo"), ("it", "è in calo, inizio 30 agosto"),
        ("es", "Corto contra largo plazo"), ("es", "tiene más cocineros de los que"),
        ("es", "la mitad de ellos nombra al menos"),
    ],
)  # fmt: skip
def test_the_words_of_before_would_be_noticed(language: str, text: str) -> None:
    assert matches(language, text)


@pytest.mark.parametrize("code", LANGUAGES)
def test_page_and_report_call_a_metric_by_the_same_name(code: str) -> None:
    names = {key: versions[("en", "it", "es").index(code)] for key, versions in page_texts().items()}
    for metric in METRICS:
        # A report says of a volume that it is one of a day.
        assert LANGUAGES[code].metrics[metric].name.lower().startswith(names[metric].lower()), metric


def test_the_page_says_the_same_in_its_document_as_in_its_texts() -> None:
    html = STATIC.joinpath("index.html").read_text()
    named = re.findall(r'data-text="(\w+)">([^<]*)<', html)
    assert len(named) > 10
    assert [text for key, text in named if page_texts()[key][0] != text] == []


def test_an_alert_begins_with_a_capital_or_a_number() -> None:
    assert [text for text in summaries() if not re.match(r"[A-Z]|\{\{ \$value \|", text)] == []
