"""Cutting a body: every event comes out as the bytes that went in, whatever carries them; nothing is raised."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.carried import MEDIA_TYPES, Uncut, cut_body
from metrics.events.cloud_events import CLOUD_EVENT, CLOUD_EVENTS
from metrics.events.rejection import Reason, Rejected

MOST = 50
OBJECTS = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3)
ATTRIBUTES = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "t"}


def packed(objects: list[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(each).encode() for each in objects]


@given(st.lists(OBJECTS, min_size=1, max_size=5), st.sampled_from([b"\n", b"\r\n", b"\n\n"]))
def test_lines_an_array_and_cloud_events_carry_the_same_bytes(objects: list[dict[str, Any]], end: bytes) -> None:
    events = packed(objects)
    envelopes = [json.dumps(ATTRIBUTES)[:-1].encode() + b', "data": ' + event + b"}" for event in events]
    array = b" [" + b", ".join(events) + b" ]\n"
    assert cut_body(end.join(events) + end, "application/x-ndjson", {}, MOST) == events
    assert cut_body(end.join(events), "application/json", {}, MOST) == events
    assert cut_body(array, "application/json", {}, MOST) == events
    assert cut_body(b"[" + b",".join(envelopes) + b"]", CLOUD_EVENTS, {}, MOST) == events
    assert cut_body(envelopes[0], CLOUD_EVENT, {}, MOST) == events[:1]
    assert cut_body(events[0], "application/json", ATTRIBUTES, MOST) == events[:1]


@given(st.binary(max_size=300) | st.text(alphabet='[]{}",:\\nue0 \n', max_size=60).map(str.encode), st.data())
def test_whatever_the_bytes_there_are_events_or_a_reason(body: bytes, data: st.DataObject) -> None:
    media_type = data.draw(st.sampled_from((*MEDIA_TYPES, "", "text/plain")))
    events = cut_body(body, media_type, data.draw(st.sampled_from([{}, ATTRIBUTES, {"id": "1"}])), MOST)
    assert isinstance(events, Uncut) or all(isinstance(event, bytes | Rejected) for event in events)


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (b"", "application/json", "malformed"),
        (b" \n ", "application/x-ndjson", "malformed"),
        (b"[]", "application/json", "malformed"),
        (b"[1", "application/json", "malformed"),
        (b"[" * 100_000, "application/json", "malformed"),
        (b"{}", CLOUD_EVENTS, "malformed"),
        (b"[" + b"{}," * MOST + b"{}]", "application/json", "many"),
        (b"{}\n" * (MOST + 1), "application/x-ndjson", "many"),
        (b"[" + b"{}," * MOST + b"{}]", CLOUD_EVENTS, "many"),
        (b"{}", "text/plain", "type"),
        (b"{}", "", "type"),
    ],
)
def test_a_body_that_cannot_be_cut_says_why(body: bytes, media_type: str, why: str) -> None:
    uncut = cut_body(body, media_type, {}, MOST)
    assert isinstance(uncut, Uncut)
    assert uncut.why == why
    assert uncut.detail


def test_one_object_on_many_lines_is_one_event_also_when_it_is_broken() -> None:
    whole, broken = b'{\n"a":\n1}', b'{"a":\n1'
    assert cut_body(whole, "application/json", {}, MOST) == [whole]
    assert cut_body(broken, "application/json", {}, MOST) == [broken]


def test_a_broken_line_keeps_its_place_among_the_others() -> None:
    assert cut_body(b'{"a":1}\n{"b"\n{"c":1}', "application/json", {}, MOST) == [b'{"a":1}', b'{"b"', b'{"c":1}']


def test_a_wrong_envelope_is_named_in_the_place_of_its_event() -> None:
    wrong = {**ATTRIBUTES, "specversion": "0.3", "data": {}}
    events = cut_body(json.dumps([{**ATTRIBUTES, "data": {}}, wrong]).encode(), CLOUD_EVENTS, {}, MOST)
    assert events == [b"{}", Rejected(Reason.BAD_VALUE, "specversion must be 1.0", "specversion")]
    [fault] = cut_body(b"{}", "application/json", {**ATTRIBUTES, "type": ""}, MOST)  # type: ignore[misc]
    assert isinstance(fault, Rejected)
    assert (fault.reason, fault.field) == (Reason.MISSING_FIELD, "type")
