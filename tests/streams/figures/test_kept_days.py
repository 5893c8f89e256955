"""Folded days that are kept: whatever comes late, figures of a refresher that goes on are those of a new one."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.figures import closed_days, days, kept_days, minutes, snapshot
from streams.figures.closed_days import closed_days as read_everything
from streams.figures.groups import closed_groups
from streams.figures.kept_days import KeptClosedDays
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from tests.streams.figures.test_closed_days import DAY, TOUCHPOINTS, assert_same, dated
from tests.streams.given import event, facts_of

OWNERS = 20
KINDS = ("nps", "visit", "conversion", "csat")
HISTORY = 40


def rules(today: datetime, dates: int = 60) -> CompiledRegistry:
    return dated(today - HISTORY * DAY, dates, OWNERS)


def some(today: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1_200):
        at, touchpoint = today - HISTORY * DAY + timedelta(minutes=number * 48), f"t{number % TOUCHPOINTS}"
        yield event(number, KINDS[number // 7 % 4], at, touchpoint=touchpoint, customer=f"c{number % 50}")


def catch_up(store: Store, compiled: CompiledRegistry) -> None:
    list(minutes.refresh(store, timedelta(seconds=3)))
    list(days.fold(store, compiled.registry.horizons))


@pytest.fixture
def filled(store: Store, today: datetime) -> Store:
    """Forty days of events until today, folded."""
    begin(store, today)
    return store


def begin(store: Store, today: datetime) -> None:
    for table in ("events", "cells", "refreshes", "day_cells", "day_folds", "answers", "repeat_answers"):
        store.command(f"TRUNCATE TABLE {table}")
    store.insert_facts(facts_of(list(some(today)), rules(today)))
    catch_up(store, rules(today))


def late_on(day: datetime, name: str, touchpoints: Sequence[int], **fields: Any) -> list[dict[str, Any]]:
    return [
        event(
            f"{name}-{position}",
            KINDS[number % 4],
            day + timedelta(hours=number % 24),
            touchpoint=f"t{number}",
            **fields,
        )
        for position, number in enumerate(touchpoints)
    ]


class Read:
    """What is read of folded days: how many readings there are, and rows of sums."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of_all = self.rows = 0

        def counted_all(*given: Any) -> Any:
            self.of_all += 1
            return read_everything(*given)

        def counted(*given: Any) -> Any:
            found = closed_groups(*given)
            self.rows += len(found)
            return found

        monkeypatch.setattr(kept_days, "closed_days", counted_all)
        monkeypatch.setattr(closed_days, "closed_groups", counted)


