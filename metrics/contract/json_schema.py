"""JSON Schema 2020-12 of events, one for each kind and one for any event, made from the types and rules that decode.

The Structs of `metrics.events` give types, lengths and required fields; the tables that validation reads give the rest:
scales, kinds with amounts and counts, own fields and their options. Where a schema says more or less than the decoder
is listed in docs/schema.md, each case with a test.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from metrics.catalogue import ALL_KINDS, COUNTED_KINDS, NOTE, SCORE_RANGES
from metrics.contract.descriptions import FIELD_RULES, KIND_MEANINGS, OWN_FIELDS
from metrics.contract.examples import EXAMPLES
from metrics.events.characters import VISIBLE
from metrics.events.event import CURRENCY, MAX_AMOUNT, Event, Label
from metrics.events.governance_fields import (
    DONT_KNOW,
    FIELDS,
    GREATEST_VALUE,
    NOBODY,
    OWN_TEXTS,
    Field,
)
from metrics.events.validation import MONEY_KINDS
from metrics.ids import TOUCHPOINT_ID, WORD

JsonSchema = dict[str, Any]

CONTRACT_VERSION: Final = 1
"""Raised when an event that was accepted could be rejected; a further kind or optional field leaves it as it is."""
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
ANY_EVENT: Final = "event"
"""The name of the schema of an event of any kind."""

# Digits as [0-9]: to Python's validators \d also means those of other scripts. The years are those of the store.
_DATE: Final = "(19[7-9][0-9]|20[0-9]{2}|210[0-6])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
_OFFSET: Final = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_LEAP: Final = r"23:59:60(\.[0-9]+)?([Zz]|[+-]00:00)"
_AMOUNT_TEXT: Final = r"0*[0-9]{1,12}(\.[0-9]{1,4}0*)?"
_PATTERNS: Final[Mapping[str, str]] = {
    "touchpoint": TOUCHPOINT_ID.pattern,
    "occurred_at": f"{_DATE}[Tt]({_TIME}{_OFFSET}|{_LEAP})",
    "currency": CURRENCY.pattern,
    "answer": f"({WORD.pattern}|{NOBODY}|{DONT_KNOW})",
    "department": WORD.pattern,
    **dict.fromkeys(
        ("event_id", "source", "customer", "journey", "segment", "region", "role", "category", "case_id"), VISIBLE
    ),
}
_AMOUNT: Final[JsonSchema] = {
    "anyOf": [
        {"type": "string", "pattern": f"^{_AMOUNT_TEXT}$"},
        {"type": "number", "minimum": 0, "exclusiveMaximum": int(MAX_AMOUNT)},
    ]
}
_MONEY: Final = ("amount", "currency")
_BOTH: Final = {"amount": ["currency"], "currency": ["amount"]}
_ONLY_WITH_SOME: Final = ("score", "count", *_MONEY)
"""Fields that every kind knows, and that are rejected where they do not belong."""


def documents() -> dict[str, JsonSchema]:
    """Every schema by its name, in a fixed order: that of any event, then each kind's."""
    return {ANY_EVENT: any_event()} | {
        kind: {"$schema": DRAFT, "$id": schema_id(kind), **of_kind(kind)} for kind in ALL_KINDS
    }


def schema_id(name: str) -> str:
    """The id of a schema: a name, no address, because each installation serves its own.

    >>> schema_id("nps")
    'urn:cx-balance:schema:v1:nps'
    """
    return f"urn:cx-balance:schema:v{CONTRACT_VERSION}:{name}"


def any_event() -> JsonSchema:
    """The schema of an event of any kind."""
    return {
        "$schema": DRAFT,
        "$id": schema_id(ANY_EVENT),
        "title": "CxEvent",
        "description": "An event of any kind. For messages that name the fault, use the schema of its kind.",
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in ALL_KINDS],
        "$defs": {kind: of_kind(kind) for kind in ALL_KINDS},
    }


def of_kind(kind: str) -> JsonSchema:
    """The schema of one kind, without an id: to be part of another document."""
    struct = _struct(Event)
    own = FIELDS.get(kind, {})
    refused = _refused(kind)
    known = {
        name: False if name in refused else _known(kind, name, schema) for name, schema in struct["properties"].items()
    }
    return {
        "title": title(kind),
        "description": f"{kind}: {KIND_MEANINGS[kind]}.",
        "type": "object",
        "properties": known | {name: _own(name, field) for name, field in own.items()},
        "required": [*_required(kind, struct["required"]), *(name for name, field in own.items() if field.required)],
        **({} if refused.issuperset(_MONEY) else {"dependentRequired": _BOTH}),
        "examples": [dict(EXAMPLES[kind])],
    }


def title(kind: str) -> str:
    """The name of a kind's type, where schemas become code.

    >>> title("repeat_purchase")
    'RepeatPurchaseEvent'
    """
    return "".join(word.capitalize() for word in kind.split("_")) + "Event"


def _refused(kind: str) -> frozenset[str]:
    allowed: set[str] = set()
    if kind in SCORE_RANGES:
        allowed.add("score")
    if kind in COUNTED_KINDS:
        allowed.add("count")
    if kind in MONEY_KINDS:
        allowed.update(_MONEY)
    return frozenset(_ONLY_WITH_SOME) - allowed


def _required(kind: str, names: Iterable[str]) -> list[str]:
    more = ["score"] if kind in SCORE_RANGES else list(_MONEY) if kind == "spend" else []
    return [name for name in names if kind != NOTE or name != "touchpoint"] + more


def _known(kind: str, name: str, schema: JsonSchema) -> JsonSchema:
    if name == "kind":
        return {"const": kind, "description": FIELD_RULES[name]}
    if name == "score":
        low, high = SCORE_RANGES[kind]
        schema = {"type": "integer", "minimum": low, "maximum": high}
    if name == "amount":
        schema = _AMOUNT
    if name == "count":
        schema = {**schema, "default": 1}
    return _described(name, schema, FIELD_RULES)


def _own(name: str, field: Field) -> JsonSchema:
    if field.type == "true or false":
        schema: JsonSchema = {"type": "boolean"}
    elif field.type == "a number":
        limit = int(GREATEST_VALUE)
        schema = {"type": "number", "exclusiveMinimum": -limit, "exclusiveMaximum": limit}
    elif field.options:
        schema = {"type": "string", "enum": list(field.options)}
    else:
        schema = msgspec.json.schema(OWN_TEXTS.get(name, Label))
    return _described(name, schema, OWN_FIELDS)


def _described(name: str, schema: JsonSchema, descriptions: Mapping[str, str]) -> JsonSchema:
    pattern = {"pattern": f"^{_PATTERNS[name]}$"} if name in _PATTERNS else {}
    ordered = dict(sorted(schema.items(), key=lambda item: (item[0] != "type", item[0])))
    return {**ordered, **pattern, "description": descriptions[name]}


@cache
def _struct(kind: type[msgspec.Struct]) -> JsonSchema:
    _, components = msgspec.json.schema_components([kind])
    return dict(components[kind.__name__])
