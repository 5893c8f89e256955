from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.figures.balances import VIEWS, Group
from metrics.figures.days import day_of
from metrics.figures.sums import Sums
from metrics.registry import Horizons
from streams.figures import days, minutes
from streams.figures.closed_days import days_read
from streams.figures.groups import open_groups
from streams.figures.reconcile import mismatched_days
from streams.figures.selection import select
from streams.registry.file import CompiledRegistry
from streams.store.client import NO_PARAMETERS, Store
from streams.store.clock import store_time
from streams.store.statements import Statement
from tests.streams.given import NOON, REGISTRY, event, facts_of, rules_of

HORIZONS = Horizons()
DAY = timedelta(days=1)
AT = NOON + 100 * DAY
RULES = rules_of(REGISTRY)


def refresh(store: Store) -> None:
    list(minutes.refresh(store, timedelta(seconds=3)))


def fold(store: Store, horizons: Horizons = HORIZONS) -> list[tuple[int, int]]:
    return list(days.fold(store, horizons))


def grouped(store: Store, at: datetime, horizons: Horizons = HORIZONS) -> list[Group]:
    selection = select(store, at.timestamp(), RULES.attribution, horizons)
    opened, closed = open_groups(store, selection), days_read(store, selection)
    return [
        Group({view: group.owners[view]}, group.kind, group.sums)
        for view in VIEWS
        for group in (*opened, *closed.groups(view))
    ]


def some(first: int = 0, count: int = 300, **fields: Any) -> Iterator[dict[str, Any]]:
    """Events over thirty days: scores, and visits that carry a count."""
    for number in range(first, first + count):
        at = NOON + timedelta(hours=2.4 * (number % 300))
        kind, more = ("visit", {"count": 1 + number % 7}) if number % 3 == 0 else ("nps", {"score": number % 11})
        yield event(number, kind, at, **more, **fields)


def keyed(items: list[Group]) -> dict[tuple[Any, ...], dict[str, float]]:
    """Sums by owner, kind and horizon, the parts by day and by minute added up."""
    added: dict[tuple[Any, ...], dict[str, float]] = {}
    for group in items:
        for horizon, sums in group.sums.items():
            key = (*group.owners.items(), group.kind, horizon)
            parts = added.setdefault(key, {"first": sums.first, "last": sums.last})
            for name in set(Sums.__slots__) - {"first", "last"}:
                parts[name] = parts.get(name, 0) + getattr(sums, name)
            parts["first"], parts["last"] = min(parts["first"], sums.first), max(parts["last"], sums.last)
    return added


def by_minute(store: Store, at: datetime) -> dict[tuple[Any, ...], dict[str, float]]:
    """The same from cells alone: with these half-lives, the same to fifteen digits, nothing was ever folded."""
    other = Horizons(HORIZONS.short_s * (1 + 2**-50), HORIZONS.long_s)
    assert days.clean(store, other) == set()
    return keyed(grouped(store, at, other))


def assert_exact(store: Store, at: datetime = AT) -> None:
    wanted, folded = by_minute(store, at), keyed(grouped(store, at))
    assert folded.keys() == wanted.keys()
    for key, sums in wanted.items():
        assert folded[key] == pytest.approx(sums, rel=1e-9, abs=1e-15), key
        assert folded[key]["n"] == sums["n"]


def test_every_closed_day_is_folded_and_a_second_time_there_is_nothing_to_do(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of(list(some()), compiled))
    refresh(store)
    done = fold(store)
    assert done[-1] == (done[-1][1], done[-1][1])
    assert days.clean(store, HORIZONS) == set(range(day_of(NOON.timestamp()), day_of(store_time(store).timestamp())))
    assert fold(store) == []
    assert mismatched_days(store, HORIZONS, 0) == 0


def test_folded_days_give_what_their_minutes_give_at_any_instant(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(list(some()), compiled))
    refresh(store)
    fold(store)
    for at in (
        AT,
        NOON,
        NOON + DAY / 3,
        NOON + 10 * DAY,
        NOON + 70 * DAY + timedelta(seconds=7),
        NOON + timedelta(days=71, hours=7, seconds=1),
    ):
        assert_exact(store, at)


def test_a_late_event_makes_its_day_be_read_by_minute_until_it_is_folded_again(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of(list(some()), compiled))
    refresh(store)
    fold(store)
    before = days.clean(store, HORIZONS)
    late = event("late", at=NOON + 3 * DAY)
    store.insert_facts(facts_of([late], compiled))
    refresh(store)
    # Looking back a little, a refresh computes again what landed just before: those days are folded again as well.
    assert day_of((NOON + 3 * DAY).timestamp()) in before - days.clean(store, HORIZONS)
    assert_exact(store)
    fold(store)
    assert days.clean(store, HORIZONS) == before
    assert_exact(store)


where = st.fixed_dictionaries({
    "touchpoint": st.sampled_from(("delivery.slot", "delivery.van", "web.cart")),
    "segment": st.sampled_from((None, "smb")),
    "minute": st.integers(0, 24 * 60 - 1),
    "score": st.integers(0, 10),
})  # fmt: skip


def on_days(drawn: list[tuple[int, dict[str, Any]]], name: str) -> list[dict[str, Any]]:
    midnight = NOON.replace(hour=0)
    return [
        event(f"{name}-{number}", at=midnight + day * DAY + timedelta(minutes=fields["minute"]),
              touchpoint=fields["touchpoint"], segment=fields["segment"], score=fields["score"])
        for number, (day, fields) in enumerate(drawn)
    ]  # fmt: skip


