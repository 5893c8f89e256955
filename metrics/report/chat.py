"""A report as chats show it: each has its own marks, and no name in it can become one of them."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from metrics.report.localise import LocalisedReport
from metrics.report.render import escaped

MOST_CHARACTERS: Final = 24_000
"""Characters of one message: Teams takes 28 kB, Slack 40,000 characters."""
_SLACK: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
# Slack makes something of these only where they touch a word; a zero-width space keeps them what they are.
_UNMARKED: Final = {ord(mark): f"\u200b{mark}\u200b" for mark in "*_~`"}


def slack(report: LocalisedReport, channel: str | None = None) -> dict[str, Any]:
    """The body of a message to an incoming webhook of Slack."""

    def plain(text: str) -> str:
        return " ".join(text.split()).translate(_SLACK).translate(_UNMARKED)

    text = _shortened(_lines(report, plain, lambda title: f"*{title}*", "• "))
    return {"text": text, **({"channel": channel} if channel else {})}


def teams(report: LocalisedReport) -> dict[str, Any]:
    """The body of a message to a workflow of Microsoft Teams: an adaptive card of one text."""
    text = _shortened(_lines(report, escaped, lambda title: f"\n**{title}**\n", "- "))
    block = {"type": "TextBlock", "text": text, "wrap": True}
    card = {"type": "AdaptiveCard", "version": "1.4", "body": [block], "msteams": {"width": "Full"}}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _lines(
    report: LocalisedReport, plain: Callable[[str], str], strong: Callable[[str], str], bullet: str
) -> Iterator[str]:
    yield strong(plain(report.title))
    yield plain(report.period)
    for paragraph in report.paragraphs:
        yield strong(plain(paragraph.title))
        for item in paragraph.statements:
            evidence = f": {plain(item.evidence)}" if item.evidence else ""
            yield f"{bullet}{plain(item.text)}{evidence}"
        yield from (plain(text) for text in (paragraph.nothing, paragraph.more, paragraph.note) if text)
    yield plain(report.note)


def _shortened(lines: Iterator[str]) -> str:
    """Whole lines, as many as one message takes."""
    text = "\n".join(lines)
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS].rpartition("\n")[0] + "\n..."
