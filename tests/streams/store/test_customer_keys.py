from datetime import timedelta

from metrics.events.pseudonyms import key_id, pseudonym
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.customer_keys import described, rows_of_other_keys
from tests.streams.given import KEY, NOON, event, facts_of

LOST = b"l" * 32
ROW = {"reason": "bad_value", "detail": "", "topic": "t", "partition": 0, "offset": 1, "payload": "", "fingerprint": 1}


def test_rows_are_counted_by_the_key_that_their_customer_was_hashed_with(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of([event(n, at=NOON + timedelta(minutes=n), customer="ann") for n in range(3)], compiled))
    store.insert_facts(facts_of([event(9)], compiled))  # of no customer
    store.insert_rejected([{**ROW, "customer": pseudonym("ann", LOST)}, {**ROW, "offset": 2, "customer": ""}])
    assert rows_of_other_keys(store, {key_id(KEY), key_id(LOST)}) == {}
    assert rows_of_other_keys(store, {key_id(KEY)}) == {key_id(LOST): 1}
    assert rows_of_other_keys(store, ()) == dict(sorted({key_id(LOST): 1, key_id(KEY): 3}.items()))


def test_facts_from_before_the_column_are_counted_too(store: Store, compiled: CompiledRegistry) -> None:
    store.command("ALTER TABLE events DROP COLUMN key_id")
    store.insert_facts(facts_of([event(1, customer="ann")], compiled))
    store.command("ALTER TABLE events ADD COLUMN key_id LowCardinality(String) MATERIALIZED substring(customer, 1, 8)")
    assert rows_of_other_keys(store, ()) == {key_id(KEY): 1}


def test_what_is_said_names_each_key_and_what_to_do() -> None:
    text = described({"0123abcd": 1057, "ffffffff": 1})
    assert text.startswith("1,057 rows of key 0123abcd, 1 rows of key ffffffff: ")
    assert "add the key after the one in use (CXB_CUSTOMER_KEY_FILE), or its id if it was destroyed" in text
