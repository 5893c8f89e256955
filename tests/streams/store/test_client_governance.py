"""Facts about governance in the store: their own fields by name, next to ordinary facts and cells."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics.events import facts
from streams.figures.minutes import refresh
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, event, facts_of

OWN = ("answer", "role", "facet", "metric", "value", "category", "case_id", "resolved", "confirmed_by_customer")


def governance(number: int, kind: str, **fields: Any) -> dict[str, Any]:
    at = (NOON + timedelta(seconds=number)).astimezone(UTC)
    return {
        "event_id": f"g-{number}",
        "source": "survey",
        "kind": kind,
        "touchpoint": "web.checkout",
        "occurred_at": at.isoformat(),
        **fields,
    }


FACTS = [
    governance(1, "ownership_answer", answer="don't know", role="manager", facet="voice"),
    governance(2, "success_answer", metric="nps", value=-5.25),
    governance(3, "spend", category="rework — à part", amount="12.50", currency="EUR"),
    governance(4, "case_opened", case_id='c-"1"'),
    governance(5, "case_closed", case_id='c-"1"', resolved=True, confirmed_by_customer=False),
]
EMPTY = {"answer": "", "role": "", "facet": "", "metric": "", "value": None, "category": "", "case_id": "",
         "resolved": None, "confirmed_by_customer": None}  # fmt: skip


def test_the_own_fields_of_each_kind_are_columns_that_can_be_asked_for(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of([*FACTS, event(6)], compiled))
    rows = store.query(f"SELECT kind, {', '.join(OWN)} FROM events_latest ORDER BY occurred_at, kind")
    fields = {row.pop("kind"): row for row in rows}
    for fact in FACTS:
        assert fields[fact["kind"]] == EMPTY | {name: fact[name] for name in OWN if name in fact}, fact
    assert fields[event(6)["kind"]] == EMPTY


def test_ordinary_facts_land_with_and_without_such_beside_them(store: Store, compiled: CompiledRegistry) -> None:
    plain = facts_of([event(7), event(8)], compiled)
    assert len(plain) == len(facts.COLUMNS)
    store.insert_facts(plain)
    store.insert_facts(facts_of([event(7), event(8), *FACTS[:1]], compiled))
    rows = store.query("SELECT event_id, details FROM events FINAL ORDER BY event_id")
    assert [row["details"] for row in rows] == [
        "",
        "",
        '{"answer": "don\'t know", "role": "manager", "facet": "voice"}',
    ]


def test_spend_is_in_the_cells_as_money(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(FACTS, compiled))
    list(refresh(store, timedelta(seconds=3)))
    rows = {row["kind"]: row for row in store.query("SELECT kind, n, amount_by_currency FROM cells_latest")}
    assert rows.keys() == {fact["kind"] for fact in FACTS}
    assert rows["spend"]["amount_by_currency"] == {"EUR": Decimal("12.5")}
    assert all(row["n"] == 1 for row in rows.values())


def test_a_fact_belongs_to_whoever_owns_its_touchpoint(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(FACTS, compiled))
    assert store.query("SELECT DISTINCT department FROM events FINAL") == [{"department": "sales"}]
    assert datetime.fromisoformat(FACTS[0]["occurred_at"]).tzinfo is not None
