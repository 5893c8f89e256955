from datetime import timedelta

import pytest

from streams.registry.file import CompiledRegistry
from streams.store.client import Store, StoreUnavailable
from tests.streams.given import NOON, event, facts_of


def test_a_large_insert_lands_whole(store: Store, compiled: CompiledRegistry) -> None:
    # Several blocks of the driver: a batch of a busy worker is one.
    count = 60_000
    events = [event(n, at=NOON + timedelta(seconds=n), customer=f"customer-{n}") for n in range(count)]
    store.insert_facts(facts_of(events, compiled))
    assert store.query("SELECT count() AS n, uniqExact(event_id) AS ids FROM events") == [{"n": count, "ids": count}]


def test_a_store_that_writes_less_than_it_was_sent_is_not_believed(store: Store) -> None:
    store.command("CREATE TABLE picky (a UInt8) ENGINE = MergeTree ORDER BY a")
    with store._connected() as client:
        sent = client.insert

        def half(*arguments: object, **named: object) -> object:
            arguments = (arguments[0], [[1]], *arguments[2:])
            return sent(*arguments, **named)  # type: ignore[arg-type]

        client.insert = half  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreUnavailable, match="only 1 of 2 rows"):
        store.insert("picky", ["a"], [[1, 2]])
