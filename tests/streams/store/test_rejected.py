from datetime import UTC, datetime, timedelta

import pytest

from streams.store import rejected
from streams.store.client import Store
from streams.store.rejected import Selection

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


def row(
    offset: int, reason: str = "bad_value", partition: int = 0, minutes: int = 0, **fields: object
) -> dict[str, object]:
    return {
        "rejected_at": NOW + timedelta(minutes=minutes), "reason": reason, "detail": "because", "topic": "t",
        "partition": partition, "offset": offset, "payload": "{}", "fingerprint": 1000 + offset, "customer": "",
        "resolved_at": None,
    } | fields  # fmt: skip


def land(store: Store, rows: list[dict[str, object]]) -> None:
    """Lands rows that were rejected when they say."""
    store.insert("rejected", list(rows[0]), [[row[name] for row in rows] for name in rows[0]])


@pytest.fixture
def refused(store: Store) -> Store:
    rows = [
        row(0), row(1, "not_json"), row(2, "too_old", minutes=5), row(7, partition=1, minutes=10),
        row(3, topic="other"), row(9, "too_old", resolved_at=NOW),
    ]  # fmt: skip
    land(store, rows)
    return store


def test_the_latest_come_first_and_what_went_through_again_is_off_the_list(refused: Store) -> None:
    rows = rejected.latest(refused, None, 3)
    assert [row.offset for row in rows] == [7, 2, 3]
    assert set(rows[0].as_dict()) == {"rejected_at", "reason", "detail", "topic", "partition", "offset", "payload"}
    assert [row.offset for row in rejected.latest(refused, "not_json", 9)] == [1]
    assert rejected.latest(refused, "' OR 1=1 --", 9) == []


def test_a_text_is_looked_for_as_it_is_in_detail_and_payload_and_case_does_not_matter(store: Store) -> None:
    land(store, [row(0) | {"detail": "100 % of \\ÀB'"}, row(1) | {"payload": "{àb}"}, row(2)])
    for text, offsets in (("àb", [1, 0]), ("ÀB'", [0]), ("100 %", [0]), ("\\", [0]), ("% of _", []), ("\x00", [])):
        assert [found.offset for found in rejected.latest(store, None, 9, text)] == offsets, text


def test_a_summary_counts_by_reason_and_partition_what_is_on_the_list(refused: Store) -> None:
    rows = rejected.summary(refused)
    counts = {(row.reason, row.topic, row.partition): row.events for row in rows}
    assert counts == {
        ("bad_value", "t", 0): 1, ("bad_value", "t", 1): 1, ("bad_value", "other", 0): 1, ("not_json", "t", 0): 1,
        ("too_old", "t", 0): 1,
    }  # fmt: skip
    land(refused, [row(20, "too_old", minutes=20)])
    assert (rejected.summary(refused)[0].events, rejected.summary(refused)[0].reason) == (2, "too_old")
    assert rejected.summary(refused)[0].last_at == NOW + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("selection", "offsets"),
    [
        (Selection(), {0, 1, 2, 3, 7}),
        (Selection(reason="too_old"), {2}),
        (Selection(since=NOW + timedelta(minutes=5)), {2, 7}),
        (Selection(until=NOW + timedelta(minutes=5)), {0, 1, 3}),
        (Selection(partition=1), {7}),
        (Selection(partition=0, first=1, last=2), {1, 2}),
    ],
)
def test_each_condition_of_a_selection_narrows(refused: Store, selection: Selection, offsets: set[int]) -> None:
    positions = rejected.selected(refused, selection)
    assert {position[2] for position in positions} == offsets
    assert all(position[3] == 1000 + position[2] for position in positions)


def test_of_some_records_those_are_told_that_were_refused(refused: Store) -> None:
    matches = rejected.of_records(refused, "t", {0: [0, 1, 5], 1: [], 2: [0]}, NOW)
    assert sorted(matches) == [(0, 0, "bad_value"), (0, 1, "not_json")]


def test_a_record_between_two_asked_for_is_not_told(refused: Store) -> None:
    assert rejected.of_records(refused, "t", {0: [0, 2]}, NOW) == [(0, 0, "bad_value"), (0, 2, "too_old")]


def test_refusals_of_an_earlier_log_are_not_told(refused: Store) -> None:
    assert rejected.of_records(refused, "t", {0: [0, 1, 2]}, NOW + timedelta(minutes=5)) == [(0, 2, "too_old")]


def test_the_same_record_refused_again_is_one_row(store: Store) -> None:
    for minutes in (0, 1):
        land(store, [row(0, minutes=minutes)])
    assert len(rejected.latest(store, None, 10)) == 1


def test_another_record_at_the_same_offset_is_another_row(store: Store) -> None:
    land(store, [row(0), row(0, fingerprint=5)])
    assert len(rejected.latest(store, None, 10)) == 2
