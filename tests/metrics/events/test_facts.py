import json
from decimal import Decimal

from metrics.events import facts
from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from metrics.events.pseudonyms import pseudonym
from metrics.registry import parse
from metrics.registry.attribution import Attribution
from tests.metrics.events_near import GOOD, STAMP_MS

KEY = b"k" * 32
REGISTRY = parse(
    """
version = "7"
policy = "single"
[[department]]
id = "sales"
name = "Sales"
office = "front"
[[ownership]]
touchpoint = "web.*"
owner = "sales"
"""
)


def rows(*events: dict[str, object]) -> list[dict[str, object]]:
    run = decode_run([json.dumps(event).encode() for event in events], [STAMP_MS] * len(events), RecordLimits())
    assert run.rejected == []
    columns = facts.columns(run.events, run.occurred_ms, Attribution(REGISTRY), REGISTRY.version, KEY)
    return [dict(zip(facts.COLUMNS, values, strict=True)) for values in zip(*columns, strict=True)]


def test_a_fact_carries_everything_the_event_said_and_its_owner() -> None:
    money = {key: value for key, value in GOOD.items() if key != "score"}
    [fact] = rows(
        {**money, "kind": "conversion", "customer": "c-1", "journey": "j", "amount": "12.5", "currency": "EUR",
         "segment": "smb", "region": "north"}
    )  # fmt: skip
    assert fact == {
        "event_id": "e-1", "source": "web-shop", "kind": "conversion", "touchpoint": "web.checkout",
        "occurred_at": STAMP_MS - 29_750, "customer": pseudonym("c-1", KEY), "journey": "j", "score": None,
        "amount": Decimal("12.5"), "currency": "EUR", "count": 1, "segment": "smb", "region": "north",
        "department": "sales", "registry_version": "7",
    }  # fmt: skip


def test_what_an_event_left_out_is_empty_and_counts_once() -> None:
    [fact] = rows({**GOOD, "touchpoint": "elsewhere"})
    empty = ("customer", "journey", "currency", "segment", "region")
    assert [fact[name] for name in empty] == [""] * 5
    assert (fact["score"], fact["amount"], fact["count"], fact["department"]) == (9, None, 1, "unowned")


def test_a_customer_is_never_stored_as_published() -> None:
    [fact] = rows({**GOOD, "customer": "jane.doe@example.com"})
    assert "jane" not in str(fact)


def test_counted_kinds_keep_their_count() -> None:
    visit = {key: value for key, value in GOOD.items() if key != "score"}
    assert [fact["count"] for fact in rows({**visit, "kind": "visit", "count": 12})] == [12]


def test_no_events_give_empty_columns() -> None:
    columns = facts.columns([], [], Attribution(REGISTRY), "7", KEY)
    assert columns == [[] for _ in facts.COLUMNS]
