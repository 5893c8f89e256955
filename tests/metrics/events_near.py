# ruff: noqa: E501  (tables of cases read best a line each)
"""Events near a valid one, and an independent validator: the contract's rules read off one by one."""

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from hypothesis import strategies as st

STAMP = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
OLDEST, LATEST = (STAMP.replace(tzinfo=None) + timedelta(days=days) for days in (-410, 1))
STAMP_MS = int(STAMP.timestamp() * 1000)
KINDS = (
    "awareness", "visit", "conversion", "nps", "csat", "ces", "referral", "repeat_purchase", "renewal", "churn", "contact",
)  # fmt: skip
GOVERNANCE: dict[str, dict[str, Any]] = {
    "ownership_answer": {"answer": "sales", "role": "manager"},
    "success_answer": {"metric": "nps", "value": 55},
    "spend": {"category": "surveys", "amount": "12.50", "currency": "EUR"},
    "case_opened": {"case_id": "c-1"},
    "case_closed": {"case_id": "c-1", "resolved": True},
    "survey_sent": {},
    "note": {"text": "Campaign began"},
}
METRICS = (
    "nps", "csat", "ces", "referrals", "repeat_rate", "retention", "awareness", "traffic", "conversions", "conversion_rate",
)  # fmt: skip
GOOD: dict[str, Any] = {
    "event_id": "e-1",
    "source": "web-shop",
    "kind": "nps",
    "touchpoint": "web.checkout",
    "occurred_at": "2026-11-22T09:59:30.250Z",
    "score": 9,
}
SPANS = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


def encoded(event: object) -> bytes:
    """An event as published."""
    return json.dumps(event).encode()


def is_valid(event: object) -> bool:
    """Whether the contract accepts an event in a record stamped STAMP; slow and separate from the code under test."""
    if not isinstance(event, dict):
        return False
    texts = {
        "event_id": 64,
        "source": 64,
        "touchpoint": 128,
        "customer": 128,
        "journey": 64,
        "segment": 64,
        "region": 64,
    }
    is_note = event.get("kind") == "note"
    for name in ("event_id", "source", "kind", "touchpoint", "occurred_at"):
        if name not in event and not (is_note and name == "touchpoint"):
            return False
    for name, longest in texts.items():
        shortest = 0 if name == "customer" else 1  # an empty one stands for nobody
        if name in event and not (isinstance(event[name], str) and shortest <= len(event[name]) <= longest):
            return False
        if any(unicodedata.category(letter) == "Cc" for letter in event.get(name, "")):
            return False
    if event["kind"] not in (*KINDS, *GOVERNANCE) or not re.fullmatch(
        r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", event.get("touchpoint", "none")
    ):
        return False
    return _is_timely(event["occurred_at"]) and _scores(event) and _counts(event) and _money(event) and _governs(event)


def _is_timely(text: object) -> bool:
    if not isinstance(text, str) or not re.fullmatch(
        r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)", text
    ):
        return False
    is_leap = text[16:19] == ":60"
    text = text[:16] + ":59" + text[19:] if is_leap else text
    try:
        at = datetime.fromisoformat(text.upper().replace(" ", "T"))
        clock = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    if is_leap and (clock.hour, clock.minute) != (23, 59):
        return False
    return STAMP - timedelta(days=400) <= at <= STAMP + timedelta(minutes=5)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _scores(event: dict[str, Any]) -> bool:
    if event["kind"] not in SPANS:
        return "score" not in event
    low, high = SPANS[event["kind"]]
    return _is_integer(event.get("score")) and low <= event["score"] <= high


def _counts(event: dict[str, Any]) -> bool:
    if "count" not in event:
        return True
    return event["kind"] in ("awareness", "visit") and _is_integer(event["count"]) and 1 <= event["count"] <= 10**9


def _money(event: dict[str, Any]) -> bool:  # noqa: PLR0911  (a rule a line)
    if "amount" not in event and "currency" not in event:
        return True
    if event["kind"] not in ("conversion", "repeat_purchase", "spend"):
        return False
    amount, currency = event.get("amount"), event.get("currency")
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        return False
    if isinstance(amount, str):
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", amount):
            return False
    elif not isinstance(amount, (int, float)) or isinstance(amount, bool):
        return False
    try:
        exact = Decimal(amount if isinstance(amount, str) else repr(amount))
    except InvalidOperation:
        return False
    return 0 <= exact < 10**12 and (exact * 10**4) % 1 == 0


def _is_text(value: object) -> bool:
    is_visible = isinstance(value, str) and not any(unicodedata.category(letter) == "Cc" for letter in value)
    return is_visible and isinstance(value, str) and 1 <= len(value) <= 64


