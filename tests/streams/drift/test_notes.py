"""Notes: landed like any event, and read with whom they concern."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from metrics.report.annotations import WrittenNote
from streams.drift import notes
from streams.figures import minutes
from streams.figures.rebuild import rebuild
from streams.figures.reconcile import mismatched_minutes
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.given import NOON, event, facts_of

DAY = timedelta(days=1)
HOSTILE = "<img src=x onerror=alert(1)> \u202e =cmd|' /C calc'!A0 \x1b[31m '; DROP TABLE events --"


def note(number: int, text: str = "Campaign began", at: datetime = NOON, **fields: Any) -> dict[str, Any]:
    return event(number, "note", at, **{"touchpoint": None, "text": text, **fields})


def read(store: Store, compiled: CompiledRegistry) -> list[WrittenNote]:
    return notes.notes(store, compiled, NOON - DAY, NOON + DAY)


def test_a_note_concerns_its_department_the_owner_of_its_touchpoint_then_or_everybody(
    store: Store, compiled: CompiledRegistry
) -> None:
    before = NOON - timedelta(hours=13)  # marketing owned the web until midnight
    sent = [
        note(1),
        note(2, department="logistics", touchpoint="web.checkout", at=NOON + timedelta(hours=1)),
        note(3, touchpoint="web.checkout", at=before),
        note(4, touchpoint="web.checkout", at=NOON + timedelta(hours=2)),
        note(5, touchpoint="fair.stand", at=NOON + timedelta(hours=3)),
    ]
    store.insert_facts(facts_of(sent, compiled))
    assert [(row.touchpoint, set(row.concerns)) for row in read(store, compiled)] == [
        ("web.checkout", {"marketing"}), ("", set()), ("web.checkout", {"logistics"}), ("web.checkout", {"sales"}),
        ("fair.stand", {"unowned"}),
    ]  # fmt: skip


def test_a_text_stays_as_it_was_written_and_is_corrected_by_sending_it_again(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of([note(1, "wrong"), note(2, HOSTILE)], compiled))
    store.insert_facts(facts_of([note(1, "right")], compiled))
    assert {row.text for row in read(store, compiled)} == {HOSTILE, "right"}


def test_only_the_period_is_read_and_of_very_many_the_last(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [note(n, str(n), NOON + n * timedelta(hours=6)) for n in range(-5, 5)]
    store.insert_facts(facts_of(sent, compiled))
    assert [row.text for row in read(store, compiled)] == [str(n) for n in range(-4, 4)]
    monkeypatch.setattr(notes, "MOST_NOTES", 3)
    assert [row.text for row in read(store, compiled)] == ["1", "2", "3"]


def test_a_note_survives_a_rebuild_and_has_no_cell(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of([note(1), note(2, touchpoint="web.checkout"), event(3)], compiled))
    list(minutes.refresh(store, timedelta(seconds=3)))
    list(rebuild(store, compiled, NOON - DAY, NOON + DAY))
    assert mismatched_minutes(store, NOON - DAY, NOON + DAY) == 0
    assert [row["kind"] for row in store.query("SELECT kind FROM cells_latest")] == ["nps"]
    assert len(read(store, compiled)) == 2
