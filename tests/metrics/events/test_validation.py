"""A rejection says which field, what was wrong with it and what to do; the first fault in a fixed order wins."""

import json
from typing import Any

import pytest

from metrics.events.decoding import decode_run
from metrics.events.event import Event, LenientEvent, RecordLimits
from metrics.events.rejection import Reason, Rejected
from metrics.events.validation import diagnose
from tests.metrics.events_near import GOOD, STAMP_MS, encoded

LIMITS = RecordLimits()


def rejection(event: object) -> Rejected:
    verdict, unknown = diagnose(encoded(event), LIMITS)
    assert isinstance(verdict, Rejected)
    assert not unknown
    return verdict


def but(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}


# Each has all faults of those after it: fixing one reveals the next.
FAULTS: list[tuple[dict[str, Any], Reason]] = [
    ({"source": ...}, Reason.MISSING_FIELD),
    ({"segment": 7}, Reason.BAD_TYPE),
    ({"kind": "applause"}, Reason.UNKNOWN_KIND),
    ({"event_id": "x" * 65}, Reason.BAD_VALUE),
    ({"touchpoint": "Web"}, Reason.BAD_VALUE),
    ({"currency": "EUR"}, Reason.BAD_VALUE),
    ({"score": 11}, Reason.SCORE_OUT_OF_RANGE),
]


def test_the_first_fault_in_the_order_wins() -> None:
    for first, (_, reason) in enumerate(FAULTS):
        faulty = but(**{name: value for changes, _ in FAULTS[first:] for name, value in changes.items()})
        assert rejection(faulty).reason is reason


def test_a_repeated_key_is_found_before_anything_about_fields() -> None:
    verdict, _ = diagnose(b'{"kind": 1, "kind": 2}', LIMITS)
    assert verdict == Rejected(Reason.BAD_VALUE, "the key 'kind' occurs 2 times: keep one")


def test_a_key_repeated_inside_an_unknown_field_is_none_of_our_business() -> None:
    verdict, unknown = diagnose(encoded(GOOD)[:-1] + b', "x": {"a": 1, "a": 2}}', LIMITS)
    assert isinstance(verdict, Event)
    assert unknown == ["x"]


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        (but(source=..., kind=...), "required and absent: source, kind"),
        (but(score=...), "required for kind nps and absent: score"),
        (but(score="9"), "score must be an integer, not a string"),
        (but(score=9.5), "score must be an integer, not the number 9.5"),
        (but(source=None), "source must be a string, not null"),
        (but(score=11), "score of nps must be 0 to 10, not 11"),
        (but(kind="visit", score=..., count=0), "count must be between 1 and 1000000000"),
        (but(touchpoint="Web"), "touchpoint, of 3 characters, must be a dotted id of a-z 0-9 _ - such as web.cart"),
        (but(kind="visit"), "score goes with nps, csat, ces, not with kind visit"),
        (but(count=1), "count goes with awareness, visit, not nps"),
    ],
)  # fmt: skip
def test_a_detail_names_the_field_and_what_is_allowed(event: dict[str, Any], detail: str) -> None:
    assert rejection(event).detail == detail


def test_a_long_text_is_cut_in_a_detail() -> None:
    assert len(rejection(but(kind="x" * 10_000)).detail) < 300


@pytest.mark.parametrize(
    ("occurred_at", "reason", "detail"),
    [
        ("2026-11-22T10:10:00Z", Reason.IN_FUTURE,
         "occurred_at 2026-11-22T10:10:00+00:00 is 600 s after the record's timestamp, at most 300 s is allowed: "
         "check the publisher's clock"),
        ("2025-01-01T10:00:00Z", Reason.TOO_OLD,
         "occurred_at 2025-01-01T10:00:00+00:00 is 690 days before the record's timestamp, at most 400 are allowed: "
         "publish history with cxb publish --backfill"),
    ],
)  # fmt: skip
def test_an_untimely_event_is_rejected_with_how_far_off_it_is(occurred_at: str, reason: Reason, detail: str) -> None:
    run = decode_run([encoded(but(occurred_at=occurred_at))], [STAMP_MS], LIMITS)
    assert run.rejected == [(0, Rejected(reason, detail, "occurred_at"))]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"score": 11}, "score"),
        ({"score": "4"}, "score"),
        ({"kind": "likes"}, "kind"),
        ({"touchpoint": "Web"}, "touchpoint"),
        ({"source": ""}, "source"),
        ({"occurred_at": "2026-11-22"}, "occurred_at"),
        ({"count": 2}, "count"),
        ({"kind": "conversion", "score": ..., "amount": "1"}, "currency"),
        ({"kind": "conversion", "score": ..., "amount": "1", "currency": "eur"}, "currency"),
        ({"kind": "conversion", "score": ..., "amount": "x", "currency": "EUR"}, "amount"),
        ({"kind": "case_opened", "score": ...}, "case_id"),
        ({"kind": "case_opened", "score": ..., "case_id": 1}, "case_id"),
        ({"kind": "case_opened", "score": ..., "case_id": ""}, "case_id"),
    ],
)
def test_a_rejection_names_the_field_at_fault(fields: dict[str, Any], field: str) -> None:
    verdict, _ = diagnose(encoded(but(**fields)), LIMITS)
    assert isinstance(verdict, Rejected)
    assert verdict.field == field


def test_a_sound_event_has_its_unknown_fields_counted() -> None:
    verdict, unknown = diagnose(encoded({**GOOD, "x": 1, "y": [json.dumps(GOOD)]}), LIMITS)
    assert isinstance(verdict, LenientEvent)
    assert unknown == ["x", "y"]
