"""A file of sources that tests vary."""

from typing import Any

from metrics.sources.mapping import SourceMapping
from metrics.sources.parsing import Ready, parse_sources

BASE = """
[[source]]
name = "shop"
topic = "shop.*"

[source.fields]
event_id = { path = "id" }
occurred_at = { path = "at" }
touchpoint = "web.checkout"

[[source.event]]
kind = "nps"
score = { path = "score" }
"""
RECORD: dict[str, Any] = {"id": "e-1", "at": "2026-11-22T09:59:30Z", "score": 9}
EVENT = {
    "event_id": "e-1", "source": "shop", "kind": "nps", "touchpoint": "web.checkout",
    "occurred_at": "2026-11-22T09:59:30Z", "score": 9,
}  # fmt: skip


def mapping(text: str = BASE, ready: Ready | None = None) -> SourceMapping:
    """The mapping of a file's first source."""
    return SourceMapping(parse_sources(text, ready or {})[0])


def one_field(name: str, rule: str, kind: str = "nps") -> SourceMapping:
    """A mapping of which one field is filled by a rule."""
    score = "" if name == "score" or kind not in ("nps",) else 'score = { path = "score" }\n'
    touchpoint = "" if name == "touchpoint" else 'touchpoint = "web.checkout"\n'
    at = "" if name == "occurred_at" else 'occurred_at = { path = "at" }\n'
    identity = "" if name == "event_id" else 'event_id = { path = "id" }\n'
    given_kind = "" if name == "kind" else f'kind = "{kind}"\n'
    return mapping(
        f'[[source]]\nname = "shop"\n[[source.event]]\n{given_kind}{identity}{at}{touchpoint}{score}{name} = {rule}\n'
    )
