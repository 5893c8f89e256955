"""What the schemas and the decoder say of an event."""

import json
from typing import Any

import jsonschema_rs

from metrics.catalogue import ALL_KINDS
from metrics.contract.json_schema import documents
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.rejection import Reason

DOCUMENTS = documents()
STAMP_MS = 1_795_341_600_000  # 2026-11-22T10:00:00Z
OF_ANY_AGE = RecordLimits(max_age_ms=10**15, max_ahead_ms=10**15)

# Its regular expressions are those of the specification, ECMA-262.
_VALIDATORS = {name: jsonschema_rs.Draft202012Validator(it, validate_formats=True) for name, it in DOCUMENTS.items()}


def validator_of(event: Any) -> str:
    """The name of the schema that an event has to obey: its kind's; any event's where it has none of ours."""
    kind = event.get("kind") if isinstance(event, dict) else None
    return kind if isinstance(kind, str) and kind in ALL_KINDS else "event"


def is_of_schema(event: Any) -> bool:
    """Whether the schema of its kind accepts it; that of any event must agree."""
    accepted = _VALIDATORS[validator_of(event)].is_valid(event)
    assert _VALIDATORS["event"].is_valid(event) == accepted
    return accepted


def rejection_of(value: bytes | dict[str, Any], limits: RecordLimits = OF_ANY_AGE) -> Reason | None:
    """Why the decoder rejects an event; None where it accepts it."""
    encoded = value if isinstance(value, bytes) else json.dumps(value).encode()
    run = decode_run([encoded], [STAMP_MS], limits)
    return None if run.events else run.rejected[0][1].reason
