"""What happened, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from streams.figures.registry_in_force import note_registry
from tests.streams.given import NOON, REGISTRY, rules_of
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
