"""Minutes for statements: many where they hold few facts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from metrics.durations import MINUTE_S
from streams.figures import batches, minutes
from streams.figures.batches import MINUTES_AT_ONCE, list_of_minutes, newest_first
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.store.statements import Statement
from tests.streams.given import NOON, event, facts_of

NOON_S = int(NOON.timestamp())


@contextmanager
def counted_statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each statement is run meanwhile."""
    counts, run = Counter[str](), Store.run

    def counted(store: Store, statement: Statement, *arguments: Any, **named: Any) -> None:
        counts[statement.name.rpartition("/")[2]] += 1
        run(store, statement, *arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "run", counted)
        yield counts


@contextmanager
def counted_minutes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[int]]:
    """How often it is asked meanwhile how many facts each minute holds."""
    counts, facts = Counter[int](), batches._facts

    def counted(store: Store, minutes: Sequence[int]) -> list[int]:
        counts.update(minutes)
        return facts(store, minutes)

    with monkeypatch.context() as patched:
        patched.setattr(batches, "_facts", counted)
        yield counts


def test_a_sparse_history_takes_as_few_statements_as_it_has_facts_for(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 2.5 times as many minutes as a statement is about whatever they hold, over a hundred days.
    number = 5 * MINUTES_AT_ONCE // 2
    sent = [event(n, at=NOON - timedelta(minutes=29 * n), customer=f"c{n % 50}") for n in range(number)]
    store.insert_facts(facts_of(sent, compiled))
    with counted_statements(monkeypatch) as counts:
        assert list(minutes.refresh(store, timedelta(0)))[-1] == (len(sent), len(sent))
    assert counts == {
        "mark_days": 2, "recompute_cells": 1, "recompute_answers": 1, "copy_repeats": 1, "mark_copied": 1,
    }  # fmt: skip
    assert store.query("SELECT sum(n) AS n FROM cells FINAL") == [{"n": len(sent)}]


def test_what_holds_many_facts_is_taken_in_several_statements(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MINUTES_AT_ONCE", 3)
    monkeypatch.setattr(batches, "FACTS_AT_ONCE", 10)
    monkeypatch.setattr(batches, "SPARSE_MINUTES_AT_ONCE", 8)
    # The newest minutes hold five facts each, the others one; one has none.
    sizes = [0, *[1] * 19, 5, 5, 5, 5]
    sent = [
        event(f"{minute}-{n}", at=NOON + timedelta(minutes=minute))
        for minute, size in enumerate(sizes)
        for n in range(size)
    ]
    store.insert_facts(facts_of(sent, compiled))
    wanted = [NOON_S + MINUTE_S * minute for minute in range(len(sizes))]
    with counted_minutes(monkeypatch) as counts:
        taken = list(newest_first(store, set(wanted)))
    assert [len(batch) for batch in taken] == [3, 6, 8, 7]
    assert [minute for batch in reversed(taken) for minute in batch] == wanted
    assert counts == dict.fromkeys(wanted, 1)


@pytest.mark.parametrize("every", [1, 7, 59, 61, 700])
def test_minutes_listed_by_hour_are_the_minutes(store: Store, every: int) -> None:
    wanted = [NOON_S + MINUTE_S * every * n for n in range(MINUTES_AT_ONCE + 1)]
    sql = f"SELECT groupArray(number) AS found FROM numbers({MINUTES_AT_ONCE * every + 10})"
    for shift in (0, 1):
        chosen = wanted[shift:]
        given = f"{sql} WHERE toDateTime({NOON_S} + number * 60, 'UTC') IN ({list_of_minutes(chosen).text})"
        assert store.query(given)[0]["found"] == [(minute - NOON_S) // MINUTE_S for minute in chosen]


def test_minutes_close_to_each_other_make_a_short_statement() -> None:
    wanted = [NOON_S + MINUTE_S * n for n in range(10 * MINUTES_AT_ONCE)]
    assert len(list_of_minutes(wanted).text) < 5 * 10 * MINUTES_AT_ONCE
