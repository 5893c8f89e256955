from datetime import UTC, datetime, timedelta

from streams.figures import minutes
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.web import touchpoints
from tests.streams.given import REGISTRY, event, facts_of, rules_of

BEFORE = datetime(2026, 3, 10, 9, tzinfo=UTC)
AFTER = datetime(2026, 4, 2, tzinfo=UTC)


def test_events_are_counted_by_owner_at_the_time_and_owners_are_those_of_the_instant(
    store: Store, compiled: CompiledRegistry
) -> None:
    sent = [event(n, at=BEFORE) for n in range(3)] + [event(9, touchpoint="fair.stand", at=BEFORE)]
    store.insert_facts(facts_of(sent, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    stand, checkout = touchpoints.rows(store, compiled, AFTER)
    assert (stand["touchpoint"], stand["declared"], stand["owners"]) == ("fair.stand", False, ["unowned"])
    assert (stand["events"], stand["unowned"], stand["by_owner"]) == (1, 1, {"unowned": 1})
    assert (checkout["touchpoint"], checkout["name"]) == ("web.checkout", {"en": "Checkout", "it": "Cassa"})
    assert (checkout["owners"], checkout["by_owner"]) == (["sales"], {"marketing": 3})
    assert (checkout["stage"], checkout["channel"], checkout["sponsor"]) == ("during", "online", "cmo")


def test_a_declared_touchpoint_without_events_is_there_and_older_events_are_not_counted(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of([event(1, at=BEFORE)], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    [row] = touchpoints.rows(store, compiled, BEFORE + timedelta(days=91))
    assert (row["touchpoint"], row["owners"], row["events"]) == ("web.checkout", ["sales"], 0)


def test_who_answers_for_a_facet_alone_is_no_owner_of_events(store: Store) -> None:
    facet = '\n[[ownership]]\ntouchpoint = "web.checkout"\nfacet = "voice"\nowner = "logistics"\n'
    [row] = touchpoints.rows(store, rules_of(REGISTRY + facet), AFTER)
    assert row["owners"] == ["sales"]


def test_the_90_days_begin_no_earlier_than_time_does(store: Store, compiled: CompiledRegistry) -> None:
    [row] = touchpoints.rows(store, compiled, datetime(1970, 1, 1, tzinfo=UTC))
    assert (row["touchpoint"], row["owners"], row["events"]) == ("web.checkout", ["marketing"], 0)


def test_slices_say_who_owned_them_over_time_and_what_they_got(store: Store) -> None:
    split = '\n[[ownership]]\ntouchpoint = "web.checkout"\nsegment = "b2b"\nowner = "logistics"\n'
    compiled = rules_of(REGISTRY + split)
    sent = [event(n, at=BEFORE, segment="b2b" if n < 2 else "b2c") for n in range(5)]
    store.insert_facts(facts_of(sent, compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    [row] = touchpoints.rows(store, compiled, AFTER)
    rest, b2b = row["slices"]
    assert (rest["segment"], rest["owner"], rest["events"]) == ("", "sales", 3)
    assert (b2b["segment"], b2b["owner"], b2b["events"]) == ("b2b", "logistics", 2)
    assert [(one["from"], one["to"], one["owner"]) for one in rest["periods"]] == [
        (None, "2026-04-01T00:00:00Z", "marketing"),
        ("2026-04-01T00:00:00Z", None, "sales"),
    ]
    assert sum(part["events"] for part in row["slices"]) == row["events"] == 5


def test_a_touchpoint_that_nobody_declared_has_one_slice_of_nobodys(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of([event(9, touchpoint="fair.stand", at=BEFORE)], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    [part] = touchpoints.rows(store, compiled, AFTER)[0]["slices"]
    assert (part["owner"], part["shares"], part["accountable"]) == ("unowned", {}, [])
    assert part["periods"] == [{"from": None, "to": None, "owner": "unowned", "shares": {}}]