def _governs(event: dict[str, Any]) -> bool:  # noqa: PLR0911  (a rule a kind)
    kind = event["kind"]
    if any(name not in event for name in GOVERNANCE.get(kind, ())):
        return False
    if kind == "ownership_answer":
        answer = event["answer"]
        named = isinstance(answer, str) and (answer in ("nobody", "don't know") or re.fullmatch(r"[a-z0-9_-]+", answer))
        return (
            bool(named)
            and _is_text(event["role"])
            and event.get("facet", "voice") in ("voice", "delivery", "oversight")
        )
    if kind == "success_answer":
        value = event["value"]
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return event["metric"] in METRICS and number and abs(value) < 10**12
    if kind == "note":
        department = event.get("department", "it")
        named = isinstance(department, str) and re.fullmatch(r"[a-z0-9_-]+", department)
        return bool(named) and isinstance(event["text"], str) and 1 <= len(event["text"]) <= 500
    if kind == "spend":
        return _is_text(event["category"])
    if kind == "case_closed" and not all(
        isinstance(event.get(name, True), bool) for name in ("resolved", "confirmed_by_customer")
    ):
        return False
    return kind not in ("case_opened", "case_closed") or _is_text(event["case_id"])


_texts = st.one_of(
    st.text(max_size=3),
    st.sampled_from(["", "x" * 64, "x" * 65, "x" * 128, "x" * 129, "smb", "é", '"', "\\", "a\nb", "\x7f", "\x85", "°"]),
)
_numbers = st.one_of(
    st.integers(-3, 12),
    st.sampled_from([1e3, 9.0, -0.0, 0.00005, 12.5, 10**9, 10**9 + 1, 10**12, 999999999999.9999, 10**30, True, None]),
)
_values = {
    "event_id": _texts,
    "source": _texts,
    "kind": st.one_of(st.sampled_from((*KINDS, *GOVERNANCE)), st.sampled_from(["NPS", "", "applause"]), _numbers),
    "touchpoint": st.sampled_from(["web.cart", "a", "A", "a..b", ".a", "a.", "web cart", "x" * 128, "x" * 129, "", 7, None]),
    "occurred_at": st.one_of(
        st.datetimes(OLDEST, LATEST).map(lambda at: at.isoformat() + "Z"),
        st.sampled_from(
            ["2026-11-22T09:00:00", "2026-11-22T11:00:00+01:30", "2026-11-22 09:00:00z", "yesterday", "", 1, None,
             "2026-11-22T10:05:00Z", "2026-11-22T10:05:00.001Z", "2025-10-18T10:00:00Z", "2025-10-18T09:59:59.999Z",
             "2026-11-21T23:59:60Z", "2026-11-22T00:59:60.25+01:00", "2026-11-21T22:59:60Z"]
        ),
    ),
    "customer": st.one_of(_texts, _numbers),
    "journey": _texts,
    "score": st.one_of(_numbers, _texts),
    "amount": st.one_of(_numbers, st.sampled_from(["12.50", "1e3", " 1", "1_000", "-1", "0.12345", "1" * 12, "1" * 13, "٣"])),
    "currency": st.sampled_from(["EUR", "eur", "EURO", "", 978, None]),
    "count": _numbers,
    "segment": _texts,
    "region": _texts,
    "answer": st.one_of(_texts, st.sampled_from(["it", "nobody", "don't know", "I.T.", "dont know", 3, None])),
    "role": st.one_of(_texts, _numbers),
    "facet": st.sampled_from(["voice", "delivery", "oversight", "", "Voice", 1, None]),
    "metric": st.one_of(st.sampled_from(METRICS), st.sampled_from(["joy", "", 1, None])),
    "value": st.one_of(_numbers, st.sampled_from(["5", True, None, -1e11, 1e300, [1]])),
    "category": st.one_of(_texts, _numbers),
    "case_id": st.one_of(_texts, _numbers),
    "resolved": st.sampled_from([True, False, None, 1, "true"]),
    "confirmed_by_customer": st.sampled_from([True, False, None, 0, "no"]),
    "text": st.one_of(_texts, st.sampled_from(["x" * 500, "x" * 501, "<b>", 3, None])),
    "department": st.one_of(_texts, st.sampled_from(["it", "I.T.", 3, None])),
    "extra": st.one_of(_numbers, _texts, st.lists(_numbers, max_size=2)),
}  # fmt: skip


@st.composite
def near_events(draw: st.DrawFn) -> dict[str, Any]:
    """A valid event with some fields dropped, replaced or added."""
    event = dict(GOOD)
    if draw(st.booleans()):
        kind = draw(st.sampled_from((*KINDS, *GOVERNANCE)))
        event["kind"] = kind
        event.pop("score")
        if kind in SPANS:
            event["score"] = draw(st.integers(*SPANS[kind]))
        event |= GOVERNANCE.get(kind, {})
    for name in draw(st.lists(st.sampled_from(sorted(_values)), max_size=3, unique=True)):
        if draw(st.integers(0, 5)) == 0:
            event.pop(name, None)
        else:
            event[name] = draw(_values[name])
    if draw(st.booleans()) and event.get("kind") == "conversion":
        event |= {"amount": draw(_values["amount"]), "currency": "EUR"}
    return event
