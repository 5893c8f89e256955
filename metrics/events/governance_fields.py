"""Facts about governance and what explains figures, and the fields that their events have of their own.

Answers, spend, cases, invitations to surveys and notes arrive on the same topic and follow the same rules, but are
rare, so `metrics.events.validation` reads them all. Their own fields are known only for their kinds: elsewhere they are
unknown fields, which are ignored.
"""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from metrics.catalogue import FACETS, METRICS, NOTE, SURVEY_SENT, ContextKind, GovernanceKind
from metrics.events.characters import fault_of_control
from metrics.events.event import Event, Label, LenientEvent
from metrics.events.nearest import hint_of_absent, hint_of_option
from metrics.events.rejection import Reason, Rejected
from metrics.events.shapes import type_of
from metrics.ids import LONGEST_ID, is_department_id

NOBODY: Final = "nobody"
DONT_KNOW: Final = "don't know"
GREATEST_VALUE: Final = 1e12
LONGEST_NOTE: Final = 500
"""Characters of a note: a sentence or two at a mark of a chart."""

_DepartmentId = Annotated[str, Meta(min_length=1)]  # of any length
_NoteText = Annotated[str, Meta(min_length=1, max_length=LONGEST_NOTE)]
OWN_TEXTS: Final[Mapping[str, object]] = {"answer": _DepartmentId, "department": _DepartmentId, "text": _NoteText}
"""The types of own fields that are texts and no labels."""

_label = msgspec.json.Decoder(Label).decode
_NUMBER: Final = "-0123456789"


class GovernanceEvent(LenientEvent, gc=False, forbid_unknown_fields=False):
    """An event of a kind with fields of its own. Which of these it has follows from its kind.

    The touchpoint of a note may be empty: it is about a department, or about everything.
    """

    kind: GovernanceKind | ContextKind  # type: ignore[assignment]  # the fast path knows those of touchpoint events alone
    touchpoint: Annotated[str, Meta(max_length=LONGEST_ID)]
    answer: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    facet: str | UnsetType = UNSET
    metric: str | UnsetType = UNSET
    value: float | UnsetType = UNSET
    category: str | UnsetType = UNSET
    case_id: str | UnsetType = UNSET
    resolved: bool | UnsetType = UNSET
    confirmed_by_customer: bool | UnsetType = UNSET
    text: str | UnsetType = UNSET
    department: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a governance kind.

    Attributes:
        required: Whether an event of the kind must have it.
        type: Its type in JSON, as a rejection names it: a string, true or false, a number.
        options: The closed set of its texts; empty if any text is allowed.
    """

    required: bool
    type: str
    options: Collection[str] = ()

    @property
    def begins(self) -> str:
        """The characters with which a JSON token of this type can begin."""
        return {"a string": '"', "true or false": "tf", "a number": _NUMBER}[self.type]


_TEXT: Final = Field(True, "a string")
FIELDS: Final[Mapping[str, Mapping[str, Field]]] = {
    "ownership_answer": {"answer": _TEXT, "role": _TEXT, "facet": Field(False, "a string", FACETS)},
    "success_answer": {"metric": Field(True, "a string", tuple(METRICS)), "value": Field(True, "a number")},
    "spend": {"category": _TEXT},
    "case_opened": {"case_id": _TEXT},
    "case_closed": {
        "case_id": _TEXT,
        "resolved": Field(True, "true or false"),
        "confirmed_by_customer": Field(False, "true or false"),
    },
    SURVEY_SENT: {},
    NOTE: {"text": _TEXT, "department": Field(False, "a string")},
}
"""The fields of each of these kinds besides those of every event; `spend` has amount and currency as well."""
_DECODERS: Final = {name: msgspec.json.Decoder(kind).decode for name, kind in OWN_TEXTS.items()}


def fault_of(kind: str, tokens: Mapping[str, Raw]) -> Rejected | None:
    """The first fault in the own fields of a governance event: absent, then of the wrong type, then of a wrong value.

    Args:
        kind: One of those with fields of its own.
        tokens: The event's fields as JSON, by name.

    Returns:
        None if there is no fault.
    """
    fields = FIELDS[kind]
    absent = [name for name, field in fields.items() if field.required and name not in tokens]
    if absent:
        hint = hint_of_absent(absent, (name for name in tokens if name not in fields))
        detail = f"required for kind {kind} and absent: {', '.join(absent)}{hint}"
        return Rejected(Reason.MISSING_FIELD, detail, absent[0])
    texts = {name: bytes(tokens[name]).decode() for name in fields if name in tokens}
    for name, text in texts.items():
        if text[0] not in fields[name].begins:
            return Rejected(Reason.BAD_TYPE, f"{name} must be {fields[name].type}, not {type_of(text)}", name)
    for name, text in texts.items():
        wrong = _wrong(name, text, fields[name])
        if wrong:
            return Rejected(Reason.BAD_VALUE, f"{name} {wrong}", name)
    return None


def _wrong(name: str, text: str, field: Field) -> str:
    if field.type == "a number":
        # msgspec has read the whole record before, so this is a number; Python's own reading is exact.
        fits = len(text) <= 400 and math.isfinite(number := float(text)) and abs(number) < GREATEST_VALUE
        return "" if fits else "must be between -10^12 and 10^12"
    if field.type != "a string":
        return ""
    try:
        value = _DECODERS.get(name, _label)(text)
    except msgspec.ValidationError as error:
        return f"is rejected: {error}"
    if name != "text" and (fault := fault_of_control(value)):
        return fault
    if field.options and value not in field.options:
        return f"must be one of: {', '.join(field.options)}{hint_of_option(value, field.options)}"
    return _no_department(name, value)


def _no_department(name: str, value: str) -> str:
    if name == "department" and not is_department_id(value):
        return "must be the id of a department"
    if name == "answer" and value not in (NOBODY, DONT_KNOW) and not is_department_id(value):
        return f'must be the id of a department, "{NOBODY}" or "{DONT_KNOW}"'
    return ""


def details(event: Event) -> str:
    """The own fields of an event as a JSON object in the order of FIELDS; "" where it has none.

    >>> from datetime import UTC, datetime
    >>> details(GovernanceEvent("1", "crm", "case_closed", "web", datetime(2026, 1, 1, tzinfo=UTC), case_id="7",
    ...     resolved=True))
    '{"case_id": "7", "resolved": true}'
    """
    if not isinstance(event, GovernanceEvent):
        return ""
    values = {name: getattr(event, name) for name in FIELDS[event.kind]}
    own = {name: value for name, value in values.items() if value is not UNSET}
    return json.dumps(own, ensure_ascii=False) if own else ""