@pytest.mark.long
@given(
    first=st.lists(st.tuples(st.integers(0, 20), where), min_size=1, max_size=60),
    late=st.lists(st.tuples(st.integers(0, 3), where), min_size=1, max_size=3),
    days_after=st.floats(0, 120),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_late_events_that_touch_few_combinations_of_a_day_leave_all_of_its_sums_exact(
    store: Store,
    compiled: CompiledRegistry,
    first: list[tuple[int, dict[str, Any]]],
    late: list[tuple[int, dict[str, Any]]],
    days_after: float,
) -> None:
    for table in ("events", "cells", "refreshes", "day_cells", "day_folds"):
        store.command(f"TRUNCATE TABLE {table}")
    at = NOON + timedelta(days=days_after)
    store.insert_facts(facts_of(on_days(first, "first"), compiled))
    refresh(store)
    fold(store)
    store.insert_facts(facts_of(on_days(late, "late"), compiled))
    refresh(store)
    assert_exact(store, at)
    assert fold(store)
    assert_exact(store, at)
    assert mismatched_days(store, HORIZONS, 0) == 0


def test_a_combination_that_a_day_no_longer_has_is_gone_from_its_fold(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(list(some()), compiled))
    refresh(store)
    fold(store)
    store.insert_facts(facts_of(list(some(touchpoint="delivery.moved")), compiled))
    refresh(store)
    fold(store)
    left = grouped(store, AT)
    assert {owner for group in left for owner in group.owners.values()} == {"logistics"}
    assert mismatched_days(store, HORIZONS, 0) == 0


def test_other_half_lives_have_folds_of_their_own(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(list(some()), compiled))
    refresh(store)
    fold(store)
    other = Horizons(short_s=3 * 86_400.0, long_s=30 * 86_400.0)
    direct = keyed(grouped(store, AT, other))
    assert fold(store, other) != []
    folded = keyed(grouped(store, AT, other))
    assert folded.keys() == direct.keys()
    assert all(folded[key] == pytest.approx(direct[key], rel=1e-9, abs=1e-15) for key in direct)
    assert fold(store) == []  # the first ones are still clean


def test_a_fold_that_began_before_a_cell_changed_does_not_pass_for_clean(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of(list(some()), compiled))
    refresh(store)
    began = store_time(store)
    minutes.recompute(store, [int(NOON.timestamp())])
    fold(store)
    minutes.recompute(store, [int(NOON.timestamp())])
    # The note of a slow fold that had begun earlier arrives last.
    columns: dict[str, Sequence[Any]] = {
        "short_s": [HORIZONS.short_s],
        "long_s": [HORIZONS.long_s],
        "day": [NOON.date()],
        "clean": [1],
        "marked_at": [began],
    }
    store.insert("day_folds", tuple(columns), tuple(columns.values()))
    assert day_of(NOON.timestamp()) not in days.clean(store, HORIZONS)


class FoldedMeanwhile(Store):
    """A store in which another worker folds days just before cells are computed again."""

    def run(self, statement: Statement, parameters: Mapping[str, Any] = NO_PARAMETERS, **more: Any) -> None:
        if statement is minutes._RECOMPUTE:
            fold(self)
        super().run(statement, parameters, **more)


def test_a_day_that_is_folded_while_its_cells_are_computed_again_is_folded_once_more(
    store: Store, compiled: CompiledRegistry
) -> None:
    store.insert_facts(facts_of(list(some()), compiled))
    refresh(store)
    store.insert_facts(facts_of([event("late", at=NOON + 3 * DAY)], compiled))
    meanwhile = FoldedMeanwhile(store._settings)
    refresh(meanwhile)
    meanwhile.close()
    assert day_of((NOON + 3 * DAY).timestamp()) not in days.clean(store, HORIZONS)
    assert_exact(store)
    fold(store)
    assert_exact(store)


def test_a_fold_that_differs_from_its_cells_is_found(store: Store, compiled: CompiledRegistry) -> None:
    store.insert_facts(facts_of(list(some()), compiled))
    refresh(store)
    fold(store)
    store.command("ALTER TABLE day_cells UPDATE n = n + 1 WHERE kind = 'nps' SETTINGS mutations_sync = 2")
    assert mismatched_days(store, HORIZONS, 0) == 31


def test_nothing_to_fold_where_there_is_nothing(store: Store) -> None:
    assert fold(store) == []
    assert grouped(store, AT) == []


def test_days_with_many_combinations_are_folded_in_several_statements(
    store: Store, compiled: CompiledRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [event(n, at=NOON + (n % 6) * DAY, touchpoint=f"web.x{n}") for n in range(60)]
    store.insert_facts(facts_of(sent, compiled))
    refresh(store)
    monkeypatch.setattr(days, "FOLDED_AT_ONCE", 25)
    # Ten on each of six days: two days at a time, then all the days without any.
    done = [folded for folded, _ in fold(store)]
    assert done[:2] == [2, 4]
    assert all(later - earlier <= days.DAYS_AT_ONCE for earlier, later in pairwise(done))
    assert_exact(store)
    monkeypatch.setattr(days, "FOLDED_AT_ONCE", 5)
    store.command("TRUNCATE TABLE day_folds")
    assert [folded for folded, _ in fold(store)][:7] == [1, 2, 3, 4, 5, 6, 6 + days.DAYS_AT_ONCE]
    assert_exact(store)
