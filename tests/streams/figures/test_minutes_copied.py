"""Answers of customers with several are copied once, and a copy that was cut off is made up for."""

from datetime import timedelta
from typing import Any

import pytest

from metrics.events.pseudonyms import pseudonyms
from streams.figures import minutes
from streams.figures.batches import list_of_minutes
from streams.operations.erase import erase_from_store
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Statement
from tests.streams.given import KEY, NOON, event, facts_of

MARKS = "minute = toDateTime(0, 'UTC') AND touchpoint = ''"
MONTH = timedelta(days=31)


def land(store: Store, compiled: CompiledRegistry, *events: dict[str, Any]) -> None:
    store.insert_facts(facts_of(events, compiled))
    list(minutes.refresh(store, timedelta(0)))


def answer(number: int, months: int = 0, customer: str = "ann", **fields: Any) -> dict[str, Any]:
    return event(number, at=NOON - months * MONTH, customer=customer, **fields)


def count(store: Store, what: str, table: str = "repeat_answers") -> int:
    return int(store.query(f"SELECT count() AS rows FROM {table} WHERE {what}")[0]["rows"])


def assert_all_copied(store: Store) -> None:
    copied, there = (
        store.query(
            f"SELECT * EXCEPT (refreshed_at), toString(refreshed_at) AS version FROM {table} FINAL"
            " WHERE touchpoint != '' ORDER BY minute, touchpoint"
        )
        for table in ("repeat_answers", "answers")
    )
    assert copied == there != []


def test_of_a_customer_whose_answers_are_copied_only_those_that_come_are_written(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.command("SYSTEM STOP MERGES repeat_answers")
    land(store, compiled, *(answer(n, n) for n in range(9)))
    assert (count(store, "n > 0"), count(store, MARKS)) == (9, 1)
    land(store, compiled, answer(10, 10))
    assert (count(store, "n > 0"), count(store, MARKS)) == (10, 1)
    land(store, compiled, answer(10, 10, touchpoint="delivery.van"))
    assert (count(store, "n > 0"), count(store, f"n = 0 AND NOT ({MARKS})")) == (11, 1)
    assert_all_copied(store)


def test_of_a_customer_with_one_answer_nothing_is_copied_until_another_comes(
    store: Store, compiled: CompiledRegistry
) -> None:
    land(store, compiled, answer(1, 3))
    land(store, compiled, answer(2, 3, customer="bob"), answer(3, kind="csat"))
    assert count(store, "true") == 0
    land(store, compiled, answer(4), answer(5, customer="bob"))
    assert (count(store, "n > 0"), count(store, MARKS)) == (4, 2)


def _cut_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that leaves one of several months, and then an error."""
    run = Store.run

    def failing(store: Store, statement: Statement, *arguments: Any, **named: Any) -> None:
        run(store, statement, *arguments, **named)
        if statement is minutes._COPY_REPEATS:
            store.command("ALTER TABLE repeat_answers DELETE WHERE minute < now() - 1 AND toMonth(minute) % 2 = 0"
                          " SETTINGS mutations_sync = 2")  # fmt: skip
            raise OSError("cut off")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "run", failing)
        with pytest.raises(OSError, match="cut off"):
            list(minutes.refresh(store, timedelta(0)))


def test_a_copy_that_was_cut_off_between_months_is_not_taken_for_whole(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.insert_facts(facts_of([answer(n, n) for n in range(6)], compiled))
    _cut_off(store, monkeypatch)
    assert (count(store, "n > 0"), count(store, MARKS)) == (3, 0)
    # Somebody else goes on with what has landed since, and marks nothing that is not whole before all is copied.
    minute_s = int((NOON - 6 * MONTH).timestamp())
    store.insert_facts(facts_of([answer(6, 6)], compiled))
    minutes.recompute(store, [minute_s])
    assert_all_copied(store)
    assert count(store, MARKS) == 1


def test_what_somebody_else_has_not_copied_yet_gets_no_mark(store: Store, compiled: CompiledRegistry) -> None:
    land(store, compiled, answer(1), answer(2, 1))
    store.command(f"ALTER TABLE repeat_answers DELETE WHERE {MARKS} SETTINGS mutations_sync = 2")
    store.command(
        "INSERT INTO answers SELECT * REPLACE (minute + 86400 AS minute) FROM answers LIMIT 1"
    )  # of whom has not come to copying yet
    at = {"first": "2000-01-01 00:00:00", "last": "2100-01-01 00:00:00"}
    store.run(minutes._MARK_COPIED, at, minutes=list_of_minutes([int(NOON.timestamp())]))
    assert count(store, MARKS) == 0
    store.run(minutes._COPY_REPEATS, at, minutes=list_of_minutes([int(NOON.timestamp())]))
    store.run(minutes._MARK_COPIED, at, minutes=list_of_minutes([int(NOON.timestamp())]))
    assert count(store, MARKS) == 1
    assert_all_copied(store)


def test_with_a_person_the_mark_is_erased_and_what_comes_later_is_copied_again(
    store: Store, compiled: CompiledRegistry
) -> None:
    land(store, compiled, answer(1), answer(2, 1))
    erase_from_store(store, pseudonyms("ann", (KEY,)), lambda: None, NOON + timedelta(hours=1))
    assert count(store, "true") == count(store, "true", "answers") == 0
    later = [event(n, at=NOON + timedelta(days=900, minutes=n), customer="ann") for n in (3, 4)]
    land(store, compiled, *later)
    assert (count(store, "n > 0"), count(store, MARKS)) == (2, 1)
