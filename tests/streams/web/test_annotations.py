"""What happened, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from streams.figures import minutes
from streams.figures.registry_in_force import note_registry
from streams.registry.file import CompiledRegistry
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of
from tests.streams.web.served import Served

PERIOD: dict[str, Any] = {"from": "2026-03-08", "to": "2026-04-03T12:00:00Z"}
CHANGED = {
    "at": "2026-04-01T00:00:00Z", "kind": "ownership", "department": "sales", "touchpoint": "web.checkout", "slice": "",
    "metric": "", "from": "marketing", "to": "sales", "text": "Owner: Marketing to Sales: Checkout",
    "noticed_at": None, "explained_by": "none",
}  # fmt: skip


async def test_what_happened_in_a_period_comes_oldest_first(served: Served, site: Any) -> None:
    note_registry(site.store, rules_of(REGISTRY), NOON)
    note_registry(site.store, rules_of(REGISTRY), NOON + timedelta(days=1))
    rows = (await served.get("/api/v1/annotations", **PERIOD)).json
    assert rows[0] == CHANGED
    assert [(row["at"], row["kind"], row["text"]) for row in rows[1:]] == [
        ("2026-04-01T12:00:00Z", "registry", "Registry v1 in force")
    ]


async def test_a_note_comes_as_it_was_written_and_for_whom_it_concerns(
    served: Served, site: Any, compiled: CompiledRegistry
) -> None:
    text = "<script>alert(1)</script> '; DROP TABLE events"
    sent = [
        event(1, "note", NOON, text=text, touchpoint=None, department="logistics"),
        event(2, "note", NOON + timedelta(hours=1), text="Sale began"),
    ]
    site.store.insert_facts(facts_of(sent, compiled))
    [row] = (await served.get("/api/v1/annotations", department="logistics", **PERIOD)).json
    assert (row["kind"], row["department"], row["touchpoint"], row["text"]) == ("note", "logistics", "", text)
    rows = (await served.get("/api/v1/annotations", department="sales", **PERIOD)).json
    assert [row["text"] for row in rows] == [CHANGED["text"], "Sale began"]


async def test_response_rates_are_asked_for_by_touchpoint(
    served: Served, site: Any, compiled: CompiledRegistry
) -> None:
    early = NOON - timedelta(days=20)
    sent = [event(f"s{n}", "survey_sent", early, customer=f"c{n}", touchpoint="web.cart") for n in range(10)]
    sent += [event(f"a{n}", at=early + timedelta(days=1), customer=f"c{n}", touchpoint="web.cart") for n in range(3)]
    site.store.insert_facts(facts_of(sent, compiled))
    list(minutes.refresh(site.store, timedelta(seconds=3)))
    [row] = (await served.get("/api/v1/responses", by="touchpoint", department="marketing", **PERIOD)).json
    assert (row["touchpoint"], row["value"], row["n"], row["to"]) == ("web.cart", 30.0, 10, "2026-03-27T12:00:00Z")
    answer = await served.get("/api/v1/responses", by="customer")
    assert (answer.status, answer.json["error"]) == (400, "by: one of department, touchpoint, week")


async def test_only_what_concerns_a_department_is_asked_for(served: Served) -> None:
    for department, rows in (("sales", [CHANGED]), ("marketing", [CHANGED]), ("company", [CHANGED]), ("logistics", [])):
        assert (await served.get("/api/v1/annotations", department=department, **PERIOD)).json == rows
    assert (await served.get("/api/v1/annotations", **{**PERIOD, "to": "2026-04-01T00:00:00Z"})).json == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"department": "nosuch"}, "department: one of marketing, sales, logistics, company, unowned"),
        ({"from": "2026-04-01", "to": "2026-03-01"}, "from: give an instant before to"),
        ({"to": "2100-01-01"}, "to: in the future"),
        ({"view": "as_is"}, "unknown parameters: view; known: department, from, to"),
    ],
)
async def test_a_question_without_meaning_is_explained(served: Served, query: dict[str, Any], problem: str) -> None:
    answer = await served.get("/api/v1/annotations", **query)
    assert answer.status == 400
    assert problem in answer.json["error"]
