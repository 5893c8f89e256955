"""The event, as services publish it: fields, units and ranges, and the rules between them."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, InvalidOperation
from math import floor
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from metrics.catalogue import AMOUNT_KINDS, COUNTED_KINDS, SCORE_RANGES, Kind
from metrics.durations import DAY_S, MINUTE_S
from metrics.ids import LONGEST_ID, LONGEST_LABEL, is_touchpoint_id

Label = Annotated[str, Meta(min_length=1, max_length=LONGEST_LABEL)]
Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
Customer = Annotated[str, Meta(max_length=LONGEST_ID)]
"""Empty, like other placeholders, it stands for nobody: the event is not worth less for that."""
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Instant = Annotated[datetime, Meta(tz=True)]

CURRENCY: Final = re.compile(r"[A-Z]{3}")
AMOUNT: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
USUAL_AMOUNT: Final = re.compile(rb'"?([0-9]{1,12}(?:\.[0-9]{1,4})?)"?')
"""JSON of an amount that needs no further check: a plain decimal, in range, with at most four decimals."""
MAX_AMOUNT: Final = Decimal(10) ** 12
FOUR_DECIMALS: Final = Decimal("0.0001")
WIDE: Final = Context(prec=40)
LAST_SECOND: Final = 2**32 - 1
"""The store keeps minutes as seconds since 1970 in 32 bits: until 2106-02-07."""
_UNSOUND: Final = -1_000
MAX_KNOWN_TOUCHPOINTS: Final = 50_000
_known_touchpoints: set[str] = set()
_SPANS: Final = dict(SCORE_RANGES)  # a plain dict answers in half the time of a read-only view


class Event(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One touchpoint event, as published. `amount` stays raw until `amount_of` reads it exactly."""

    event_id: Label
    source: Label
    kind: Kind
    touchpoint: Id
    occurred_at: Instant
    customer: Customer | UnsetType = UNSET
    journey: Label | UnsetType = UNSET
    score: int | UnsetType = UNSET
    amount: Raw | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    count: Count | UnsetType = UNSET
    segment: Label | UnsetType = UNSET
    region: Label | UnsetType = UNSET


class LenientEvent(Event, gc=False, forbid_unknown_fields=False):
    """The same, with any further fields next to the known ones."""


@dataclass(frozen=True, slots=True)
class RecordLimits:
    """The limits of a record.

    Attributes:
        max_bytes: Length of the longest value, bytes.
        max_age_ms: An event may have occurred at most this long before its record's timestamp, milliseconds.
        max_ahead_ms: And at most this long after it, milliseconds.
    """

    max_bytes: int = 64 * 1024
    max_age_ms: int = 400 * DAY_S * 1000
    max_ahead_ms: int = 5 * MINUTE_S * 1000


def amount_of(event: Event) -> Decimal | None:
    """The event's amount in units of its currency, exactly as written: 0..10^12; None where there is none.

    Raises:
        ValueError: It is not a plain decimal, is out of range, or has more than 4 decimals.
    """
    if event.amount is UNSET:
        return None
    if usual := USUAL_AMOUNT.fullmatch(event.amount):
        return Decimal(usual[1].decode())
    token = bytes(event.amount).decode()
    if token.startswith('"'):
        text = msgspec.json.decode(token, type=str)
        if not AMOUNT.fullmatch(text):
            raise ValueError("must be a plain decimal such as '12.50'")
    else:
        text = token
    try:
        amount = Decimal(text)
    except InvalidOperation:
        # Not a number at all, or one with an exponent beyond what Decimal can hold.
        raise ValueError("must be a plain decimal such as 12.50") from None
    if not 0 <= amount < MAX_AMOUNT:
        raise ValueError("must be at least 0 and below 10^12")
    if amount != amount.quantize(FOUR_DECIMALS, context=WIDE):
        raise ValueError("must have at most 4 decimals")
    return amount


def occurred_ms(event: Event) -> int:
    """Milliseconds since 1970, cut off from microseconds, so that an event never moves into a later minute."""
    # Until 2106 the rounding errors of the timestamp and of the product are each below a quarter of a microsecond. So
    # half a microsecond more restores whole milliseconds and moves nothing else. Integers would be half as slow again.
    return floor(event.occurred_at.timestamp() * 1000.0 + 0.0005)


def is_touchpoint(text: str) -> bool:
    """Whether a text is a dotted lower-case id.

    >>> is_touchpoint("web.checkout"), is_touchpoint("Web..x")
    (True, False)
    """
    if text in _known_touchpoints:
        return True
    if not is_touchpoint_id(text):
        return False
    # A regular expression on each event costs as much as decoding it. Bounded: the texts come from outside.
    if len(_known_touchpoints) < MAX_KNOWN_TOUCHPOINTS:
        _known_touchpoints.add(text)
    return True


def is_sound(event: Event, value: bytes) -> bool:
    """Whether a decoded event also obeys the rules between fields and those that the decoder cannot check.

    False only means that `metrics.events.validation` has to look: it is never the verdict.
    """
    # An object of distinct known fields without escapes has a known number of quotation marks: two for a key, two more
    # for a text. A repeated key has more. So repeated keys are found, of which the decoder silently keeps the last.
    # The count goes along with the rules: every event pays for it, and a call costs as much as a rule.
    quotes = 20
    kind, score = event.kind, event.score
    span = _SPANS.get(kind)
    if span is None:
        if score is not UNSET:
            return False
    elif score is UNSET or not span[0] <= score <= span[1]:
        return False
    else:
        quotes += 2
    if event.count is not UNSET:
        if kind not in COUNTED_KINDS:
            return False
        quotes += 2
    if event.amount is not UNSET or event.currency is not UNSET:
        quotes += _quotes_of_money(event)
    quotes += 4 * (
        (event.customer is not UNSET)
        + (event.journey is not UNSET)
        + (event.segment is not UNSET)
        + (event.region is not UNSET)
    )
    return value.count(b'"') == quotes and (event.touchpoint in _known_touchpoints or is_touchpoint(event.touchpoint))


def _quotes_of_money(event: Event) -> int:
    """The number of quotation marks of a usual amount with its currency; far below 0 for any other."""
    kind, amount, currency = event.kind, event.amount, event.currency
    if kind not in AMOUNT_KINDS or amount is UNSET or currency is UNSET or not CURRENCY.fullmatch(currency):
        return _UNSOUND
    usual = USUAL_AMOUNT.fullmatch(amount)
    if usual is None:
        return _UNSOUND
    return 8 if usual.start(1) else 6
