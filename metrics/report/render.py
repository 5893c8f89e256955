"""A report as Markdown and as HTML: the same sentences, and no text in them can be anything but text."""

import re
from collections.abc import Iterable
from typing import Final

from metrics.report.localise import LocalisedFinding, LocalisedReport, Paragraph

# Also what some readers take for an address without any marks.
_MARKS: Final = re.compile(r"([\\`*_\[\]<>#!|~&$@]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
# What begins a list or underlines a heading.
_LISTS: Final = re.compile(r"(?m)(^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")
_SPACE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_ENTITIES: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&#39;"}
STYLE: Final = """
@page { size: A4; margin: 14mm 16mm }
body { font: 10pt/1.35 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 178mm; margin: 0 auto }
main { padding: 0 4mm }
@media print { main { padding: 0 } }
h1 { font-size: 16pt; margin: 0 } h2 { font-size: 11pt; margin: 2.6mm 0 .6mm; border-bottom: 1px solid #767676 }
h2, li { break-inside: avoid; break-after: auto } h2 { break-after: avoid }
p { margin: .6mm 0 } header p { color: #444 } ul { margin: 0; padding-left: 5mm }
li { margin: .5mm 0 } li.bad::marker { content: "\\25BC  " } li.good::marker { content: "\\25B2  " }
li.plain::marker { content: "\\2022  " } li.open::marker { content: "?  " }
b { font-weight: 600; white-space: nowrap } a { color: #0b4f9e } footer { margin-top: 3mm; font-size: 8pt; color: #444 }
"""
"""For paper: black on white, the tone by sign as well, so that no colour is needed to read it."""


def markdown(report: LocalisedReport) -> str:
    """The report as Markdown (CommonMark).

    Texts of others are escaped: no name can become a link, an image, HTML or a list.
    """
    lines = [f"# {escaped(report.title)}", "", escaped(report.period), ""]
    for paragraph in report.paragraphs:
        lines += [f"## {escaped(paragraph.title)}", ""]
        lines += [f"- {_item(statement, report.language.details)}" for statement in paragraph.statements]
        lines += [escaped(text) for text in (paragraph.nothing,) if text]
        lines += [f"- {escaped(text)}" for text in (paragraph.more,) if text]
        lines += ["", escaped(paragraph.note)] if paragraph.note else []
        lines.append("")
    return "\n".join([*lines, escaped(report.note), ""])


def _item(statement: LocalisedFinding, details: str) -> str:
    evidence = f": **{_inline(statement.evidence)}**" if statement.evidence else ""
    return f"{escaped(statement.text)}{evidence} [{details}]({statement.link})"


def escaped(text: str) -> str:
    r"""A text as Markdown shows it literally, on one line.

    >>> print(escaped("[a](b) <i>\n# c"))
    \[a\](b) \<i\> \# c
    """
    return _LISTS.sub(r"\\\1", _inline(text))


def _inline(text: str) -> str:
    return _MARKS.sub(r"\\\1", _plain(text))


def html(report: LocalisedReport) -> str:
    """The report as a page of its own: style inline, no scripts, nothing loaded; made for A4."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="{report.language.code}">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{safe(report.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            f"<header><h1>{safe(report.title)}</h1>\n<p>{safe(report.period)}</p></header>",
            *(_section(paragraph, report.language.details) for paragraph in report.paragraphs),
            f"<footer><p>{safe(report.note)}</p></footer>\n</main>\n</body>\n</html>\n",
        ]
    )


def _section(paragraph: Paragraph, details: str) -> str:
    head = f'<section aria-labelledby="{paragraph.section}"><h2 id="{paragraph.section}">{safe(paragraph.title)}</h2>'
    items = [
        _row(number, statement, details, paragraph.section) for number, statement in enumerate(paragraph.statements)
    ]
    items += [f'<li class="plain">{safe(paragraph.more)}</li>'] if paragraph.more else []
    body = f"<ul>\n{_joined(items)}\n</ul>" if items else f"<p>{safe(paragraph.nothing)}</p>"
    note = f"\n<p>{safe(paragraph.note)}</p>" if paragraph.note else ""
    return f"{head}\n{body}{note}</section>"


def _joined(items: Iterable[str]) -> str:
    return "\n".join(items)


def _row(number: int, statement: LocalisedFinding, details: str, section: str) -> str:
    evidence = f": <b>{safe(statement.evidence)}</b>" if statement.evidence else ""
    name = f"{section}-{number}"
    # Links have the same text, so the sentence around each is part of its label.
    link = f'<a href="{safe(statement.link)}" id="{name}-link" aria-labelledby="{name}-link {name}">{safe(details)}</a>'
    return f'<li class="{statement.tone}"><span id="{name}">{safe(statement.text)}</span>{evidence} {link}</li>'


def safe(text: str) -> str:
    """A text as HTML shows it literally, in an element or an attribute.

    >>> safe('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return _plain(text).translate(_ENTITIES)


def _plain(text: str) -> str:
    # Neither a line of its own nor another direction of writing.
    return _SPACE.sub(" ", text).strip()
