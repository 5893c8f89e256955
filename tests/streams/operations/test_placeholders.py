from datetime import timedelta

import pytest

from metrics.events.placeholders import PLACEHOLDERS, placeholders_of
from metrics.events.pseudonyms import pseudonym
from streams.figures import minutes as cells
from streams.operations.placeholders import clear, facts_of_nobody, hashes_of_nobody
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import KEY, NOON, event, facts_of

pytestmark = pytest.mark.store

OLD_KEY = b"o" * 32
HASHES = hashes_of_nobody(PLACEHOLDERS, (KEY, OLD_KEY))
ROW = {"reason": "bad_value", "detail": "", "topic": "t", "partition": 0, "payload": "", "fingerprint": 1}


def landed_before(store: Store, compiled: CompiledRegistry, *named: tuple[str, str, bytes]) -> None:
    """Facts of (source, customer, key) as versions landed them that hashed placeholders."""
    events = [
        event(number, at=NOON + timedelta(minutes=number), source=source) for number, (source, _, _) in enumerate(named)
    ]
    columns = facts_of(events, compiled)
    columns[5] = [pseudonym(customer, key) for _, customer, key in named]
    store.insert_facts(columns)


def test_facts_that_landed_under_the_hash_of_a_placeholder_are_found_by_source_and_become_nobodys(
    store: Store, compiled: CompiledRegistry
) -> None:
    landed_before(
        store, compiled,
        ("shop", "null", KEY), ("shop", "NULL", OLD_KEY), ("shop", " Null", KEY), ("crm", "N/A", KEY),
        ("crm", "ann", KEY), ("crm", "0", OLD_KEY),
    )  # fmt: skip
    store.insert_rejected([{**ROW, "offset": 1, "customer": HASHES[0]}, {**ROW, "offset": 2, "customer": "ann"}])
    for _ in cells.refresh(store, timedelta(minutes=5)):
        pass
    before = store.query("SELECT sum(n) AS n, sum(sum_score) AS score FROM cells_latest")
    assert [(row.source, row.facts) for row in facts_of_nobody(store, HASHES)] == [("shop", 3), ("crm", 2)]
    assert clear(store, HASHES) == 5
    assert facts_of_nobody(store, HASHES) == []
    rows = store.query("SELECT customer, key_id FROM events FINAL ORDER BY occurred_at")
    ann = pseudonym("ann", KEY)
    assert [row["customer"] for row in rows] == ["", "", "", "", ann, ""]
    assert [row["key_id"] for row in rows] == ["", "", "", "", ann[:8], ""]
    assert [row["customer"] for row in store.query("SELECT customer FROM rejected_latest ORDER BY offset")] == [
        "",
        "ann",
    ]
    assert store.query("SELECT sum(n) AS n, sum(sum_score) AS score FROM cells_latest") == before


def test_clearing_again_and_where_there_is_nothing_changes_nothing(store: Store, compiled: CompiledRegistry) -> None:
    landed_before(store, compiled, ("shop", "null", KEY))
    assert (clear(store, HASHES), clear(store, HASHES)) == (1, 0)


def test_a_record_read_again_lands_as_the_same_fact_without_a_customer(
    store: Store, compiled: CompiledRegistry
) -> None:
    landed_before(store, compiled, ("shop", "null", KEY))
    store.insert_facts(facts_of([event(0, customer="null")], compiled))
    assert store.query("SELECT customer FROM events FINAL") == [{"customer": ""}]


def test_placeholders_that_a_setting_adds_are_looked_for_as_well(store: Store, compiled: CompiledRegistry) -> None:
    landed_before(store, compiled, ("shop", "Guest", KEY))
    assert facts_of_nobody(store, HASHES) == []
    assert [row.facts for row in facts_of_nobody(store, hashes_of_nobody(placeholders_of("+guest"), (KEY,)))] == [1]
