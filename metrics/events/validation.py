"""Validation: the careful reading of a record that the fast path did not accept.

It finds the first fault, in a fixed order: size, JSON, object, repeated key, missing field, type, kind, value, rules
between fields, score. There may be none: records with unknown fields, escapes or unusual amounts come here as well,
and so do all kinds with fields of their own.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import UNSET, Raw

from metrics.catalogue import ALL_KINDS, AMOUNT_KINDS, COUNTED_KINDS, NOTE, SCORE_RANGES
from metrics.durations import DAY_S
from metrics.events.characters import fault_of_control, lone_surrogate
from metrics.events.event import (
    CURRENCY,
    LAST_SECOND,
    Count,
    Customer,
    Event,
    Id,
    Instant,
    Label,
    LenientEvent,
    RecordLimits,
    amount_of,
    is_touchpoint,
    occurred_ms,
)
from metrics.events.governance_fields import FIELDS, GovernanceEvent, fault_of
from metrics.events.leap_seconds import leapless
from metrics.events.masking import shown_kind, shown_name
from metrics.events.nearest import hint_of_absent
from metrics.events.rejection import Reason, Rejected
from metrics.events.shapes import LONGEST_NUMBER, type_of

REQUIRED: Final = ("event_id", "source", "kind", "touchpoint", "occurred_at")
TEXTS: Final[Mapping[str, object]] = {
    "event_id": Label,
    "source": Label,
    "kind": str,
    "touchpoint": Id,
    "occurred_at": Instant,
    "customer": Customer,
    "journey": Label,
    "currency": str,
    "segment": Label,
    "region": Label,
}
INTEGERS: Final = ("score", "count")
KNOWN: Final = frozenset((*TEXTS, *INTEGERS, "amount"))
INTEGER: Final = re.compile(r"-?\d+")
MAX_DIGITS: Final = 18
MONEY_KINDS: Final = AMOUNT_KINDS | {"spend"}

_well_formed = msgspec.json.Decoder(Raw).decode
_tokens = msgspec.json.Decoder(dict[str, Raw]).decode
_lenient = msgspec.json.Decoder(LenientEvent).decode
_governance = msgspec.json.Decoder(GovernanceEvent).decode
_VALUES: Final = {name: msgspec.json.Decoder(kind) for name, kind in TEXTS.items()}
_COUNT: Final = msgspec.json.Decoder(Count)


def diagnose(value: bytes | None, limits: RecordLimits) -> tuple[Event | Rejected, Sequence[str]]:
    """The careful verdict on one record.

    Args:
        value: The record's value; None for a tombstone.
        limits: The size and age that a record may have.

    Returns:
        The event, or why it is rejected; and the names of unknown fields that were ignored.
    """
    readable = _read(value, limits)
    if isinstance(readable, Rejected):
        return readable, ()
    text, tokens = readable
    fault = repeated_key(text)
    if fault is None and (before := leapless(tokens)) is not None:
        text, tokens = msgspec.json.encode(before).decode(), before
    fault = fault or _missing(tokens) or _mistyped(tokens) or _bad_kind(tokens) or _bad_value(tokens)
    if fault is not None:
        return fault, ()
    kind = _VALUES["kind"].decode(tokens["kind"])
    own = FIELDS.get(str(kind))
    fault = fault_of(str(kind), tokens) if own is not None else None
    if fault is not None:
        return fault, ()
    event = _lenient(text) if own is None else _governance(_only(tokens, KNOWN | own.keys()))
    strangers = [name for name in tokens if name not in KNOWN and name not in (own or ())]
    fault = _bad_combination(event, strangers) or _bad_money(event, strangers) or _bad_score(event)
    return fault or event, strangers


def untimely(event: Event, timestamp_ms: int, limits: RecordLimits) -> Rejected:
    """The rejection of an event that occurred too long before its record, or after it.

    Args:
        event: A valid event.
        timestamp_ms: The record's Kafka timestamp, milliseconds since 1970.
        limits: How far apart the two may be; the event is outside these limits.
    """
    ahead_ms = occurred_ms(event) - timestamp_ms
    stamp = event.occurred_at.isoformat()
    if ahead_ms > limits.max_ahead_ms:
        return Rejected(
            Reason.IN_FUTURE,
            f"occurred_at {stamp} is {ahead_ms / 1000:.0f} s after the record's timestamp, "
            f"at most {limits.max_ahead_ms / 1000:.0f} s is allowed: check the publisher's clock",
            "occurred_at",
        )
    return Rejected(
        Reason.TOO_OLD,
        f"occurred_at {stamp} is {-ahead_ms / (DAY_S * 1000):.0f} days before the record's timestamp, at most "
        f"{limits.max_age_ms / (DAY_S * 1000):.0f} are allowed: publish history with cxb publish --backfill",
        "occurred_at",
    )


def _read(value: bytes | None, limits: RecordLimits) -> Rejected | tuple[str, dict[str, Raw]]:
    if not value:
        return Rejected(Reason.NOT_JSON, "the value is empty: an event is a JSON object")
    if len(value) > limits.max_bytes:
        return Rejected(Reason.TOO_LARGE, f"the value has {len(value)} bytes, at most {limits.max_bytes} are allowed")
    return _parse(value)


def _parse(value: bytes) -> Rejected | tuple[str, dict[str, Raw]]:
    try:
        text = value.decode()
        _well_formed(value)
        tokens = _tokens(value) if text.lstrip(" \t\r\n").startswith("{") else None
    except UnicodeDecodeError as error:
        return Rejected(Reason.NOT_JSON, f"not UTF-8 at byte {error.start}")
    except msgspec.DecodeError as error:
        return Rejected(Reason.NOT_JSON, lone_surrogate(text) or str(error))
    except RecursionError:
        return Rejected(Reason.NOT_JSON, "nested too deeply to be read: an event is a flat object")
    if tokens is None:
        return Rejected(Reason.NOT_AN_OBJECT, "an event is a JSON object { ... }")
    return text, tokens


def repeated_key(text: str) -> Rejected | None:
    """The rejection of an object of which a key occurs twice: a reader would silently keep one of them.

    Args:
        text: A JSON object.
    """
    names: list[str] = []

    def note(pairs: list[tuple[str, object]]) -> None:
        names[:] = [name for name, _ in pairs]  # the outermost object is closed last

    try:
        json.loads(text, object_pairs_hook=note, parse_int=str, parse_float=str)
    except RecursionError:
        return Rejected(Reason.NOT_JSON, "nested too deeply to be read: an event is a flat object")
    for name, times in Counter(names).items():
        if times > 1:
            return Rejected(Reason.BAD_VALUE, f"the key {shown_name(name)!r} occurs {times} times: keep one")
    return None


def _missing(tokens: Mapping[str, Raw]) -> Rejected | None:
    absent = [name for name in REQUIRED if name not in tokens]
    if absent == ["touchpoint"] and _token(tokens, "kind") == f'"{NOTE}"':
        return None  # it is about a department, or about everything
    if not absent:
        return None
    hint = hint_of_absent(absent, (name for name in tokens if name not in KNOWN))
    return Rejected(Reason.MISSING_FIELD, f"required and absent: {', '.join(absent)}{hint}", absent[0])


def _mistyped(tokens: Mapping[str, Raw]) -> Rejected | None:
    for name in TEXTS:
        if name in tokens and _token(tokens, name)[0] != '"':
            return _wrong_type(name, "a string", tokens)
    for name in INTEGERS:
        if name in tokens and not INTEGER.fullmatch(_token(tokens, name)):
            return _wrong_type(name, "an integer", tokens)
    if "amount" in tokens and _token(tokens, "amount")[0] not in '"-0123456789':
        return _wrong_type("amount", "a decimal string or a number", tokens)
    return None


def _wrong_type(name: str, wanted: str, tokens: Mapping[str, Raw]) -> Rejected:
    return Rejected(Reason.BAD_TYPE, f"{name} must be {wanted}, not {type_of(_token(tokens, name))}", name)


def _bad_kind(tokens: Mapping[str, Raw]) -> Rejected | None:
    kind = _VALUES["kind"].decode(tokens["kind"])
    if kind in ALL_KINDS:
        return None
    shown = shown_kind(str(kind))
    detail = f"the kind {shown}{'' if shown.endswith('?') else ';'} known: {' '.join(ALL_KINDS)}"
    return Rejected(Reason.UNKNOWN_KIND, detail, "kind")


def _bad_value(tokens: Mapping[str, Raw]) -> Rejected | None:
    for name, decoder in _VALUES.items():
        if name in tokens:
            try:
                value = decoder.decode(tokens[name])
            except msgspec.ValidationError as error:
                return Rejected(Reason.BAD_VALUE, f"{name}: {error}", name)
            if isinstance(value, str) and (fault := fault_of_control(value)):
                return Rejected(Reason.BAD_VALUE, f"{name} {fault}", name)
    if "count" in tokens and not _in_range(tokens, "count", 1, 1_000_000_000):
        return Rejected(Reason.BAD_VALUE, "count must be between 1 and 1000000000", "count")
    if "score" in tokens and not _in_range(tokens, "score", -(2**31), 2**31):
        return Rejected(Reason.SCORE_OUT_OF_RANGE, f"score has {len(_token(tokens, 'score'))} digits", "score")
    return None


def _in_range(tokens: Mapping[str, Raw], name: str, low: int, high: int) -> bool:
    token = _token(tokens, name)
    return len(token) <= MAX_DIGITS and low <= int(token) <= high


def _bad_combination(event: Event, strangers: Sequence[str]) -> Rejected | None:
    if event.touchpoint and not is_touchpoint(event.touchpoint):
        return Rejected(
            Reason.BAD_VALUE,
            f"touchpoint, of {len(event.touchpoint)} characters, must be a dotted id of a-z 0-9 _ - such as web.cart",
            "touchpoint",
        )
    if not 0 <= occurred_ms(event) // 1000 <= LAST_SECOND:
        return Rejected(Reason.BAD_VALUE, "occurred_at must lie between 1970 and 2106", "occurred_at")
    if event.kind in SCORE_RANGES and event.score is UNSET:
        hint = hint_of_absent(["score"], strangers)
        return Rejected(Reason.MISSING_FIELD, f"required for kind {event.kind} and absent: score{hint}", "score")
    if event.kind not in SCORE_RANGES and event.score is not UNSET:
        detail = f"score goes with {', '.join(SCORE_RANGES)}, not with kind {event.kind}"
        return Rejected(Reason.BAD_VALUE, detail, "score")
    if event.count is not UNSET and event.kind not in COUNTED_KINDS:
        detail = f"count goes with {', '.join(sorted(COUNTED_KINDS))}, not {event.kind}"
        return Rejected(Reason.BAD_VALUE, detail, "count")
    return None


def _bad_money(event: Event, strangers: Sequence[str]) -> Rejected | None:
    kind: str = event.kind
    absent = [name for name in ("amount", "currency") if getattr(event, name) is UNSET]
    if len(absent) == 2 and kind != "spend":
        return None
    if kind not in MONEY_KINDS:
        return Rejected(Reason.BAD_VALUE, f"amount goes with {', '.join(sorted(MONEY_KINDS))}, not {kind}", "amount")
    if absent:
        detail = f"amount and currency go together, absent: {', '.join(absent)}{hint_of_absent(absent, strangers)}"
        return Rejected(Reason.MISSING_FIELD, detail, absent[0])
    if not CURRENCY.fullmatch(str(event.currency)):
        return Rejected(Reason.BAD_VALUE, "currency must be three capital letters (ISO 4217), such as EUR", "currency")
    try:
        amount_of(event)
    except ValueError as error:
        return Rejected(Reason.BAD_VALUE, f"amount {error}", "amount")
    return None


def _bad_score(event: Event) -> Rejected | None:
    span = SCORE_RANGES.get(event.kind)
    if span is None or event.score is UNSET or span[0] <= event.score <= span[1]:
        return None
    text = str(event.score)
    actual = text if len(text) <= LONGEST_NUMBER else type_of(text)
    return Rejected(
        Reason.SCORE_OUT_OF_RANGE, f"score of {event.kind} must be {span[0]} to {span[1]}, not {actual}", "score"
    )


def _only(tokens: Mapping[str, Raw], names: Collection[str]) -> bytes:
    # The fields of the other kinds are unknown here, and may hold anything.
    touchpoint = {"touchpoint": Raw(b'""')}  # where there is none: of a note
    return msgspec.json.encode(touchpoint | {name: token for name, token in tokens.items() if name in names})


def _token(tokens: Mapping[str, Raw], name: str) -> str:
    return bytes(tokens[name]).decode()
