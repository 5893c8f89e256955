"""What people see of a rejected record still says what is wrong with it, and where."""

import gzip
import json
from typing import Any

import msgspec
import pytest

from metrics.events.masking import MOST_FIELDS, format_of, masked, shown_kind, shown_name

TOUCHPOINTS = frozenset({"web.checkout"})


def shown(**event: Any) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(masked(json.dumps(event).encode(), TOUCHPOINTS))
    return result


def test_what_is_known_to_identify_nobody_is_shown() -> None:
    harmless = {
        "kind": "nps", "touchpoint": "web.checkout", "score": 99, "amount": "12.50", "currency": "EUR", "count": 1,
        "occurred_at": "2026-04-01T12:00:00.123+02:00", "facet": "voice", "metric": "nps", "resolved": True,
        "confirmed_by_customer": None, "value": -1.5,
    }  # fmt: skip
    assert shown(**harmless) == harmless


@pytest.mark.parametrize(
    ("field", "value", "shape"),
    [
        ("customer", "anna", "<text: 4 characters>"),
        ("customer", 4711, "<number: 4 characters>"),
        ("event_id", "", "<text: 0 characters>"),
        ("event_id", "c-4711", "<text: 6 characters>"),
        ("event_id", "anna@example.com", "<text: 16 characters>"),
        ("event_id", "0b9f7a52-6f0e-4a1c-9a77-0d8f5c1c2b3a", "<text: 36 characters>"),
        ("source", "Anna Rossi", "<text: 10 characters>"),
        ("source", "anna.rossi", "<text: 10 characters>"),
        ("source", "anna@example.com", "<text: 16 characters>"),
        ("source", "crm-393331234567", "<text: 16 characters>"),
        ("source", "x" * 33, "<text: 33 characters>"),
        ("kind", "applause", "<text: 8 characters>"),
        ("touchpoint", "web.basket", "<text: 10 characters>"),
        ("score", 393331234567, "<number: 12 characters>"),
        ("amount", "393331234567", "<text: 12 characters>"),
        ("currency", "euro", "<text: 4 characters>"),
        ("occurred_at", "22/11/2026 10.30", "<text like 99/99/9999 99.99>"),
        ("occurred_at", "1 Nov 2026", "<text like 9 ??? 9999>"),
        ("occurred_at", "x" * 41, "<text: 41 characters>"),
        ("occurred_at", 1764000000, "<number: 10 characters>"),
        ("segment", {"a": 1}, "<object: 8 bytes>"),
        ("region", [1, 2], "<array: 6 bytes>"),
    ],
)  # fmt: skip
def test_every_other_value_is_shown_by_its_shape(field: str, value: object, shape: str) -> None:
    assert shown(**{field: value}) == {field: shape}


@pytest.mark.parametrize("source", ["shop", "web-shop", "crm_2", "pos-eu-2026"])
def test_which_publisher_sent_the_event_is_shown(source: str) -> None:
    assert shown(source=source) == {"source": source}


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("custmer", "customer"), ("costumer", "customer"), ("cutsomer", "customer"), ("sourcce", "source"),
        ("touchpiont", "touchpoint"), ("ocurred_at", "occurred_at"), ("evnt_id", "event_id"),
    ],
)  # fmt: skip
def test_a_typo_of_a_name_says_which_was_meant(typo: str, meant: str) -> None:
    assert shown_name(typo) == f"<a name of {len(typo)} characters, like {meant}>"


@pytest.mark.parametrize("name", ["cont", "anna", "custard", "consumer", "mood", "sauce"])
def test_another_word_resembles_nothing(name: str) -> None:
    assert shown_name(name) == f"<a name of {len(name)} characters>"


def test_a_name_that_is_none_of_ours_says_which_it_resembles() -> None:
    assert list(shown(customerId=1, **{"anna@example.com": 2})) == [
        "<a name of 10 characters, like customer>", "<a name of 16 characters>",
    ]  # fmt: skip
    assert shown_name("eventid") == "<a name of 7 characters, like event_id>"
    assert shown_kind("Conversions") == "of 11 characters is unknown: did you mean conversion?"
    assert shown_kind("x" * 100_000) == "of 100000 characters is unknown"


def test_of_very_many_fields_the_first_are_shown() -> None:
    assert len(shown(**{f"{number:040}": number for number in range(100)})) <= MOST_FIELDS + 1


def test_a_text_that_is_not_utf_8_is_shown_by_its_bytes() -> None:
    text = masked(b'{"customer":"\xff\xfe\xfd"}', TOUCHPOINTS)
    assert text in ('{"customer": "<text: 3 bytes>"}', "<not shown: 18 bytes, looks like JSON that is cut or broken>")


@pytest.mark.parametrize(
    ("value", "guess"),
    [
        (b"", "empty"),
        ("{}".encode("utf-16"), "UTF-16"),
        ("{}".encode("utf-16-le"), "UTF-16"),
        ("{}".encode("utf-16-be"), "UTF-16"),
        ("{}".encode("utf-32"), "UTF-32"),
        ("{}".encode("utf-32-le"), "UTF-32"),
        ("{}".encode("utf-32-be"), "UTF-32"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"\0\0\0\0\x07\x02a", "Confluent"),
        (b"Obj\x01\x04", "an Avro file"),
        (gzip.compress(b"{}", mtime=0), "gzip"),
        (msgspec.msgpack.encode({"kind": "nps"}), "MessagePack"),
        (b"\xa1\x61a\x01", "CBOR"),
        (b"<event/>", "XML"),
        (b'{"kind": "nps"', "cut or broken"),
        (b"[{}]", "a JSON array"),
        (b'"{}"', "a JSON string"),
        (b"1,web-shop,nps", "CSV"),
        (b"\x07\x07", "no format"),
    ],
)
def test_bytes_that_are_no_object_are_shown_by_their_size_and_what_they_look_like(value: bytes, guess: str) -> None:
    assert guess in format_of(value)
    assert masked(value, TOUCHPOINTS) == f"<not shown: {len(value)} bytes, {format_of(value)}>"
