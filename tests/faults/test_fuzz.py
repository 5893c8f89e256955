"""A fuzz of the decoder: whatever the bytes, no exception, and the verdict of an independent reader."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from tests.faults.conftest import Outcome, scale
from tests.metrics.events.test_decoding import POISON, SOUND
from tests.metrics.events_near import STAMP_MS, encoded, is_valid, near_events

pytestmark = pytest.mark.faults
LIMITS = RecordLimits()
FIELDS = {
    "event_id", "source", "kind", "touchpoint", "occurred_at", "customer", "journey", "score", "amount", "currency",
    "count", "segment", "region",
}  # fmt: skip
OWN = {
    "ownership_answer": {"answer", "role", "facet"}, "success_answer": {"metric", "value"}, "spend": {"category"},
    "case_opened": {"case_id"}, "case_closed": {"case_id", "resolved", "confirmed_by_customer"},
    "note": {"text", "department"},
}  # fmt: skip
SEEDS = [value for _, value, _ in POISON if value is not None and len(value) < 2000] + [
    value for _, value in SOUND if len(value) < 2000
]
SNIPPETS = (
    b"", b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x9b\x92", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b'"', b'""',
    b"\\", b"\\u0000", b"\\ud800", b"\\ud83d\\uded2", b"\\u0065", b"{", b"}", b"[", b"]", b",", b":", b"-", b"+", b".",
    b"e", b"0", b"9", b"1e400", b"NaN", b"null", b"true", b" ", b"\t", b"\n", b"\x0b", b"T", b"Z", b"+14:00", b"-00:00",
    b"60", b"24", b'"score": 7, ', b'"event_id": "x", ', b"/*",
)  # fmt: skip


class Exact(float):
    """A number as it was written: the contract's decimals are exact."""

    text = ""

    def __repr__(self) -> str:
        return self.text


def _exact(text: str) -> Exact:
    number = Exact(text)
    number.text = text
    return number


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {"": pairs}  # kept apart, so that the outermost object can be asked for repeated keys


def wanted(value: bytes) -> bool:
    """The verdict of Python's own reader and the validator of the contract: slow, and no code of the project."""
    if len(value) > LIMITS.max_bytes:
        return False
    try:
        text = value.decode()
        read = json.loads(
            text, parse_float=_exact, parse_constant=_refuse, object_pairs_hook=_checked
        ) if not text.startswith("\ufeff") else _refuse(text)  # fmt: skip
        json.dumps(read, ensure_ascii=False, default=str).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        return False
    if not isinstance(read, dict):
        return False
    pairs = read[""]
    kind = dict(pairs).get("kind")
    known = FIELDS | (OWN.get(kind, set()) if isinstance(kind, str) else set())
    event = {name: value for name, value in pairs if name in known}
    return len({name for name, _ in pairs}) == len(pairs) and not _nested(event) and is_valid(event)


def _nested(event: dict[str, Any]) -> bool:
    return any(isinstance(value, dict | list) for value in event.values())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A record near a valid one, with pieces of it overwritten, doubled, moved or cut out."""
    value = draw(st.one_of(near_events().map(encoded), st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 3))):
        at, length = draw(st.integers(0, len(value))), draw(st.integers(0, 12))
        other = draw(st.one_of(st.sampled_from(SNIPPETS), st.binary(max_size=4), st.just(value[at : at + length])))
        value = value[:at] + other + value[at + draw(st.sampled_from((0, len(other), length))) :]
    return value


def test_decoder_under_fuzz(outcome: Outcome) -> None:
    seen = {True: 0, False: 0}

    @settings(
        max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(st.lists(damaged(), min_size=1, max_size=8))
    def law(values: list[bytes]) -> None:
        run = decode_run(values, [STAMP_MS] * len(values), LIMITS)
        rejected = {position for position, _ in run.rejected}
        for position, value in enumerate(values):
            assert (position not in rejected) == wanted(value), (value, run.rejected)
            seen[position not in rejected] += 1
        assert len(run.events) + len(rejected) == len(values)
        assert all(rejected.detail for _, rejected in run.rejected)

    began = time.monotonic()
    while time.monotonic() - began < scale(5, 120):
        law()
        outcome.repetitions += 1
    outcome.events = sum(seen.values())
    outcome.notes.append(f"accepted {seen[True]:,}, rejected {seen[False]:,}")
    assert min(seen.values()) > 100


def test_the_independent_reader_knows_poison_from_sound() -> None:
    assert [
        name
        for name, value, _ in POISON
        if value is not None and not re.search(r"digits|nested", name) and wanted(value)
    ] == []
    assert [name for name, value in SOUND if not wanted(value)] == []
