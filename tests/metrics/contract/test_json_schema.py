"""Each schema accepts what the decoder accepts, and nothing else, but for the differences that docs/schema.md lists."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from metrics.catalogue import ALL_KINDS
from metrics.contract.examples import EXAMPLES
from metrics.contract.json_schema import ANY_EVENT, CONTRACT_VERSION, DRAFT, documents
from metrics.events.characters import VISIBLE
from metrics.events.event import Event
from metrics.events.governance_fields import GovernanceEvent
from tests.metrics.contract.judging import DOCUMENTS, is_of_schema, rejection_of
from tests.metrics.events_near import near_events

TEXTS = st.characters(codec="utf-8")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(TEXTS), inner, max_size=3),
    max_leaves=5,
)

FIELDS = {name for schema in DOCUMENTS.values() for name in schema.get("properties", ())}
OTHERS = (*ALL_KINDS, ..., 10**12, 1e-4, "EUR", "2026-02-30T00:00:00Z")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_is_valid_by_the_specification_and_says_its_version(name: str) -> None:
    schema = DOCUMENTS[name]
    Draft202012Validator.check_schema(schema)
    assert (schema["$schema"], schema["$id"]) == (DRAFT, f"urn:cx-balance:schema:v{CONTRACT_VERSION}:{name}")


def test_there_is_one_for_each_kind_and_one_for_any_event() -> None:
    assert list(DOCUMENTS) == [ANY_EVENT, *ALL_KINDS]
    assert documents() == DOCUMENTS
    assert json.dumps(documents()) == json.dumps(DOCUMENTS)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_field_has_a_description_and_is_one_that_the_decoder_knows(kind: str) -> None:
    properties = DOCUMENTS[kind]["properties"]
    known = {*Event.__struct_fields__, *GovernanceEvent.__struct_fields__}
    assert set(Event.__struct_fields__) <= set(properties) <= known
    assert all(schema is False or schema["description"] for schema in properties.values())
    assert DOCUMENTS[ANY_EVENT]["$defs"][kind] == {k: v for k, v in DOCUMENTS[kind].items() if k[0] != "$"}


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_example_is_accepted_by_both(kind: str) -> None:
    [example] = DOCUMENTS[kind]["examples"]
    assert example == EXAMPLES[kind]
    assert is_of_schema(example)
    assert rejection_of(example) is None


def of_schema(schema: Any) -> st.SearchStrategy[Any]:
    """Values that a schema of ours accepts; it knows the keywords that we use, and no others."""
    if "anyOf" in schema:
        return st.one_of(*map(of_schema, schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    if schema["type"] == "boolean":
        return st.booleans()
    return texts(schema) if schema["type"] == "string" else numbers(schema)


def texts(schema: Any) -> st.SearchStrategy[str]:
    if schema.get("pattern") == f"^{VISIBLE}$":
        visible = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
        return st.text(visible, min_size=schema.get("minLength", 0), max_size=schema["maxLength"])
    if "pattern" in schema:
        longest = schema.get("maxLength", 10**6)
        return st.from_regex(schema["pattern"][1:-1], fullmatch=True).filter(lambda text: len(text) <= longest)
    return st.text(TEXTS, min_size=schema.get("minLength", 0), max_size=schema["maxLength"])


def numbers(schema: Any) -> st.SearchStrategy[int | float]:
    if schema["type"] == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high, is_open = schema["exclusiveMaximum"], "exclusiveMinimum" in schema
    return st.floats(low, high, exclude_min=is_open, exclude_max=True) | st.integers(int(low) + 1, high - 1)


@st.composite
def accepted_events(draw: st.DrawFn) -> dict[str, Any]:
    """An event that the schema of its kind accepts, with any of the optional fields and an unknown one."""
    schema = DOCUMENTS[draw(st.sampled_from(ALL_KINDS))]
    properties = {name: field for name, field in schema["properties"].items() if field is not False}
    optional = sorted(set(properties) - set(schema["required"]) - {"currency"})
    names = {*schema["required"], *draw(st.sets(st.sampled_from(optional)))}
    names |= {"currency"} if "amount" in names else set()
    event = {name: draw(of_schema(properties[name])) for name in properties if name in names}
    return event | draw(st.dictionaries(st.sampled_from(["extra", "eventId"]), ANYTHING, max_size=1))


def is_listed(event: dict[str, Any]) -> bool:
    """Whether an event has one of the differences that docs/schema.md lists and that a value can have."""
    wholes = [event.get(name) for name in ("score", "count")]
    if any(isinstance(value, float) and value.is_integer() for value in wholes):
        return True
    amount, at = event.get("amount"), event.get("occurred_at")
    if isinstance(amount, float) and Decimal(repr(amount)) * 10**4 % 1:
        return True
    return isinstance(at, str) and (at[:10] in ("1969-12-31", "1970-01-01") or at[:4] == "2106" or is_otherwise(at))


def is_otherwise(at: str) -> bool:
    is_leap = at[16:19] == ":60" and at[-1] not in "Zz"
    return is_leap or at[10:11] == " " or (at[-5:-4] in "+-" and at[-4:].isdigit())


@given(accepted_events())
def test_what_a_schema_accepts_the_decoder_accepts(event: dict[str, Any]) -> None:
    if is_of_schema(event) and not is_listed(event):  # a day that does not exist has the right letters too
        assert rejection_of(event) is None, event


@given(near_events())
def test_of_events_near_valid_ones_both_say_the_same(event: dict[str, Any]) -> None:
    if not is_listed(event):
        assert is_of_schema(event) == (rejection_of(event) is None), event


@given(accepted_events(), st.sampled_from(sorted(FIELDS)), ANYTHING | st.sampled_from(OTHERS))
def test_of_events_with_one_field_replaced_both_say_the_same(event: dict[str, Any], name: str, value: Any) -> None:
    event = {field: it for field, it in {**event, name: value}.items() if it is not ...}
    if not is_listed(event):
        assert is_of_schema(event) == (rejection_of(event) is None), event


def test_the_laws_would_notice_a_schema_that_differs() -> None:
    nps = {**EXAMPLES["nps"]}
    for wrong in (nps | {"score": 11}, nps | {"count": 1}, nps | {"customer": None}, nps | {"touchpoint": "Web"}):
        assert not is_listed(wrong)
        assert (is_of_schema(wrong), rejection_of(wrong) is None) == (False, False)
