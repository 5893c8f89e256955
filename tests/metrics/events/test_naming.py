import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.events.naming import customers_named, names_customer

OBJECTS = [
    b'{"customer": "ann", "event_id": "e"}',
    b'{"customerId": "ann", "customer": "x"}',
    b'{"customer": {"id": "ann"}}',
    b'{"data": [{"Customers": ["bob", "ann"]}]}',
    b'{"customer": "ann", "customer": "bob"}',
    b'{"customer": "\\u0061nn"}',
]
TEXTS = [
    b'{"customer": "ann", broken',
    '{"customer": "ann"}'.encode("utf-16"),
    '{"customer": "ann"}'.encode("utf-32-be"),
    b'["customer", "ann"]',
    b'"ann"',
    b"7,ann,nps",
    b"<customer>ann</customer>",
    b"customer=ann&score=9",
    b"\x00\x00\x00\x00\x07\x06ann\x0cnps",
    b"\x83\xa8customer\xa3ann\xa5score\x09",
    b"[" * 60_000 + b'"ann"',
]


@pytest.mark.parametrize("value", OBJECTS + TEXTS)
def test_a_person_who_is_named_anyhow_is_found_with_and_without_knowing_whom_to_look_for(value: bytes) -> None:
    assert names_customer(None, value, "ann")
    assert "ann" in customers_named(None, value)


@pytest.mark.parametrize("value", [b'{"event_id": "ann", "segment": "ann"}', b'{"customer": "annabel"}', b"", None])
def test_who_is_not_named_is_not_found(value: bytes | None) -> None:
    assert not names_customer(b"key", value, "ann")
    assert "ann" not in customers_named(b"key", value)


def test_the_key_of_a_record_names_its_customer() -> None:
    assert names_customer(b"ann", None, "ann")
    assert customers_named(b"ann", None) >= {"ann"}


def test_ids_with_spaces_signs_and_other_letters_are_found_in_text() -> None:
    for name in ("ann smith", "ann@x.it", "urn:c:1", "à-ñ", "客户"):
        assert name in customers_named(None, f'{{"customer": "{name}", broken'.encode())
        assert name in customers_named(None, f"7;{name};nps".encode("utf-16-le"))


def test_what_has_no_bytes_is_nobody() -> None:
    assert customers_named(None, b'{"customer": "\\ud800"}') == set()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["customer", "id", "myCustomer"]), inner),
    )
)
def test_in_objects_both_ways_of_asking_agree(content: object) -> None:
    value = json.dumps({"x": content}).encode()
    assert all(names_customer(None, value, name) for name in customers_named(None, value))
