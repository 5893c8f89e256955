"""The events of the job, and the result of landing them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

START = datetime(2026, 1, 1, tzinfo=UTC)
TOUCHPOINTS, PERIODS, PERIOD_DAYS = 200, 5, 60
EVENT_BYTES = 236
_START_MS = int(START.timestamp() * 1000)
_SPAN_MS = PERIODS * PERIOD_DAYS * 86_400_000
_HIGHEST_SCORE = {"nps": 11, "csat": 5, "ces": 7}
_KINDS = ("nps", "csat", "ces", "visit", "conversion", "contact")
_FAULTS = ("not_json", "missing_field", "unknown_kind", "too_old")


@dataclass
class Expected:
    """What the store and the dead-letter topic must hold when all events have landed."""

    unique: int = 0
    scores: int = 0
    counts: int = 0
    amounts: Decimal = Decimal(0)
    departments: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


def registry_text() -> str:
    """200 touchpoints, each owned in turn by five departments, for 60 days each."""
    lines = ['version = "bench"', 'policy = "single"', 'sponsor = "cmo"']
    for number in range(PERIODS):
        lines += ["[[department]]", f'id = "d{number}"', f'name = "D{number}"', 'office = "front"']
    for touchpoint in range(TOUCHPOINTS):
        for period in range(PERIODS):
            since = START + timedelta(days=PERIOD_DAYS * period)
            lines += ["[[ownership]]", f'touchpoint = "t{touchpoint:03d}.page"', f"from = {since:%Y-%m-%d}"]
            lines.append(f'owner = "{_owner(touchpoint, period)}"')
            if period < PERIODS - 1:
                lines.append(f"to = {since + timedelta(days=PERIOD_DAYS):%Y-%m-%d}")
    return "\n".join(lines) + "\n"


def events(count: int) -> Iterator[tuple[bytes, int]]:
    """Values and timestamps (ms): 1 % are copies of the one before, 0.1 % are bad."""
    for number in range(count):
        named, at_ms = _which(number, count)
        text = event_text(named, at_ms)
        if number % 1000 == 500:
            text = _spoilt(text, _FAULTS[number // 1000 % len(_FAULTS)])
        yield text.encode(), at_ms


def expected(count: int) -> Expected:
    """The result of `events(count)`, by arithmetic that shares nothing with the service."""
    result = Expected()
    for number in range(count):
        if number % 1000 == 500:
            result.reasons[_FAULTS[number // 1000 % len(_FAULTS)]] += 1
        elif number % 100 != 99:
            kind = _KINDS[number % len(_KINDS)]
            result.unique += 1
            result.scores += _score(kind, number) or 0
            result.counts += _count(kind, number)
            result.amounts += Decimal("19.90") if kind == "conversion" else 0
            period = number * _SPAN_MS // count // (PERIOD_DAYS * 86_400_000)
            result.departments[_owner(number % TOUCHPOINTS, period)] += 1
    return result


def event_text(number: int, at_ms: int) -> str:
    """A valid event of EVENT_BYTES bytes."""
    kind = _KINDS[number % len(_KINDS)]
    at = (START + timedelta(milliseconds=at_ms - _START_MS)).isoformat(timespec="milliseconds")
    score = _score(kind, number)
    extra = "" if score is None else f',"score":{score}'
    if kind == "visit":
        extra = f',"count":{_count(kind, number)}'
    elif kind == "conversion":
        extra = ',"amount":"19.90","currency":"EUR"'
    text = (
        f'{{"event_id":"e{number:09d}","source":"bench","kind":"{kind}","touchpoint":"t{number % TOUCHPOINTS:03d}.page"'
        f',"occurred_at":"{at}","customer":"c{number % 5000:06d}","segment":"smb"{extra},"journey":"'
    )
    return text + "j" * (EVENT_BYTES - len(text) - 2) + '"}'


def _which(number: int, count: int) -> tuple[int, int]:
    named = number - 1 if number % 100 == 99 else number
    return named, _START_MS + named * _SPAN_MS // count


def _score(kind: str, number: int) -> int | None:
    highest = _HIGHEST_SCORE.get(kind)
    return None if highest is None else 1 + number // len(_KINDS) % (highest - (kind == "nps"))


def _count(kind: str, number: int) -> int:
    return 1 + number % 9 if kind == "visit" else 1


def _owner(touchpoint: int, period: int) -> str:
    return f"d{(touchpoint + period) % PERIODS}"


def _spoilt(text: str, fault: str) -> str:
    if fault == "not_json":
        return text[:-1]
    if fault == "missing_field":
        return text.replace('"source":', '"sauce":')
    if fault == "unknown_kind":
        return text.replace('"kind":"', '"kind":"un')
    return text.replace('"occurred_at":"2026', '"occurred_at":"2016')
