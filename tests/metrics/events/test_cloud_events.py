"""CloudEvents: the data comes out as it is, and an envelope that is none is rejected with the attribute at fault."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.cloud_events import data_of
from metrics.events.rejection import Reason, Rejected

SOUND: dict[str, Any] = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "t"}


@given(st.binary(max_size=100))
def test_data_in_base64_is_what_was_packed(data: bytes) -> None:
    assert data_of(json.dumps({**SOUND, "data_base64": base64.b64encode(data).decode()}).encode()) == data


def test_extensions_and_other_attributes_change_nothing() -> None:
    more = {"time": "2026-01-01T00:00:00Z", "subject": "x", "dataschema": "urn:x", "tenant": {"a": 1}}
    assert data_of(json.dumps({**SOUND, **more, "data": {"a": 1}}).encode()) == b'{"a": 1}'


@pytest.mark.parametrize(
    ("envelope", "reason", "field"),
    [
        ({}, Reason.MISSING_FIELD, "specversion"),
        ({**SOUND, "source": "", "data": {}}, Reason.MISSING_FIELD, "source"),
        ({**SOUND, "specversion": "1.0.2", "data": {}}, Reason.BAD_VALUE, "specversion"),
        ({**SOUND, "datacontenttype": "application/xml", "data": "<x/>"}, Reason.BAD_VALUE, "datacontenttype"),
        (SOUND, Reason.MISSING_FIELD, "data"),
        ({**SOUND, "data": {}, "data_base64": "e30="}, Reason.MISSING_FIELD, "data"),
        ({**SOUND, "data_base64": "*"}, Reason.BAD_TYPE, "data_base64"),
        ({**SOUND, "id": 1, "data": {}}, Reason.NOT_AN_OBJECT, ""),
        ([SOUND], Reason.NOT_AN_OBJECT, ""),
    ],
)
def test_a_wrong_envelope_names_what_is_at_fault(envelope: object, reason: Reason, field: str) -> None:
    verdict = data_of(json.dumps(envelope).encode())
    assert isinstance(verdict, Rejected)
    assert (verdict.reason, verdict.field) == (reason, field)


@pytest.mark.parametrize(
    ("envelope", "reason"),
    [
        (b'{"data": 1, "data": 2}', Reason.BAD_VALUE),
        (b"{", Reason.NOT_JSON),
        (b"\xff", Reason.NOT_JSON),
        (b'{"id": "\\ud800"}', Reason.NOT_JSON),
        (b'{"x": ' + b"[" * 100_000, Reason.NOT_JSON),
        (b'{"x": ' + b"[" * 900 + b"]" * 900 + b"}", Reason.MISSING_FIELD),
    ],
)
def test_what_is_no_envelope_at_all_is_rejected_and_raises_nothing(envelope: bytes, reason: Reason) -> None:
    verdict = data_of(envelope)
    assert isinstance(verdict, Rejected)
    assert verdict.reason is reason
