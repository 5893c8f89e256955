"""The events of the job as records of a source: the same JSON, mapped by its fields, or Avro by a registry's schema."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Final, Literal

import fastavro

from tests.streams.schemas import framed, schema_server

Form = Literal["native", "json", "avro"]
"""How a contestant gets the events: as our own, as JSON that is mapped, as Avro that is mapped."""

_SCHEMA_ID: Final = 7
_TEXT: Final = ["null", "string"]
_SCHEMA: Final[dict[str, Any]] = {
    "type": "record",
    "name": "bench.Touch",
    "fields": [
        {"name": "event_id", "type": "string"},
        {"name": "source", "type": _TEXT},
        {"name": "kind", "type": "string"},
        {"name": "touchpoint", "type": "string"},
        {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "customer", "type": "string"},
        {"name": "segment", "type": "string"},
        {"name": "journey", "type": "string"},
        {"name": "score", "type": ["null", "int"]},
        {"name": "count", "type": ["null", "int"]},
        {"name": "amount", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}]},
        {"name": "currency", "type": _TEXT},
    ],
}
_PARSED: Final = fastavro.parse_schema(_SCHEMA)
_SOURCES: Final = """
[[source]]
name = "foreign"
topic = "TOPIC"
format = "FORMAT"
[source.fields]
event_id = { path = "event_id" }
source = { path = "source" }
touchpoint = { path = "touchpoint" }
occurred_at = { path = "occurred_at" }
customer = { path = "customer" }
segment = { path = "segment" }
journey = { path = "journey" }
[[source.event]]
when = "kind == 'nps'"
kind = "nps"
score = { path = "score" }
[[source.event]]
when = "kind == 'csat'"
kind = "csat"
score = { path = "score", scale = { from = [1, 5] } }
[[source.event]]
when = "kind == 'ces'"
kind = "ces"
score = { path = "score", scale = { from = [1, 7] } }
[[source.event]]
when = "!(kind == 'nps' || kind == 'csat' || kind == 'ces')"
kind = { path = "kind" }
count = { path = "count" }
amount = { path = "amount" }
currency = { path = "currency" }
"""


def sources_text(topic: str, form: Form) -> str:
    """The file of sources of a contestant."""
    return _SOURCES.replace("TOPIC", topic).replace("FORMAT", form)


def as_avro(value: bytes) -> bytes:
    """A value of the job in Confluent's wire format; what is no JSON stays, and so is no record of the schema."""
    try:
        event = json.loads(value)
    except ValueError:
        return framed(_SCHEMA_ID, value)
    event["occurred_at"] = datetime.fromisoformat(event["occurred_at"])
    if "amount" in event:
        event["amount"] = Decimal(event["amount"])
    content = BytesIO()
    fastavro.schemaless_writer(content, _PARSED, event)
    return framed(_SCHEMA_ID, content.getvalue())


@contextmanager
def schema_registry() -> Iterator[str]:
    """A registry that has the one schema; its address."""
    with schema_server() as server:
        server.add(_SCHEMA_ID, _SCHEMA)
        yield server.settings.url
