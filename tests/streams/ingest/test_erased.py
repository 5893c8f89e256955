from datetime import UTC, datetime, timedelta

import pytest

from metrics.events import facts
from metrics.events.pseudonyms import pseudonym
from streams.ingest import erased as erased_persons
from streams.ingest.erased import ErasedFilter
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import KEY, NOON, event, facts_of, landing_of

IDS = facts.COLUMNS.index("event_id")


def test_facts_of_an_erased_person_are_dropped_and_others_kept(store: Store, compiled: CompiledRegistry) -> None:
    columns = facts_of([event(1, customer="ann"), event(2, customer="bob"), event(3)], compiled)
    store.insert("erased", ("customer",), ([pseudonym("ann", KEY)],))
    kept, dropped = ErasedFilter(store, (KEY,)).drop(landing_of(columns))
    assert (kept.columns[IDS], dropped) == (["e-2", "e-3"], 1)
    assert {len(column) for column in kept.columns} == {2}


def test_what_occurs_after_the_erasure_is_a_new_relation(store: Store, compiled: CompiledRegistry) -> None:
    store.insert("erased", ("customer", "erased_at"), ([pseudonym("ann", KEY)], [NOON]))
    before, after = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
    columns = facts_of([event(1, at=before, customer="ann"), event(2, at=after, customer="ann")], compiled)
    kept, dropped = ErasedFilter(store, (KEY,)).drop(landing_of(columns))
    assert (kept.columns[IDS], dropped) == (["e-2"], 1)


def test_where_nobody_is_erased_the_facts_are_the_same(store: Store, compiled: CompiledRegistry) -> None:
    columns = facts_of([event(1, customer="ann")], compiled)
    kept, dropped = ErasedFilter(store, (KEY,)).drop(landing_of(columns))
    assert kept.columns is columns
    assert dropped == 0


def test_a_person_erased_meanwhile_is_noticed_at_the_next_look(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erased_persons, "LOOK_EVERY_S", 0.0)
    columns = facts_of([event(1, customer="ann")], compiled)
    erased = ErasedFilter(store, (KEY,))
    assert erased.drop(landing_of(columns))[1] == 0
    store.insert("erased", ("customer", "erased_at"), ([pseudonym("ann", KEY)], [datetime.now(UTC)]))
    assert erased.drop(landing_of(columns))[1] == 1


def test_what_was_published_before_the_erasure_is_from_before_though_its_clock_was_ahead(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert("erased", ("customer", "erased_at"), ([pseudonym("ann", KEY)], [NOON]))
    ahead = [event(number, at=NOON + timedelta(minutes=4), customer="ann") for number in (1, 2)]
    stamps_ms = [int((NOON + timedelta(seconds=shift)).timestamp() * 1000) for shift in (-1, 1)]
    kept, dropped = ErasedFilter(store, (KEY,)).drop(landing_of(facts_of(ahead, compiled), stamps_ms))
    assert (kept.columns[IDS], dropped) == (["e-2"], 1)


def test_who_was_erased_under_a_key_that_was_rotated_since_stays_out(store: Store, compiled: CompiledRegistry) -> None:
    old = b"o" * 32
    store.insert("erased", ("customer",), ([pseudonym("ann", old)],))
    columns = facts_of([event(1, customer="ann"), event(2, customer="bob")], compiled)
    earlier = {pseudonym(name, KEY): (pseudonym(name, old),) for name in ("ann", "bob")}
    kept, dropped = ErasedFilter(store, (KEY, old)).drop(landing_of(columns)._replace(earlier=earlier))
    assert (kept.columns[IDS], dropped) == (["e-2"], 1)
