"""Invitations and notes of the simulated company: accepted, in order, and nothing else is changed by them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

import msgspec

from metrics.events.decoding import decode_run
from metrics.events.event import RecordLimits
from streams.registry.file import load, sample
from streams.simulate.context import NOTES, SURVEYED, with_context
from streams.simulate.events import events
from streams.simulate.governance import endless

END = datetime(2026, 11, 1, tzinfo=UTC)
START = END - timedelta(days=90)
PLAIN = list(events(seed=3, start=START, end=END, count=30_000))
ALL = list(with_context(iter(PLAIN), seed=3, start=START, end=END))
CONTEXT = [event for event in ALL if event["kind"] in ("survey_sent", "note")]


def test_every_other_event_is_as_it_was_and_in_its_order() -> None:
    assert [event for event in ALL if event["kind"] not in ("survey_sent", "note")] == PLAIN


def test_all_are_accepted_and_in_order_and_the_same_for_a_seed() -> None:
    stamps = [datetime.fromisoformat(event["occurred_at"]) for event in ALL]
    assert stamps == sorted(stamps)
    assert stamps[0] >= START
    run = decode_run(
        [msgspec.json.encode(event) for event in CONTEXT],
        [int(datetime.fromisoformat(event["occurred_at"]).timestamp() * 1000) for event in CONTEXT],
        RecordLimits(),
    )
    assert (run.rejected, run.unknown_fields) == ([], 0)
    assert len({event["event_id"] for event in ALL}) == len(ALL)
    assert list(with_context(iter(PLAIN), seed=3, start=START, end=END)) == ALL


def test_about_a_quarter_of_the_invitations_is_answered() -> None:
    sent = {(event["touchpoint"], event["customer"]) for event in CONTEXT if event["kind"] == "survey_sent"}
    answers = {
        (event["touchpoint"], event["customer"])
        for event in PLAIN
        if event["kind"] in ("nps", "csat", "ces") and event["touchpoint"] in SURVEYED
    }
    assert 0.2 < len(sent & answers) / len(sent) < 0.3
    assert 0.02 < len(answers - sent) / len(answers) < 0.2


def test_notes_are_about_what_the_registry_declares() -> None:
    registry = load(sample()).registry
    notes: list[Any] = [event for event in CONTEXT if event["kind"] == "note"]
    assert [event["text"] for event in notes] == [fields["text"] for _, fields in NOTES]
    named = {event["department"] for event in notes if "department" in event}
    assert named <= {department.id for department in registry.departments}
    assert {*SURVEYED, *(event["touchpoint"] for event in notes if "touchpoint" in event)} <= {
        touchpoint.id for touchpoint in registry.touchpoints
    }


def test_the_demo_has_them_without_end() -> None:
    endless_ones = endless(seed=1, start=START, end=START + timedelta(days=2), count=2_000, facts=10)
    kinds = Counter(
        event["kind"] for event in takewhile(lambda event: event["occurred_at"] < "2026-08-08", endless_ones)
    )
    assert kinds["survey_sent"] > 50
