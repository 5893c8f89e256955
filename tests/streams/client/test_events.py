"""The events of the library are those of the schemas: the same kinds and fields, the same required; all accepted."""

from typing import Any

import msgspec
import pytest

from metrics.catalogue import ALL_KINDS
from metrics.contract.examples import EXAMPLES
from metrics.contract.json_schema import title
from streams.client import events
from streams.client.events import AnyEvent
from tests.metrics.contract.judging import DOCUMENTS, is_of_schema, rejection_of

CLASSES: dict[str, Any] = {
    kind.__struct_config__.tag: kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, AnyEvent) and isinstance(kind.__struct_config__.tag, str)
}
MADE_UP = {"event_id", "occurred_at"}


def test_there_is_one_for_each_kind() -> None:
    assert {kind: CLASSES[kind].__name__ for kind in ALL_KINDS} == {kind: title(kind) for kind in ALL_KINDS}
    abstract = {tag for tag in CLASSES if tag not in ALL_KINDS}
    assert abstract == {"AnyEvent", "TouchpointEvent", "CountedEvent", "ScoredEvent", "SaleEvent"}


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_it_has_the_fields_of_the_schema_and_demands_the_same(kind: str) -> None:
    schema = DOCUMENTS[kind]
    fields = msgspec.structs.fields(CLASSES[kind])
    assert {field.name for field in fields} | {"kind"} == {
        name for name, rule in schema["properties"].items() if rule is not False
    }
    assert {field.name for field in fields if field.required} | MADE_UP | {"kind"} == set(schema["required"])


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_what_it_writes_is_accepted_and_says_the_same(kind: str) -> None:
    event = msgspec.convert(EXAMPLES[kind], CLASSES[kind], strict=False)
    written = msgspec.json.encode(event)
    assert rejection_of(written) is None
    assert is_of_schema(msgspec.json.decode(written))
    again = msgspec.json.decode(written)
    assert {**again, "amount": 0, "occurred_at": 0} == {**EXAMPLES[kind], "amount": 0, "occurred_at": 0}


def test_events_have_ids_and_times_of_their_own() -> None:
    one, other = (events.ContactEvent(source="crm", touchpoint="web") for _ in range(2))
    assert one.event_id != other.event_id
    assert one.occurred_at.tzinfo is not None