def test_after_a_late_event_the_sums_of_its_departments_are_read_again_and_no_others(
    filled: Store, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, kept, now = rules(today), KeptClosedDays(), today + timedelta(hours=1)
    read = Read(monkeypatch)
    snapshot.compute(filled, compiled, now, closed=kept)
    everything = read.rows
    for number, touchpoint in enumerate((3, 11, 16)):
        read.rows = 0
        late = late_on(today - (5 + number) * DAY, "late", [touchpoint], customer="late")
        filled.insert_facts(facts_of(late, compiled))
        catch_up(filled, compiled)
        taken = snapshot.compute(filled, compiled, now + timedelta(minutes=number), closed=kept)
        assert 0 < read.rows < everything / 2
        assert_same(taken, snapshot.compute(filled, compiled, now + timedelta(minutes=number)))
    assert read.of_all == 1


def test_a_day_that_is_folded_again_and_has_not_changed_is_not_read_again(
    filled: Store, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, kept, now = rules(today), KeptClosedDays(), today + timedelta(hours=1)
    snapshot.compute(filled, compiled, now, closed=kept)
    read, before = Read(monkeypatch), days.clean_folds(filled, compiled.registry.horizons)
    days.mark(filled, [int((today - back * DAY).timestamp()) for back in range(2, 20)])
    list(days.fold(filled, compiled.registry.horizons))
    after = days.clean_folds(filled, compiled.registry.horizons)
    assert sum(after[day] != fold for day, fold in before.items()) == 18
    taken = snapshot.compute(filled, compiled, now, closed=kept)
    assert (read.of_all, read.rows) == (0, 0)
    assert_same(taken, snapshot.compute(filled, compiled, now))


def test_events_of_most_departments_have_everything_read_again(
    filled: Store, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, kept, now = rules(today), KeptClosedDays(), today + timedelta(hours=1)
    read = Read(monkeypatch)
    snapshot.compute(filled, compiled, now, closed=kept)
    filled.insert_facts(facts_of(late_on(today - 9 * DAY, "late", range(TOUCHPOINTS)), compiled))
    catch_up(filled, compiled)
    assert_same(snapshot.compute(filled, compiled, now, closed=kept), snapshot.compute(filled, compiled, now))
    assert read.of_all == 2


def test_what_was_read_while_a_day_was_folded_is_read_again(
    filled: Store, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, kept, now = rules(today), KeptClosedDays(), today + timedelta(hours=1)

    def folded_meanwhile(*given: Any) -> Any:
        filled.insert_facts(facts_of(late_on(today - 9 * DAY, "late", [4]), compiled))
        catch_up(filled, compiled)
        return read_everything(*given)

    with monkeypatch.context() as patched:
        patched.setattr(kept_days, "closed_days", folded_meanwhile)
        snapshot.compute(filled, compiled, now, closed=kept)
    # The late event is taken back, as if another worker's fold had been overtaken.
    filled.command("ALTER TABLE events DELETE WHERE startsWith(event_id, 'e-late') SETTINGS mutations_sync = 2")
    minutes.recompute(filled, [int((today - 9 * DAY + timedelta(hours=4)).timestamp())])
    list(days.fold(filled, compiled.registry.horizons))
    assert_same(snapshot.compute(filled, compiled, now, closed=kept), snapshot.compute(filled, compiled, now))


touchpoints = st.lists(st.integers(0, TOUCHPOINTS), min_size=1, max_size=4)  # the last is in no rule
step = st.one_of(
    st.tuples(st.just("late"), st.integers(1, HISTORY + 3), touchpoints),
    st.tuples(st.just("moved"), st.integers(1, HISTORY), touchpoints),
    st.tuples(st.just("erased"), st.integers(0, 49), st.just([0])),
    st.tuples(st.just("other owners"), st.integers(20, 200), st.just([0])),
)


@pytest.mark.long
@given(steps=st.lists(step, min_size=2, max_size=6))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_comes_late_figures_that_go_on_are_those_of_a_new_start(
    store: Store, today: datetime, steps: list[tuple[str, int, list[int]]]
) -> None:
    begin(store, today)
    compiled, kept, now = rules(today), KeptClosedDays(), today + timedelta(hours=1)
    snapshot.compute(store, compiled, now, closed=kept)
    for number, (what, size, of) in enumerate(steps):
        now += timedelta(minutes=7)
        if what == "other owners":
            compiled = rules(today, size)
        elif what == "erased":
            erase(store, size)
        else:
            # Events of before that are sent again are elsewhere from then on.
            first, name = today - size * DAY, f"late{number}" if what == "late" else "again"
            store.insert_facts(facts_of(late_on(first, name, of), compiled))
        catch_up(store, compiled)
        taken = snapshot.compute(store, compiled, now, live=True, closed=kept)
        assert_same(taken, snapshot.compute(store, compiled, now, live=True))


def erase(store: Store, customer: int) -> None:
    """What the history has of one customer goes."""
    of = f"toUInt32OrZero(substring(event_id, 3)) % 50 = {customer}"
    found = store.query(f"SELECT DISTINCT toUnixTimestamp(toStartOfMinute(occurred_at)) AS at FROM events WHERE {of}")
    store.command(f"ALTER TABLE events DELETE WHERE {of} SETTINGS mutations_sync = 2")
    minutes.recompute(store, sorted(row["at"] for row in found))
