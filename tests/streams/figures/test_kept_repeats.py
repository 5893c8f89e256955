"""What is kept of the end of the day before gives the figures that all answers give, or is not taken."""

import random
from datetime import datetime, timedelta

import pytest

from streams.figures import kept_repeats, minutes, repeats, snapshot
from streams.figures.kept_repeats import before
from streams.figures.snapshot import Snapshot
from streams.registry.file import CompiledRegistry
from streams.store.client import Store
from streams.timestamps import from_epoch
from tests.streams.figures.test_recorded_ends import DAYS, Happenings, filled, is_same, land, registries, settle, some
from tests.streams.given import event

__all__ = ("filled", "registries")

AFTER_S = (60, 86_340)


def computed(store: Store, rules: CompiledRegistry, at_s: int, *, carried: bool, live: bool = False) -> Snapshot:
    """The figures, with what is kept wherever it may be taken, or from all answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "ROWS_CARRIED", -1 if carried else 10**9)
        return snapshot.compute(store, rules, from_epoch(at_s), live=live)


def assert_same(store: Store, rules: CompiledRegistry, at_s: int, *, live: bool = False) -> None:
    mine, theirs = (computed(store, rules, at_s, carried=carried, live=live) for carried in (True, False))
    for view, rows in theirs.balances.items():
        assert [pair for pair in zip(mine.balances[view], rows, strict=True) if not is_same(*pair)] == []


def instants(today: datetime) -> list[int]:
    """Some of each day after the first."""
    first = int(today.timestamp()) - (DAYS - 1) * 86_400
    return [midnight + after for midnight in range(first, first + DAYS * 86_400, 86_400) for after in AFTER_S]


def test_figures_that_go_on_from_the_end_of_the_day_before_are_those_of_all_answers(
    filled: Store, registries: list[CompiledRegistry], today: datetime
) -> None:
    rules = registries[0]
    land(filled, rules, *some(random.Random(7), 90, today, today + timedelta(days=1)))
    list(minutes.refresh(filled, timedelta(0)))
    taken = [at_s for at_s in instants(today) if before(filled, rules, at_s) is not None]
    assert len(taken) == len(instants(today)) - 1  # an owner changes in the morning of one day
    for at_s in taken[::3]:
        assert_same(filled, rules, at_s)
        assert_same(filled, rules, at_s + 17, live=True)


def test_only_who_came_or_left_since_is_read_again(
    filled: Store, registries: list[CompiledRegistry], today: datetime
) -> None:
    midnight = int(today.timestamp())
    kept = before(filled, registries[0], midnight + 60)
    assert kept is not None
    assert any(each.added for each in kept.repeats["as_was"].values())
    filled.command("TRUNCATE TABLE repeat_answers")  # of nobody anything has changed: nothing of it is read
    figures = {
        (row.department, row.metric, row.horizon): row.n_eff
        for row in computed(filled, registries[0], midnight + 60, carried=True).balances["as_was"]
    }
    settled = {
        (row.department, row.metric, row.horizon): row.n_eff
        for row in computed(filled, registries[0], midnight + 60, carried=False).balances["as_was"]
    }
    assert figures["company", "nps", "long"] < 0.8 * settled["company", "nps", "long"]


@pytest.mark.long
def test_at_a_change_of_owners_under_other_rules_and_after_late_facts_all_answers_are_read(
    filled: Store, registries: list[CompiledRegistry], today: datetime
) -> None:
    midnight = int(today.timestamp())
    assert before(filled, registries[0], midnight) is None  # the end itself is computed from all answers
    assert before(filled, registries[0], midnight + 60) is not None
    assert before(filled, registries[1], midnight + 60) is not None  # another target changes nothing
    assert before(filled, registries[2], midnight + 60) is None
    land(filled, registries[0], event("late", "nps", today - timedelta(days=3), customer="c1"))
    list(minutes.refresh(filled, timedelta(0)))
    assert before(filled, registries[0], midnight + 60) is None
    settle(filled, registries[0])
    assert before(filled, registries[0], midnight + 60) is not None
    assert_same(filled, registries[0], midnight + 60)


def test_rows_of_another_writing_or_none_are_not_taken(
    filled: Store, registries: list[CompiledRegistry], today: datetime
) -> None:
    at_s = int(today.timestamp()) + 60
    kept = before(filled, registries[0], at_s)
    assert kept is not None
    kept_repeats.record_repeats(filled, kept.repeats, today.date() - timedelta(days=1), today + timedelta(days=2))
    assert before(filled, registries[0], at_s) is None
    filled.command("TRUNCATE TABLE day_repeats")
    assert before(filled, registries[0], at_s) is None
    assert_same(filled, registries[0], at_s)


def test_a_part_that_stands_for_all_is_the_same_part_all_day(
    store: Store, registries: list[CompiledRegistry], today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "ROWS_READ", 10)
    monkeypatch.setattr(repeats, "MOST_REPEATING", 20)
    rng, rules = random.Random(3), registries[0]
    history = [
        event(f"{n}-{again}", "nps", today - timedelta(hours=rng.randrange(1, 40)), customer=f"c{n}", score=9)
        for n in range(120) for again in range(2)
    ]  # fmt: skip
    land(store, rules, *history)
    settle(store, rules)
    land(store, rules, *(event(f"{n}-now", "nps", today, customer=f"c{n}", score=9) for n in range(30)))
    list(minutes.refresh(store, timedelta(0)))
    assert_same(store, rules, int(today.timestamp()) + 600)
    found = computed(store, rules, int(today.timestamp()) + 600, carried=True)
    assert {row.sampled_one_in for row in found.balances["as_was"] if row.department == "company"} == {6}


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_in_whatever_order_what_is_kept_gives_what_all_answers_give(
    store: Store, registries: list[CompiledRegistry], today: datetime, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, rules = random.Random(seed), registries[0]
    land(store, rules, *some(rng, 150, today - timedelta(days=DAYS), today))
    settle(store, rules)
    happenings, taken = Happenings(store, today, rng, monkeypatch), 0
    for _ in range(8):
        happenings.one(rules)
        rules = rng.choice((rules, rules, *registries))
        for at_s in rng.sample(instants(today), 3):
            taken += before(store, rules, at_s) is not None
            assert_same(store, rules, at_s)
    assert taken > 0
