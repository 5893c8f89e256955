"""What the tests of the simulated company share: a history, and the contract's rules for an event, written apart."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from streams.simulate import events

Event = dict[str, object]

SHORT_TERM = {"awareness", "visit", "conversion"}
LONG_TERM = {"nps", "csat", "ces", "referral", "repeat_purchase", "renewal", "churn"}
KINDS = SHORT_TERM | LONG_TERM | {"contact"}
SCORES = {"nps": range(11), "csat": range(1, 6), "ces": range(1, 8)}
LENGTHS = {"event_id": 64, "source": 64, "customer": 128, "journey": 64, "segment": 64, "region": 64}
REQUIRED = {"event_id", "source", "kind", "touchpoint", "occurred_at"}
FIELDS = REQUIRED | set(LENGTHS) | {"score", "amount", "currency", "count"}


def _text_rules(event: Event) -> list[str]:
    broken = [f"{name} missing" for name in REQUIRED - event.keys()]
    broken += [f"unknown field {name}" for name in event.keys() - FIELDS]
    for name, longest in LENGTHS.items():
        value = event.get(name, "x")
        if not (isinstance(value, str) and 1 <= len(value) <= longest):
            broken.append(f"{name} is {value!r}")
    if event.get("kind") not in KINDS:
        broken.append(f"kind is {event.get('kind')!r}")
    touchpoint = str(event.get("touchpoint", ""))
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", touchpoint) or len(touchpoint) > 128:
        broken.append(f"touchpoint is {touchpoint!r}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(event.get("occurred_at"))):
        broken.append(f"occurred_at is {event.get('occurred_at')!r}")
    return broken


def _figure_rules(event: Event) -> list[str]:
    broken = []
    kind = str(event.get("kind"))
    score, count, amount, currency = (event.get(name) for name in ("score", "count", "amount", "currency"))
    if kind in SCORES:
        if not (isinstance(score, int) and score in SCORES[kind]):
            broken.append(f"score of {kind} is {score!r}")
    elif score is not None:
        broken.append(f"{kind} has a score")
    if count is not None and not (kind in {"awareness", "visit"} and isinstance(count, int) and 1 <= count <= 10**9):
        broken.append(f"count of {kind} is {count!r}")
    if (amount is None) != (currency is None) or (amount is not None and kind not in {"conversion", "repeat_purchase"}):
        broken.append(f"amount of {kind} is {amount!r} {currency!r}")
    if amount is not None and not re.fullmatch(r"\d{1,12}(\.\d{1,4})?", str(amount)):
        broken.append(f"amount is {amount!r}")
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", str(currency)):
        broken.append(f"currency is {currency!r}")
    return broken


@pytest.fixture(scope="session")
def broken_rules() -> Callable[[object], list[str]]:
    """The rules of the contract that a decoded event breaks; none for a good one."""

    def broken(event: object) -> list[str]:
        return _text_rules(event) + _figure_rules(event) if isinstance(event, dict) else ["not an object"]

    return broken


@pytest.fixture(scope="session")
def end() -> datetime:
    return datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def history(end: datetime) -> list[Event]:
    """Ninety days of the company."""
    return list(events(seed=7, start=end - timedelta(days=90), end=end, count=60_000))
