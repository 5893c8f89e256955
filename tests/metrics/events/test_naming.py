import json
from random import Random

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


ESCAPED = ("jürgen.müller@x.de", "客户", "😀", "a/b")


@pytest.mark.parametrize("name", ESCAPED)
def test_ids_that_json_escapes_are_found_where_the_record_is_no_object(name: str) -> None:
    whole = json.dumps({"customer": name, "score": 9}).replace("/", "\\/")
    for record in (f"[{whole}]", f"{whole}\n{whole}", whole[:-1]):
        assert names_customer(None, record.encode(), name)
        assert name in customers_named(None, record.encode())


@pytest.mark.parametrize("name", ['a"b', "a\\b"])
def test_who_is_looked_for_is_found_whatever_the_id_needs_escaped(name: str) -> None:
    assert names_customer(None, json.dumps([{"customer": name}]).encode(), name)


def test_a_record_of_random_bytes_names_no_more_than_can_be_hashed_while_a_batch_lands() -> None:
    assert len(customers_named(None, Random(1).randbytes(64 * 1024))) <= 2000
    lines = "\n".join(f"{n};c-{n};nps;9" for n in range(500))
    assert {"c-0", "c-300"} <= customers_named(None, lines.encode())


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


def test_any_field_of_a_foreign_record_may_name_a_customer() -> None:
    value = b'{"who": {"mail": "ann@x.it"}, "note": "call ben@x.it"}'
    assert not names_customer(None, value, "ann@x.it")
    assert names_customer(None, value, "ann@x.it", is_foreign=True)
    assert names_customer(None, value, "ben@x.it", is_foreign=True)
    assert not names_customer(None, value, "eve@x.it", is_foreign=True)
    assert {"ann@x.it", "ben@x.it"} <= customers_named(None, value, is_foreign=True)
    assert customers_named(None, value) == set()
